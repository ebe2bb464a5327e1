package cipher_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
)

func testSettings(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		variables map[string]string
	)
	lookup := func(name string) string { return variables[name] }

	it.Before(func() { variables = map[string]string{} })

	it("is nothing if neither a service nor a variable has a key", func() {
		variables["CONFIG_SERVER_ENCRYPT_SALT"] = "ab"
		Expect(cipher.FromEnvironment(lookup, []bindings.Binding{{Label: "other", Credentials: map[string]any{"encrypt_key": "of another"}}})).To(BeNil())
	})

	it("takes a bound service before variables", func() {
		variables["CONFIG_SERVER_ENCRYPT_KEY"], variables["CONFIG_SERVER_ENCRYPT_SALT"] = "of a variable", "ab"
		Expect(cipher.FromEnvironment(lookup, nil)).To(Equal(&cipher.Settings{Key: "of a variable", Salt: "ab"}))
		bound := []bindings.Binding{{Name: "config-server", Credentials: map[string]any{"encrypt_key": "bound"}}}
		Expect(cipher.FromEnvironment(lookup, bound)).To(Equal(&cipher.Settings{Key: "bound", Salt: "ab"}))
	})

	it("reads a key store's", func() {
		for name, value := range map[string]string{"": "file", "_PASSWORD": "password", "_ALIAS": "alias", "_SECRET": "secret"} {
			variables["CONFIG_SERVER_ENCRYPT_KEYSTORE"+name] = value
		}
		variables["CONFIG_SERVER_ENCRYPT_RSA_ALGORITHM"], variables["CONFIG_SERVER_ENCRYPT_RSA_STRONG"], variables["CONFIG_SERVER_ENCRYPT_RSA_SALT"] = "oaep", "true", "salt"
		Expect(cipher.FromEnvironment(lookup, nil)).To(Equal(&cipher.Settings{Algorithm: "OAEP", Strong: true, RSASalt: "salt",
			KeyStore: cipher.KeyStore{Location: "file", Password: "password", Alias: "alias", Secret: "secret"}}))
	})

	context("failure cases", func() {
		for _, wrong := range []struct {
			variables map[string]string
			message   string
		}{
			{map[string]string{"ENCRYPT_KEY": "s3cret", "ENCRYPT_KEY_FILE": "f"}, "found CONFIG_SERVER_ENCRYPT_KEY and CONFIG_SERVER_ENCRYPT_KEY_FILE; expected one of them"},
			{map[string]string{"ENCRYPT_KEYSTORE": "f"}, "CONFIG_SERVER_ENCRYPT_KEYSTORE_PASSWORD is not set: expected the password of CONFIG_SERVER_ENCRYPT_KEYSTORE"},
			{map[string]string{"ENCRYPT_KEY": "s3cret", "ENCRYPT_RSA_STRONG": "s3cret"}, "expected true or false"},
			{map[string]string{"ENCRYPT_KEY": "s3cret", "ENCRYPT_RSA_ALGORITHM": "s3cret"}, "CONFIG_SERVER_ENCRYPT_RSA_ALGORITHM: expected DEFAULT or OAEP"},
			{map[string]string{"ENCRYPT_KEY": "s3cret", "ENCRYPT_SALT": "s3cret"}, "CONFIG_SERVER_ENCRYPT_SALT: expected hexadecimal digits, two for each byte"},
			{map[string]string{"ENCRYPT_KEY": "-----BEGIN PRIVATE KEY----- s3cret"}, "openssl rsa -traditional -in KEY makes that"},
			{map[string]string{"ENCRYPT_KEY": "ssh-rsa s3cret"}, "CONFIG_SERVER_ENCRYPT_KEY: expected a password, or an RSA key in the PEM form"},
			{map[string]string{"ENCRYPT_KEY": "-----BEGIN RSA PRIVATE KEY-----s3cret"}, "CONFIG_SERVER_ENCRYPT_KEY: it is not an RSA key in PEM form"},
			{map[string]string{"ENCRYPT_KEY": "-----BEGIN RSA PRIVATE KEY-----\ns3cret\n-----END RSA PRIVATE KEY-----"}, "it is not an RSA key in PEM form"},
			{map[string]string{"ENCRYPT_KEY_FILE": "missing"}, "CONFIG_SERVER_ENCRYPT_KEY_FILE: missing: there is no such file"},
			{map[string]string{"ENCRYPT_KEY_FILE": "empty"}, "CONFIG_SERVER_ENCRYPT_KEY_FILE: it is empty"},
			{map[string]string{"ENCRYPT_KEYSTORE": "other", "ENCRYPT_KEYSTORE_PASSWORD": "s3cret"}, "CONFIG_SERVER_ENCRYPT_KEYSTORE: it is not a JKS or PKCS #12 key store, or has another password"},
			{map[string]string{"ENCRYPT_KEYSTORE": "jks", "ENCRYPT_KEYSTORE_PASSWORD": "s3cret"}, "CONFIG_SERVER_ENCRYPT_KEYSTORE: it cannot be read with CONFIG_SERVER_ENCRYPT_KEYSTORE_PASSWORD"},
		} {
			it("says what would be right: "+wrong.message, func() {
				t.Chdir(t.TempDir())
				for name, content := range map[string]string{"empty": "\n", "other": "text", "jks": "\xfe\xed\xfe\xed"} {
					Expect(os.WriteFile(filepath.Join(".", name), []byte(content), 0o600)).To(Succeed())
				}
				for name, value := range wrong.variables {
					variables["CONFIG_SERVER_"+name] = value
				}
				settings, err := cipher.FromEnvironment(lookup, nil)
				if err == nil {
					_, err = cipher.New(*settings)
				}
				Expect(err).To(MatchError(And(ContainSubstring(wrong.message), Not(ContainSubstring("s3cret")))))
			})
		}
	})
}
