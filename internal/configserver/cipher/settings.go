// Package cipher decrypts values that start with {cipher}, as Spring encrypts them (EncryptorFactory and
// KeyStoreTextEncryptorLocator of Spring Cloud, RsaSecretEncryptor and AesBytesEncryptor of Spring Security):
// with a password, an RSA key, or the RSA keys in a key store.
//
// No error and no Failure of this package quotes a value, a password or a key.
package cipher

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// defaultSalt is Spring's default for encrypt.salt and encrypt.rsa.salt.
const defaultSalt = "deadbeef"

// Settings says how values were encrypted. The names are those of Spring's properties below encrypt.
type Settings struct {
	// Key is a password, or an RSA key in PEM (BEGIN RSA PRIVATE KEY); KeyFile is a file that contains either.
	Key, KeyFile string
	// Salt is hexadecimal.
	Salt     string
	KeyStore KeyStore
	// Algorithm is DEFAULT or OAEP; Strong selects AES in GCM instead of CBC. Both, and RSASalt, apply to RSA
	// keys only.
	Algorithm string
	Strong    bool
	RSASalt   string
}

// KeyStore is a file with RSA keys, in the format JKS or PKCS #12.
type KeyStore struct {
	Location, Password string
	// Alias selects the key for values that select none with {key:…}. Secret is that key's own password, if it
	// differs from the store's.
	Alias, Secret string
}

// Kinds are the bound services that may configure a key.
var kinds = []string{"config-server", "p.config-server", "p-config-server", "configuration"}

const variablePrefix = "CONFIG_SERVER_"

// FromEnvironment reads encrypt_key, encrypt_key_file, encrypt_salt, encrypt_keystore,
// encrypt_keystore_password, encrypt_keystore_alias, encrypt_keystore_secret, encrypt_rsa_algorithm,
// encrypt_rsa_strong and encrypt_rsa_salt. Each is a credential of a bound service or, without that, a variable:
// the same name in upper case after CONFIG_SERVER_. It returns nil if no key is configured.
func FromEnvironment(lookup func(string) string, bound []bindings.Binding) (*Settings, error) {
	get := func(name string) string { return setting(name, lookup, bound) }
	s := Settings{
		Key: get("encrypt_key"), KeyFile: get("encrypt_key_file"), Salt: get("encrypt_salt"),
		KeyStore: KeyStore{
			Location: get("encrypt_keystore"), Password: get("encrypt_keystore_password"),
			Alias: get("encrypt_keystore_alias"), Secret: get("encrypt_keystore_secret"),
		},
		Algorithm: strings.ToUpper(get("encrypt_rsa_algorithm")), RSASalt: get("encrypt_rsa_salt"),
	}
	if s.Key == "" && s.KeyFile == "" && s.KeyStore.Location == "" {
		return nil, nil
	}
	switch strong := get("encrypt_rsa_strong"); strong {
	case "", "false":
	case "true":
		s.Strong = true
	default:
		return nil, errors.New("CONFIG_SERVER_ENCRYPT_RSA_STRONG, or encrypt_rsa_strong of a bound service: expected true or false")
	}
	return &s, s.check()
}

// setting returns a credential of a bound service or, without one, the variable's value.
func setting(name string, lookup func(string) string, bound []bindings.Binding) string {
	for _, b := range bound {
		if !slices.ContainsFunc(kinds, b.Is) {
			continue
		}
		if text, found := b.Credential(name); found && text != "" {
			return text
		}
	}
	return lookup(variablePrefix + strings.ToUpper(name))
}

func (s Settings) check() error {
	var stated []string
	for _, one := range []struct{ name, value string }{
		{"ENCRYPT_KEY", s.Key}, {"ENCRYPT_KEY_FILE", s.KeyFile}, {"ENCRYPT_KEYSTORE", s.KeyStore.Location},
	} {
		if one.value != "" {
			stated = append(stated, variablePrefix+one.name)
		}
	}
	if len(stated) > 1 {
		return fmt.Errorf("found %s; expected one of them", strings.Join(stated, " and "))
	}
	if s.KeyStore.Location != "" && s.KeyStore.Password == "" {
		return errors.New("CONFIG_SERVER_ENCRYPT_KEYSTORE_PASSWORD is not set: expected the password of CONFIG_SERVER_ENCRYPT_KEYSTORE")
	}
	if s.Algorithm != "" && s.Algorithm != "DEFAULT" && s.Algorithm != "OAEP" {
		return errors.New("CONFIG_SERVER_ENCRYPT_RSA_ALGORITHM: expected DEFAULT or OAEP")
	}
	return nil
}
