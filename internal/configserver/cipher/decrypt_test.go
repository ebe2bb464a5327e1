package cipher_test

import (
	"encoding/json"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

func testDecrypt(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		encrypted environment.Environment
	)

	it.Before(func() {
		encrypted = environment.Environment{Name: "app", PropertySources: []environment.PropertySource{
			{Name: "first", Source: map[string]any{"b": "{cipher}marked", "a": "{cipher}{key:marked}ab", "number": json.Number("5"), "none": nil}},
			{Name: "second", Source: map[string]any{"b": "open", "invalid.theirs": "<n/a>", "invalid.text": "text"}},
		}}
	})

	it("says which keys cannot be decrypted, and leaves what it was given as it is", func() {
		decryptor, err := cipher.New(cipher.Settings{Key: "key"})
		Expect(err).NotTo(HaveOccurred())
		decrypted, failures := decryptor.Reader().Decrypt(encrypted)
		Expect(decrypted.PropertySources[0].Source).To(Equal(map[string]any{"invalid.b": "<n/a>", "invalid.a": "<n/a>", "number": json.Number("5"), "none": nil}))
		Expect(decrypted.PropertySources[0].Keys()).To(Equal([]string{"none", "number", "invalid.a", "invalid.b"}), "as Spring's server has them")
		Expect(failures).To(Equal([]cipher.Failure{
			{Source: "first", Key: "a", Reason: "it was encrypted with another key, or is damaged"},
			{Source: "first", Key: "b", Reason: "it is not hexadecimal, as values encrypted with a password are"},
		}))
		Expect(fmt.Sprint(decrypted, failures)).NotTo(ContainSubstring("marked"))
		Expect(encrypted.PropertySources[0].Source).To(HaveKeyWithValue("b", "{cipher}marked"))
	})

	it("decrypts nothing without a key, and hands no encrypted text on", func() {
		var none *cipher.Decryptor
		decrypted, failures := none.Reader().Decrypt(encrypted)
		Expect(failures).To(HaveExactElements(HaveField("Reason", "no key is set: expected CONFIG_SERVER_ENCRYPT_KEY"), HaveField("Key", "b")))
		Expect(fmt.Sprint(decrypted)).NotTo(ContainSubstring("marked"))
	})

	it("leaves out what could not be decrypted, here or by a server", func() {
		var none *cipher.Decryptor
		decrypted, _ := none.Reader().Decrypt(encrypted)
		Expect(cipher.Undecrypted(decrypted)).To(Equal([]string{"a", "b", "theirs"}))
		omitted := cipher.Omit(decrypted)
		Expect(omitted.PropertySources).To(HaveExactElements(
			And(HaveField("Name", "first"), HaveField("Source", map[string]any{"number": json.Number("5"), "none": nil})),
			And(HaveField("Name", "second"), HaveField("Source", map[string]any{"b": "open", "invalid.text": "text"})),
		))
		Expect(cipher.Undecrypted(omitted)).To(BeEmpty())
		Expect(decrypted.PropertySources[1].Source).To(HaveKey("invalid.theirs"))
	})
}
