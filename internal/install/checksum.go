package install

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// A Checksum is the expected checksum of a file. The zero value means none.
type Checksum struct {
	algorithm string
	sum       string // lower-case hexadecimal digits
}

var algorithms = map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New}

// ParseChecksum parses a SHA-256 or SHA-512 in hexadecimal digits, alone or after "sha256:" or
// "sha512:".
func ParseChecksum(text string) (Checksum, error) {
	algorithm, sum, named := strings.Cut(text, ":")
	if !named {
		sum = text
		algorithm = map[int]string{2 * sha256.Size: "sha256", 2 * sha512.Size: "sha512"}[len(sum)]
	}
	parsed := Checksum{strings.ToLower(algorithm), strings.ToLower(sum)}
	newHash, known := algorithms[parsed.algorithm]
	_, err := hex.DecodeString(sum)
	if !known || err != nil || len(sum) != 2*newHash().Size() {
		return Checksum{}, fmt.Errorf("found the checksum %q; expected the 64 hexadecimal digits of a SHA-256, or sha512: and 128 of them", text)
	}
	return parsed, nil
}

func (c Checksum) String() string { return c.algorithm + ":" + c.sum }

func (c Checksum) newHash() hash.Hash { return algorithms[c.algorithm]() }

// check compares it with the computed checksum.
func (c Checksum) check(computed hash.Hash) error {
	if found := hex.EncodeToString(computed.Sum(nil)); found != c.sum {
		return &ChecksumError{Found: Checksum{c.algorithm, found}, Want: c}
	}
	return nil
}

// A ChecksumError says that a file does not have the expected checksum.
type ChecksumError struct{ Found, Want Checksum }

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("the checksum is wrong: found %s; expected %s", e.Found, e.Want)
}
