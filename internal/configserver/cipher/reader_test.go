package cipher_test

import (
	"bytes"
	"crypto/aes"
	stdcipher "crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

func testReader(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("decrypts a value once, for as long as it is in each environment", func() {
		keys := newRSAKeys(t, 2048)
		reader := keys.decryptor.Reader()
		read := func(values map[string]any) map[string]any {
			decrypted, failures := reader.Decrypt(environmentOf(values))
			Expect(failures).To(BeEmpty())
			return decrypted.PropertySources[0].Source
		}
		one, other := keys.encrypt(t, "one"), keys.encrypt(t, "other")
		Expect(reader.Remembered()).To(BeEmpty())
		Expect(read(map[string]any{"a": one, "b": one, "c": other, "d": "open"})).To(Equal(map[string]any{"a": "one", "b": "one", "c": "other", "d": "open"}))
		Expect(reader.Remembered()).To(ConsistOf("one", "other"))
		Expect(read(map[string]any{"a": other, "d": one})).To(Equal(map[string]any{"a": "other", "d": "one"}))
		Expect(read(map[string]any{"a": other})).To(Equal(map[string]any{"a": "other"}))
		Expect(reader.Remembered()).To(ConsistOf("other"), "one is no longer in the environment")
		Expect(read(map[string]any{"a": "open"})).To(Equal(map[string]any{"a": "open"}))
		Expect(reader.Remembered()).To(BeEmpty())
	})

	it("remembers no failure and shares nothing with other readers", func() {
		keys, others := newRSAKeys(t, 2048), newRSAKeys(t, 2048)
		reader, other := keys.decryptor.Reader(), keys.decryptor.Reader()
		encrypted := environmentOf(map[string]any{"a": keys.encrypt(t, "one"), "b": others.encrypt(t, "two")})
		_, failures := reader.Decrypt(encrypted)
		Expect(failures).To(HaveExactElements(HaveField("Key", "b")))
		Expect(reader.Remembered()).To(ConsistOf("one"))
		Expect(other.Remembered()).To(BeEmpty())
	})

	it("decrypts nothing without a key", func() {
		var none *cipher.Decryptor
		_, failures := none.Reader().Decrypt(environmentOf(map[string]any{"a": "{cipher}x"}))
		Expect(failures).To(HaveLen(1))
	})
}

// BenchmarkReader decrypts 100 values: all of them, and those of an environment in which one has changed.
func BenchmarkReader(b *testing.B) {
	for _, bits := range []int{2048, 3072, 4096} {
		keys := newRSAKeys(b, bits)
		values := map[string]any{}
		for i := range 100 {
			values[fmt.Sprint("key", i)] = keys.encrypt(b, fmt.Sprint("value ", i))
		}
		changed := maps.Clone(values)
		changed["key0"] = keys.encrypt(b, "changed")
		b.Run(fmt.Sprintf("RSA-%d/first", bits), func(b *testing.B) {
			for b.Loop() {
				keys.decryptor.Reader().Decrypt(environmentOf(values))
			}
		})
		b.Run(fmt.Sprintf("RSA-%d/one-changed", bits), func(b *testing.B) {
			reader := keys.decryptor.Reader()
			reader.Decrypt(environmentOf(changed))
			next := [2]environment.Environment{environmentOf(values), environmentOf(changed)}
			for i := 0; b.Loop(); i++ {
				reader.Decrypt(next[i%2])
			}
		})
	}
}

func environmentOf(values map[string]any) environment.Environment {
	return environment.Environment{PropertySources: []environment.PropertySource{{Source: values}}}
}

type rsaKeys struct {
	public    *rsa.PublicKey
	decryptor *cipher.Decryptor
}

func newRSAKeys(t testing.TB, bits int) rsaKeys {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	decryptor, err := cipher.New(cipher.Settings{Key: string(text)})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return rsaKeys{&key.PublicKey, decryptor}
}

// encrypt encrypts like Spring's RsaSecretEncryptor with its default settings.
func (k rsaKeys) encrypt(t testing.TB, text string) string {
	t.Helper()
	Expect := NewWithT(t).Expect
	password, iv := make([]byte, 16), make([]byte, aes.BlockSize)
	rand.Read(password)
	rand.Read(iv)
	//lint:ignore SA1019 Spring encrypts with it by default
	encrypted, err := rsa.EncryptPKCS1v15(rand.Reader, k.public, password)
	Expect(err).NotTo(HaveOccurred())
	salt, err := hex.DecodeString("deadbeef")
	Expect(err).NotTo(HaveOccurred())
	key, err := pbkdf2.Key(sha1.New, hex.EncodeToString(password), salt, 1024, 32)
	Expect(err).NotTo(HaveOccurred())
	block, err := aes.NewCipher(key)
	Expect(err).NotTo(HaveOccurred())
	padding := aes.BlockSize - len(text)%aes.BlockSize
	padded := append([]byte(text), bytes.Repeat([]byte{byte(padding)}, padding)...)
	stdcipher.NewCBCEncrypter(block, iv).CryptBlocks(padded, padded)
	content := binary.BigEndian.AppendUint16(nil, uint16(len(encrypted)))
	return "{cipher}" + base64.StdEncoding.EncodeToString(slices.Concat(content, encrypted, iv, padded))
}
