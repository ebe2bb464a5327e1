package cipher

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"errors"
)

// decrypter decrypts the text of a value, without {cipher} and Spring's pairs in braces.
type decrypter interface {
	decrypt(text string) (string, error)
}

// errWrongKey does not distinguish a wrong key from damaged text, nor kinds of damage: telling them apart would
// help an attacker.
var errWrongKey = errors.New("it was encrypted with another key, or is damaged")

// symmetric is Spring's Encryptors.text: AES in CBC, in hexadecimal.
type symmetric struct{ block cipher.Block }

func newSymmetric(password string, salt []byte) (symmetric, error) {
	block, err := newAES(password, salt)
	return symmetric{block}, err
}

func (s symmetric) decrypt(text string) (string, error) {
	content, err := hex.DecodeString(text)
	if err != nil {
		return "", errors.New("it is not hexadecimal, as values encrypted with a password are")
	}
	plain, err := decryptCBC(s.block, content)
	return string(plain), err
}

// newAES derives the key as Spring's AesBytesEncryptor does.
func newAES(password string, salt []byte) (cipher.Block, error) {
	const iterations, length = 1024, 32
	key, err := pbkdf2.Key(sha1.New, password, salt, iterations, length)
	if err != nil {
		return nil, err
	}
	return aes.NewCipher(key)
}

// decryptCBC decrypts content that starts with its initialization vector, and removes the padding.
func decryptCBC(block cipher.Block, content []byte) ([]byte, error) {
	if len(content) < 2*aes.BlockSize || len(content)%aes.BlockSize != 0 {
		return nil, errWrongKey
	}
	plain := make([]byte, len(content)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, content[:aes.BlockSize]).CryptBlocks(plain, content[aes.BlockSize:])
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil, errWrongKey
	}
	kept := len(plain) - padding
	for _, b := range plain[kept:] {
		if subtle.ConstantTimeByteEq(b, byte(padding)) == 0 {
			return nil, errWrongKey
		}
	}
	return plain[:kept], nil
}

// decryptGCM decrypts content that starts with its 16-byte nonce.
func decryptGCM(block cipher.Block, content []byte) ([]byte, error) {
	const nonce = 16
	gcm, err := cipher.NewGCMWithNonceSize(block, nonce)
	if err != nil {
		return nil, err
	}
	if len(content) < nonce {
		return nil, errWrongKey
	}
	plain, err := gcm.Open(nil, content[:nonce], content[nonce:], nil)
	if err != nil {
		return nil, errWrongKey
	}
	return plain, nil
}

func decodeSalt(salt string) ([]byte, error) {
	content, err := hex.DecodeString(salt)
	if err != nil || len(content) == 0 {
		return nil, errors.New("expected hexadecimal digits, two for each byte")
	}
	return content, nil
}
