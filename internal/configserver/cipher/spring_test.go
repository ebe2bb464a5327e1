package cipher_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

// texts are what people encrypt.
var texts = []string{
	"secret", "a", "sixteen letters!", "pä$$wörd with blanks ☃ 𝄞", "{plain}{not:a}prefix", "line\nline\n", "a=b&c={d}", "-----BEGIN RSA PRIVATE KEY-----",
	strings.Repeat("long ", 2000),
}

// testSpring has the real server encrypt, and compares what it serves with what this package
// makes of the same values.
func testSpring(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		repository springtest.Repository
	)

	it.Before(func() { repository = springtest.NewRepository(t) })

	// compare returns how many values were decrypted, and which were not.
	compare := func(options springtest.Options, settings cipher.Settings, more map[string]string) (int, []string) {
		t.Helper()
		options.Repository = repository.Directory
		server := springtest.Start(t, options)
		values := map[string]string{"open": "text", "not.at.start": " {cipher}ab"}
		for i, text := range texts {
			values["text."+strconv.Itoa(i)] = "{cipher}" + encrypt(t, server, text)
		}
		first := strings.TrimPrefix(values["text.0"], "{cipher}")
		for name, value := range more {
			values[name] = strings.ReplaceAll(value, "FIRST", first)
		}
		content, err := json.Marshal(values)
		Expect(err).NotTo(HaveOccurred())
		repository.Commit(map[string]string{"app.yml": string(content), "application.yml": "shared: '{cipher}" + first + "'\nnumber: 5\n"}) // JSON is YAML
		served := answer(t, server)
		Expect(served.PropertySources).To(HaveLen(2))
		encrypted := served
		encrypted.PropertySources = []environment.PropertySource{
			{Name: served.PropertySources[0].Name, Source: map[string]any{}},
			{Name: served.PropertySources[1].Name, Source: map[string]any{"shared": "{cipher}" + first, "number": json.Number("5")}},
		}
		for key, value := range values {
			encrypted.PropertySources[0].Source[key] = value
		}
		decryptor, err := cipher.New(settings)
		Expect(err).NotTo(HaveOccurred())
		decrypted, failures := decryptor.Reader().Decrypt(encrypted)
		Expect(decrypted).To(Equal(served))
		count := 0
		for key, value := range decrypted.PropertySources[0].Source {
			if encrypted.PropertySources[0].Source[key] != value && value != "<n/a>" {
				count++
			}
		}
		var failed []string
		for _, failure := range failures {
			failed = append(failed, failure.Key)
		}
		return count, failed
	}
	damaged := map[string]string{
		"no.text": "{cipher}", "no.cipher": "{cipher}FIRSTx", "short": "{cipher}abcd", "half": "{cipher}{key:", "braces": "{cipher}}{",
		"named": "{cipher}{name:x}{profiles:y}FIRST", "plain": "{cipher}{a:b}{plain}FIRST", "unnamed": "{cipher}{a}FIRST", "blank": "{cipher} FIRST",
		"twice": "{cipher}{cipher}FIRST",
	}
	const decryptable = 2 // named, plain

	it("decrypts what the server has encrypted with a password", func() {
		more := maps.Clone(damaged)
		more["upper"] = "{cipher}AB"
		count, failed := compare(springtest.Options{EncryptKey: "pässword 1"}, cipher.Settings{Key: "pässword 1"}, more)
		Expect(count).To(Equal(len(texts) + decryptable))
		Expect(failed).To(ConsistOf("no.text", "no.cipher", "short", "half", "braces", "unnamed", "blank", "twice", "upper"))
	})

	it("decrypts by encrypt.salt, and by a key in a file", func() {
		file := filepath.Join(t.TempDir(), "key")
		Expect(os.WriteFile(file, []byte("from a file\n"), 0o600)).To(Succeed())
		count, failed := compare(springtest.Options{EncryptKey: "from a file", Properties: map[string]any{"encrypt.salt": "0123456789abcdef"}},
			cipher.Settings{KeyFile: file, Salt: "0123456789abcdef"}, nil)
		Expect(count).To(Equal(len(texts)))
		Expect(failed).To(BeEmpty())
	})

	it("decrypts what the server has encrypted with an RSA key in PEM form", func() {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		Expect(err).NotTo(HaveOccurred())
		text := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
		inOneLine := strings.ReplaceAll(text, "\n", `\n`)
		count, failed := compare(springtest.Options{EncryptKey: text}, cipher.Settings{Key: inOneLine}, damaged)
		Expect(count).To(Equal(len(texts) + decryptable))
		Expect(failed).To(ConsistOf("no.text", "no.cipher", "short", "half", "braces", "unnamed", "blank", "twice"))
	})

	for _, store := range []struct {
		form, algorithm string
		strong          bool
		secret          string
	}{{"PKCS12", "OAEP", true, "store-password"}, {"JKS", "DEFAULT", false, "key-password"}} {
		it("decrypts with the keys of a key store in the form "+store.form, func() {
			file := filepath.Join(t.TempDir(), "keys")
			for _, alias := range []string{"One", "two"} {
				command := exec.Command("keytool", "-genkeypair", "-keystore", file, "-storetype", store.form, "-alias", alias, "-keyalg", "RSA", "-keysize", "2048",
					"-dname", "CN=x", "-storepass", "store-password", "-keypass", store.secret)
				output, err := command.CombinedOutput()
				Expect(err).NotTo(HaveOccurred(), string(output))
			}
			properties := map[string]any{
				"encrypt.key-store.location": "file:" + file, "encrypt.key-store.password": "store-password", "encrypt.key-store.alias": "One",
				"encrypt.key-store.secret": store.secret, "encrypt.key-store.type": store.form,
				"encrypt.rsa.algorithm": store.algorithm, "encrypt.rsa.strong": store.strong, "encrypt.rsa.salt": "no hex",
			}
			two := encrypt(t, springtest.Start(t, springtest.Options{Repository: repository.Directory, Properties: properties}), "{key:two}of two")
			Expect(two).To(HavePrefix("{key:two}"))
			settings := cipher.Settings{Algorithm: store.algorithm, Strong: store.strong, RSASalt: "no hex", KeyStore: cipher.KeyStore{
				Location: file, Password: "store-password", Alias: "One", Secret: store.secret}}
			count, failed := compare(springtest.Options{Properties: properties}, settings, map[string]string{
				"second": "{cipher}" + two, "by.secret": "{cipher}{secret:" + store.secret + "}" + two, "first": "{cipher}{key:one}FIRST",
				"wrong": "{cipher}{key:one}" + strings.TrimPrefix(two, "{key:two}"), "none": "{cipher}{key:three}FIRST", "other": "{cipher}{key:two}{secret:other}FIRST",
			})
			Expect(count).To(Equal(len(texts) + 3))
			Expect(slices.Sorted(slices.Values(failed))).To(Equal([]string{"none", "other", "wrong"}))
		})
	}
}
