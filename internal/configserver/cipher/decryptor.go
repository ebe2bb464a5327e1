package cipher

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const (
	marker        = "{cipher}"
	invalidPrefix = "invalid."
	invalidValue  = "<n/a>"
)

// Decryptor holds the keys; its readers decrypt. Its methods are safe for concurrent use. A nil Decryptor is valid
// and can decrypt nothing.
type Decryptor struct {
	single decrypter // nil if store has the keys
	store  *store

	mutex sync.Mutex
	// located caches the keys of the store that were used, by alias and secret.
	located map[[2]string]decrypter
}

// New loads the key. The error says which setting is wrong and what would be right.
func New(s Settings) (*Decryptor, error) {
	if s.KeyStore.Location != "" {
		store, err := openStore(s)
		if err != nil {
			return nil, fmt.Errorf("CONFIG_SERVER_ENCRYPT_KEYSTORE: %w", err)
		}
		return &Decryptor{store: store, located: map[[2]string]decrypter{}}, nil
	}
	name, key := "CONFIG_SERVER_ENCRYPT_KEY", s.Key
	if s.KeyFile != "" {
		const maxKey = 64 << 10 // bytes
		name = "CONFIG_SERVER_ENCRYPT_KEY_FILE"
		content, err := regularfile.Read(s.KeyFile, maxKey)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		key = strings.TrimRight(string(content), "\r\n")
	}
	single, err := newSingle(key, s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &Decryptor{single: single}, nil
}

// newSingle distinguishes a password from an RSA key as Spring's EncryptorFactory does.
func newSingle(key string, s Settings) (decrypter, error) {
	switch {
	case key == "":
		return nil, errors.New("it is empty; expected a password, or an RSA key in PEM form")
	case strings.Contains(key, "RSA PRIVATE KEY"):
		private, err := parsePEM(key)
		if err != nil {
			return nil, err
		}
		return newRSA(private, s), nil
	case strings.Contains(key, "-----BEGIN ") || strings.HasPrefix(key, "ssh-rsa"):
		return nil, errors.New("expected a password, or an RSA key in the PEM form that starts with -----BEGIN RSA PRIVATE KEY-----: openssl rsa -traditional -in KEY makes that of a private key in another form")
	}
	salt, err := decodeSalt(cmp.Or(s.Salt, defaultSalt))
	if err != nil {
		return nil, fmt.Errorf("CONFIG_SERVER_ENCRYPT_SALT: %w", err)
	}
	return newSymmetric(key, salt)
}

func (d *Decryptor) decryptValue(text string) (string, error) {
	if d == nil {
		return "", errors.New("no key is set: expected CONFIG_SERVER_ENCRYPT_KEY")
	}
	with, err := d.locate(text)
	if err != nil {
		return "", err
	}
	return with.decrypt(stripPrefix(text))
}

// locate returns the key for a value, selected by the value's prefixes.
func (d *Decryptor) locate(text string) (decrypter, error) {
	if d.single != nil {
		return d.single, nil
	}
	named := prefixes(text)
	alias, hasAlias := named["key"]
	if !hasAlias {
		alias = d.store.settings.KeyStore.Alias
	}
	secret, hasSecret := named["secret"]
	if !hasSecret {
		secret = d.store.secret()
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	name := [2]string{alias, secret}
	if found := d.located[name]; found != nil {
		return found, nil
	}
	found, err := d.store.key(alias, secret)
	if err == nil {
		d.located[name] = found
	}
	return found, err
}
