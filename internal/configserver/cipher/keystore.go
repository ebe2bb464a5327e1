package cipher

import (
	"bytes"
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// maxStore is the largest size of a key store, in bytes.
const maxStore = 1 << 20

// store is a key store that was opened with the right password.
type store struct {
	settings Settings
	jks      *keystore.KeyStore
	// pkcs12 maps names, in lower case as the JDK compares them, to RSA keys.
	pkcs12 map[string]*rsa.PrivateKey
}

// openStore reads a key store in either format, whatever its type setting says: the JDK's own type jks reads
// both.
func openStore(s Settings) (*store, error) {
	content, err := regularfile.Read(s.KeyStore.Location, maxStore)
	if err != nil {
		return nil, err
	}
	opened := &store{settings: s}
	if bytes.HasPrefix(content, []byte{0xfe, 0xed, 0xfe, 0xed}) {
		loaded := keystore.New()
		if err := loaded.Load(bytes.NewReader(content), []byte(s.KeyStore.Password)); err != nil {
			return nil, errors.New("it cannot be read with CONFIG_SERVER_ENCRYPT_KEYSTORE_PASSWORD")
		}
		opened.jks = &loaded
	} else if opened.pkcs12, err = readPKCS12(content, s.KeyStore.Password); err != nil {
		return nil, err
	}
	if s.KeyStore.Alias != "" {
		if _, err := opened.key(s.KeyStore.Alias, opened.secret()); err != nil {
			return nil, errors.New("it has no RSA key with the alias of CONFIG_SERVER_ENCRYPT_KEYSTORE_ALIAS that its password opens")
		}
	}
	return opened, nil
}

func readPKCS12(content []byte, password string) (map[string]*rsa.PrivateKey, error) {
	//lint:ignore SA1019 nothing else of the package tells the names of keys, and of several keys
	blocks, err := pkcs12.ToPEM(content, password)
	if err != nil {
		return nil, errors.New("it is not a JKS or PKCS #12 key store, or has another password than CONFIG_SERVER_ENCRYPT_KEYSTORE_PASSWORD")
	}
	keys := map[string]*rsa.PrivateKey{}
	for _, block := range blocks {
		if key := rsaOf(block); key != nil {
			keys[strings.ToLower(block.Headers["friendlyName"])] = key
		}
	}
	return keys, nil
}

// rsaOf returns the RSA key in a block, or nil.
func rsaOf(block *pem.Block) *rsa.PrivateKey {
	if block.Type != "PRIVATE KEY" {
		return nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key
	}
	parsed, _ := x509.ParsePKCS8PrivateKey(block.Bytes) // or it is a key of another kind
	key, _ := parsed.(*rsa.PrivateKey)
	return key
}

// secret returns the password for keys whose values name none.
func (s *store) secret() string {
	return cmp.Or(s.settings.KeyStore.Secret, s.settings.KeyStore.Password)
}

// key returns the RSA key for an alias.
func (s *store) key(alias, secret string) (decrypter, error) {
	missing := errors.New("the key store has no RSA key of the alias that it was encrypted with, or the key has another password")
	if s.jks == nil {
		// All of its keys have the store's password; otherwise the store could not have been opened.
		if key := s.pkcs12[strings.ToLower(alias)]; key != nil && secret == s.settings.KeyStore.Password {
			return newRSA(key, s.settings), nil
		}
		return nil, missing
	}
	entry, err := s.jks.GetPrivateKeyEntry(alias, []byte(secret))
	if err != nil {
		return nil, missing
	}
	parsed, err := x509.ParsePKCS8PrivateKey(entry.PrivateKey)
	if err != nil {
		return nil, missing
	}
	key, isRSA := parsed.(*rsa.PrivateKey)
	if !isRSA {
		return nil, missing
	}
	return newRSA(key, s.settings), nil
}
