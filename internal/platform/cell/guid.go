package cell

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// NewGUID returns a random GUID, as each instance has.
func NewGUID() string {
	random := make([]byte, 16)
	rand.Read(random) // never fails
	return guid(random)
}

// AppGUID returns a GUID that only depends on the app's name.
func AppGUID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return guid(sum[:16])
}

func guid(bytes []byte) string {
	bytes[6] = bytes[6]&0x0f | 0x40
	bytes[8] = bytes[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:])
}
