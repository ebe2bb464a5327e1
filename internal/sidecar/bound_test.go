package sidecar_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// testBound is about values of env that come from bound services.
func testBound(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		request sidecar.Request
	)

	it.Before(func() {
		request = sidecar.Request{Services: sidecar.Services{Known: true, Bound: []bindings.Binding{
			{Name: "partial", Label: "partial", Credentials: map[string]any{"kk": nil, "x": map[string]any{"y": nil, "z": "1"}}},
			{Name: "my-apm", Label: "apm", Credentials: map[string]any{"api_key": "s3cret", "endpoint": map[string]any{"region": "eu"}, "dotted.key": "s3cret", "empty": ""}},
			{Name: "vault", Label: "user-provided", Credentials: map[string]any{"token": "s3cret"}},
			{Name: "away", Label: "user-provided", Credentials: map[string]any{"credhub-ref": "/s3cret"}},
			{Name: "bare", Label: "user-provided"},
		}}}
	})
	resolve := func(content string) ([]sidecar.Definition, error) {
		request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}}
		definitions, _, err := sidecar.Resolve(request)
		return definitions, err
	}
	const begin = "- name: a\n  command: x\n  binding: my-apm\n  env:\n"

	it("reads them in the order of all variables, with their service and their default", func() {
		definitions, err := resolve(begin + "    FIRST: text\n    API_KEY: {binding: api_key}\n    REGION: {binding: endpoint.region, default: 5}\n    TOKEN: {binding: token, of: {name: vault}, default: }\n    LAST: $API_KEY\n")
		Expect(err).NotTo(HaveOccurred())
		five, empty := "5", ""
		Expect(definitions[0].Supervision.Env).To(Equal([]supervision.Variable{{Name: "FIRST", Value: "text"}, {Name: "API_KEY"}, {Name: "REGION"}, {Name: "TOKEN"}, {Name: "LAST", Value: "$API_KEY"}}))
		line := func(line int) sidecar.Position { return sidecar.Position{Source: "sidecars.yml", Line: line} }
		Expect(definitions[0].Bound).To(Equal(map[string]sidecar.BoundValue{
			"API_KEY": {Binding: "api_key", At: line(6)},
			"REGION":  {Binding: "endpoint.region", Default: &five, At: line(7)},
			"TOKEN":   {Binding: "token", Of: &bindings.Selector{Name: "vault"}, Default: &empty, At: line(8)},
		}))
		Expect(definitions[0].NeedsSupervisor()).To(BeTrue())
		Expect(definitions[0].NeedsRendering()).To(BeTrue())
	})

	it("replaces all variables of an earlier source", func() {
		request.Catalog = catalog(t, "[[metadata.sidecars]]\nname = \"a\"\ncommand = \"run\"\nenv = {KEY = {binding = \"token\", of = \"vault\"}, B = \"b\"}\n")
		definitions, err := resolve("- name: a")
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions[0].Bound).To(HaveKeyWithValue("KEY", HaveField("Of.Any", "vault")))
		definitions, err = resolve("- {name: a, env: {KEY: text}}")
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions[0].NeedsRendering()).To(BeFalse())
		request.Environ = []string{`SIDECAR_A_ENV={"KEY": {"binding": "token", "of": "vault"}}`}
		definitions, err = resolve("- {name: a, env: {KEY: text}}")
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions[0]).To(And(HaveField("Bound", HaveLen(1)), HaveField("Supervision.EnvFrom", "SIDECAR_A_ENV")))
	})

	it("asks for nothing that is not known yet", func() {
		for _, env := range []string{"{K: {binding: any, of: away}}", "{K: {binding: none, default: ''}}", "{K: {binding: none, of: none, default: d}}", "{K: {binding: dotted.key}}", "{K: {binding: empty}}"} {
			_, err := resolve("- {name: a, command: x, binding: my-apm, env: " + env + "}")
			Expect(err).NotTo(HaveOccurred(), env)
		}
		request.Services = sidecar.Services{}
		_, err := resolve("- {name: a, command: x, env: {K: {binding: key, of: none}}}")
		Expect(err).NotTo(HaveOccurred())
	})

	context("failure cases", func() {
		for _, wrong := range []struct{ value, message string }{
			{"{binding: apikey}", `found no credential "apikey" of the service "my-apm"; did you mean api_key? Expected one of "api_key", "dotted.key", "empty", "endpoint", or the key default`},
			{"{binding: endpoint.zone}", `found no credential "endpoint.zone" of the service "my-apm"; expected one of "api_key", "dotted.key", "empty", "endpoint", or the key default`},
			{"{binding: key, of: bare}", `found no credential "key" of the service "bare"; expected the key default: the service has no credentials`},
			{"{binding: kk, of: partial}", `found null as the credential "kk" of the service "partial"; expected a value, or the key default`},
			{"{binding: x.y, of: partial}", `found null as the credential "x.y" of the service "partial"; expected a value, or the key default`},
			{"{binding: x.w, of: partial}", `found no credential "x.w" of the service "partial"; expected one of "kk", "x", or the key default`},
			{"{binding: key, of: none}", `found no bound service with the name, label or tag "none"; expected one that is bound, or the key default`},
			{"{binding: key, of: user-provided}", `found 3 services with the name, label or tag "user-provided", "away", "bare", "vault"; expected one: select it by its name, as in {name: away}`},
			{"{}", "found neither binding nor config; expected the key binding with the name of a credential, such as {binding: api_key}, or the key config with one of the configuration, such as {config: db.url}"},
			{"{default: s3cret}", "found neither binding nor config; expected the key binding with the name of a credential, such as {binding: api_key}, or the key config with one of the configuration, such as {config: db.url}"},
			{"{bindings: s3cret}", `found the key "bindings"; did you mean binding? Expected one of the keys binding, of, config, default`},
			{"{binding: [s3cret]}", "binding: found a list; expected text"},
			{`{binding: " api_key"}`, `binding: found " api_key"; expected the name of a credential, or a path with dots such as endpoint.region`},
			{"{binding: api_key, of: [s3cret]}", "of: found a list; expected a name, label or tag of a service, such as apm, or a mapping with name, label or tag"},
			{"{binding: api_key, default: [s3cret]}", "default: found a list; expected text"},
			{"[s3cret]", "found a list; expected text, or a mapping with the key binding or config"},
			{"{config: db.url, of: vault}", "found both config and a service; expected the key config without binding and of"},
			{"{config: db.url, binding: s3cret}", "found both config and a service; expected the key config without binding and of"},
			{"{config: [s3cret]}", "config: found a list; expected text"},
		} {
			it("refuses "+wrong.value, func() {
				_, err := resolve(begin + "    KEY: " + wrong.value + "\n")
				Expect(err).To(MatchError(Or(Equal(`sidecars.yml:5: sidecar "a": env: KEY: `+wrong.message), HavePrefix(`sidecars.yml:5: sidecar "a": env: KEY: `+wrong.message))))
				Expect(err.Error()).NotTo(ContainSubstring("s3cret"))
			})
		}

		it("takes a value of the configuration, which is of no service", func() {
			definitions, err := resolve("- {name: a, command: x, env: {KEY: {config: db.url, default: d}, B: b}}")
			Expect(err).NotTo(HaveOccurred())
			Expect(definitions[0].Bound).To(HaveKeyWithValue("KEY", And(HaveField("Config", "db.url"), HaveField("Default", HaveValue(Equal("d"))))))
			Expect(definitions[0].NeedsRendering()).To(BeTrue())
		})

		it("refuses a credential of no service", func() {
			_, err := resolve("- {name: a, command: x, env: {KEY: {binding: token}}}")
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar "a": env: KEY: found a credential without a service; expected the key of next to it, or the key binding of the sidecar, with a name, label or tag of the service`))
		})

		it("takes a value of the configuration for the app, and nothing else with it", func() {
			definitions, err := resolve("- {name: a, command: x, app-env: {URL: {config: db.url}, REGION: {config: region, default: 5}, B: b}}")
			Expect(err).NotTo(HaveOccurred())
			Expect(definitions[0].AppEnv).To(HaveExactElements(
				appstart.Variable{Name: "URL", Config: "db.url"},
				And(HaveField("Config", "region"), HaveField("Default", HaveValue(Equal("5")))), appstart.Variable{Name: "B", Value: "b"}))
			Expect(definitions[0].AppNeedsConfig()).To(BeTrue())
			for value, message := range map[string]string{
				"{config: [s3cret]}":             "config: found a list; expected text",
				"{config: a, append: s3cret}":    `found the key "append"; expected the key config, and perhaps default`,
				"{config: a, default: [s3cret]}": "default: found a list; expected text",
				"{append: a, default: s3cret}":   "found the key default without config; expected both, as in {config: db.url, default: none}",
			} {
				_, err := resolve("- {name: a, command: x, app-env: {PATH: " + value + "}}")
				Expect(err).To(MatchError(And(ContainSubstring("app-env: PATH: "+message), Not(ContainSubstring("s3cret")))), value)
			}
		})

		it("takes none for the app", func() {
			_, err := resolve("- {name: a, command: x, app-env: {KEY: {binding: token, of: vault}}}")
			Expect(err).To(MatchError(ContainSubstring(`app-env: KEY: found the key "binding"; expected one of the keys append, prepend, separator, config, default`)))
		})
	})
}
