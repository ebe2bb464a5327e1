package bindings_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

func testFiles(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	directory := func(services string) map[string]string {
		files, err := bindings.Directory([]byte(services))
		Expect(err).NotTo(HaveOccurred())
		read := map[string]string{}
		for path, content := range files {
			read[path] = string(content)
		}
		return read
	}
	named := func(name, credentials string) string {
		return fmt.Sprintf(`{"user-provided": [{"label": "user-provided", "name": %q, "credentials": %s}]}`, name, credentials)
	}

	it("CF-41: is the JSON of VCAP_SERVICES in a file, without white space", func() {
		Expect(bindings.File([]byte(` { "a" : [ { "name" : "x y", "credentials": {"n": 1.50} } ] } `))).To(Equal([]byte(`{"a":[{"name":"x y","credentials":{"n":1.50}}]}`)))
	})

	context("CF-41: in a directory", func() {
		it("is a file for each key, text as it is and all else as JSON, without what is null or empty", func() {
			files := directory(services)
			Expect(slices.Sorted(maps.Keys(files))).To(Equal([]string{
				"config/a", "config/a.b", "config/a.b.c", "config/a.b.d", "config/binding_guid", "config/binding_name", "config/brace", "config/document", "config/empty", "config/instance_guid", "config/instance_name",
				"config/label", "config/large", "config/name", "config/oauth", "config/plan", "config/port", "config/provider", "config/ratio", "config/tags",
				"config/tls", "config/type", "config/uri",
				"db/binding_guid", "db/credhub-ref", "db/instance_guid", "db/instance_name", "db/label", "db/name", "db/plan", "db/provider", "db/type",
				"mine/binding_guid", "mine/instance_guid", "mine/instance_name", "mine/label", "mine/name", "mine/password", "mine/plan", "mine/provider",
				"mine/tags", "mine/type",
			}))
			Expect(files).To(HaveKeyWithValue("config/tags", `["configuration","spring-cloud"]`))
			Expect(files).To(HaveKeyWithValue("config/large", "12345678901234567890"))
			Expect(files).To(HaveKeyWithValue("config/ratio", "1.50"))
			Expect(files).To(HaveKeyWithValue("config/tls", "true"))
			Expect(files).To(HaveKeyWithValue("config/type", "p.config-server"))
			Expect(files).To(HaveKeyWithValue("config/provider", "p.config-server"))
			Expect(files).To(HaveKeyWithValue("mine/password", "two\nlines\n"))
		})

		it("overwrites credentials with what the platform knows: type, provider, label, name and the like", func() {
			files := directory(`{"s": [{"label": "s", "name": "n", "plan": "p", "tags": ["t"], "instance_name": "i", "credentials":
				{"type": "mine", "provider": "mine", "label": "mine", "name": "mine", "plan": "mine", "tags": "mine", "instance_name": "mine", "other": "mine", "credentials": "mine"}}]}`)
			Expect(files).To(Equal(map[string]string{
				"n/type": "s", "n/provider": "s", "n/label": "s", "n/name": "n", "n/plan": "p", "n/tags": `["t"]`, "n/instance_name": "i", "n/other": "mine", "n/credentials": "mine",
			}))
		})

		it("leaves a credential where the platform knows nothing", func() {
			files := directory(`{"s": [{"label": "s", "name": "n", "plan": null, "tags": [], "credentials": {"plan": "mine", "tags": "mine"}}]}`)
			Expect(files).To(HaveKeyWithValue("n/plan", "mine"))
			Expect(files).To(HaveKeyWithValue("n/tags", "mine"))
		})

		it("takes the instance's name and the label above where the binding has none", func() {
			Expect(directory(`{"s": [{"instance_name": "i"}]}`)).To(Equal(map[string]string{
				"i/type": "s", "i/provider": "s", "i/label": "s", "i/name": "i", "i/instance_name": "i",
			}))
		})
	})

	context("failure cases, in Cloud Controller's words", func() {
		refused := func(services string) string {
			_, err := bindings.Directory([]byte(services))
			var incompatible *bindings.IncompatibleError
			Expect(err).To(BeAssignableToTypeOf(incompatible))
			return err.Error()
		}

		it("CF-41: refuses names that a directory cannot have", func() {
			for _, name := range []string{"binding_name", "Upper", "", "a b", "a/b", strings.Repeat("x", 254), ".", ".."} {
				Expect(refused(named(name, `{}`))).To(Equal(`Invalid binding name: '` + name + `'. Name must match /^[a-z0-9\-.]{1,253}$/`))
			}
			Expect(directory(named(strings.Repeat("x", 253), `{}`))).NotTo(BeEmpty())
			Expect(directory(named("a-1.b", `{}`))).NotTo(BeEmpty())
		})

		it("CF-41: refuses keys that a file cannot have", func() {
			for _, key := range []string{"../secret", "Upper", "a:b", "", strings.Repeat("x", 254), ".", ".."} {
				Expect(refused(named("n", fmt.Sprintf(`{%q: "hidden"}`, key)))).To(Equal("Invalid file name: " + key))
			}
			Expect(directory(named("n", `{"some_secret.1-x": "v"}`))).To(HaveKey("n/some_secret.1-x"))
		})

		it("does not write control characters", func() {
			Expect(refused(named("a\nb", `{}`))).To(HavePrefix(`Invalid binding name: 'a\nb'. Name`))
		})

		it("CF-41: refuses a name twice", func() {
			Expect(refused(`{"a": [{"name": "n"}], "b": [{"name": "n"}]}`)).To(Equal("Duplicate binding name: n"))
		})

		it("CF-41: refuses more than 1,000,000 bytes of names and contents, what is overwritten included", func() {
			// Its files are name, label, type and provider.
			fixed := len("n/name"+"n") + len("n/label"+"user-provided") + len("n/type"+"user-provided") + len("n/provider"+"user-provided")
			fits := strings.Repeat("v", 1_000_000-fixed-len("n/k"))
			Expect(directory(named("n", `{"k": "`+fits+`"}`))).To(HaveKeyWithValue("n/k", fits))
			Expect(refused(named("n", `{"k": "`+fits+`v"}`))).To(Equal("Bindings exceed the maximum allowed bytesize of 1000000: 1000001"))
			overwritten := strings.Repeat("v", 1_000_000-fixed-len("n/type"))
			Expect(directory(named("n", `{"type": "`+overwritten+`"}`))).To(HaveKeyWithValue("n/type", "user-provided"))
			Expect(refused(named("n", `{"type": "`+overwritten+`v"}`))).To(Equal("Bindings exceed the maximum allowed bytesize of 1000000: 1000001"))
		})

		it("CF-41: refuses a file of more than 1,000,000 bytes, its name included", func() {
			around := len(`{"a":[{"name":""}]}`) + len("vcap_services")
			fits := `{"a": [{"name": "` + strings.Repeat("v", 1_000_000-around) + `"}]}`
			Expect(bindings.File([]byte(fits))).To(HaveLen(1_000_000 - len("vcap_services")))
			_, err := bindings.File([]byte(strings.Replace(fits, "v", "vv", 1)))
			Expect(err).To(MatchError("Bindings exceed the maximum allowed bytesize of 1000000: 1000001"))
		})

		it("refuses what is not VCAP_SERVICES, in either form", func() {
			_, err := bindings.File([]byte("{oops"))
			Expect(err).To(MatchError("it is not JSON: syntax error at byte 2 of 5"))
			_, err = bindings.Directory([]byte(`{"a": [{"credentials": 5}]}`))
			Expect(err).To(MatchError("a binding's credentials: found a number; expected an object"))
		})
	})
}
