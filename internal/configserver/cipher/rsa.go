package cipher

import (
	"cmp"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
)

// rsaKey decrypts like Spring's RsaSecretEncryptor: the text, in base64, contains a random password encrypted
// with the RSA key, and the value encrypted with that password.
type rsaKey struct {
	private *rsa.PrivateKey
	oaep    bool
	strong  bool
	salt    []byte
}

func newRSA(private *rsa.PrivateKey, s Settings) rsaKey {
	// RsaSecretEncryptor treats a salt that is not hexadecimal as text.
	salt, err := hex.DecodeString(cmp.Or(s.RSASalt, defaultSalt))
	if err != nil {
		salt = []byte(s.RSASalt)
	}
	return rsaKey{private: private, oaep: s.Algorithm == "OAEP", strong: s.Strong, salt: salt}
}

func (k rsaKey) decrypt(text string) (string, error) {
	content, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return "", errors.New("it is not base64, as values encrypted with an RSA key are")
	}
	const lengthBytes = 2
	if len(content) < lengthBytes {
		return "", errWrongKey
	}
	length, content := int(binary.BigEndian.Uint16(content)), content[lengthBytes:]
	if length > len(content) {
		return "", errWrongKey
	}
	password, err := k.decryptPassword(content[:length])
	if err != nil {
		return "", errWrongKey
	}
	block, err := newAES(hex.EncodeToString(password), k.salt)
	if err != nil {
		return "", err
	}
	if k.strong {
		plain, err := decryptGCM(block, content[length:])
		return string(plain), err
	}
	plain, err := decryptCBC(block, content[length:])
	return string(plain), err
}

func (k rsaKey) decryptPassword(content []byte) ([]byte, error) {
	if k.oaep { // "RSA/ECB/OAEPPadding" of the JDK uses SHA-1
		return rsa.DecryptOAEP(sha1.New(), nil, k.private, content, nil)
	}
	//lint:ignore SA1019 Spring encrypts with it by default, and the source of values is trusted
	return rsa.DecryptPKCS1v15(nil, k.private, content)
}

var pemKey = regexp.MustCompile(`(?s)-----BEGIN RSA PRIVATE KEY-----(.*)-----END RSA PRIVATE KEY-----`)

// parsePEM parses an RSA key. In variables and credentials, it may be a single line, with spaces or \n instead
// of line breaks.
func parsePEM(text string) (*rsa.PrivateKey, error) {
	expected := errors.New("it is not an RSA key in PEM form; expected -----BEGIN RSA PRIVATE KEY-----, base64, and -----END RSA PRIVATE KEY-----, without a passphrase")
	match := pemKey.FindStringSubmatch(text)
	if match == nil {
		return nil, expected
	}
	body := strings.Join(strings.Fields(strings.NewReplacer(`\n`, " ", `\r`, " ").Replace(match[1])), "")
	der, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return nil, expected
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, expected
	}
	return key, nil
}
