package sidecar_test

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testStated(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	resolved := func(environ ...string) sidecar.Definition {
		t.Helper()
		definitions, _, err := sidecar.Resolve(sidecar.Request{
			Sources: []sidecar.Source{
				{Name: "sidecars.yml", Content: []byte("- {name: an agent, command: x, env: {A: file}, app-env: {B: file}}")},
				{Name: "SIDECARS", Variable: true, Content: []byte("- {name: an agent, env: {A: inline}}")},
			}[:min(2, 1+slices.Index([]string{"", "inline"}, environ[0]))],
			Environ: environ[1:],
		})
		Expect(err).NotTo(HaveOccurred())
		return definitions[0]
	}

	it("knows which variable of the environment states values, and of files says nothing", func() {
		d := resolved("")
		Expect([]string{d.Supervision.EnvFrom, d.AppEnvFrom}).To(Equal([]string{"", ""}))
		d = resolved("inline")
		Expect([]string{d.Supervision.EnvFrom, d.AppEnvFrom}).To(Equal([]string{"SIDECARS", ""}))
		d = resolved("inline", "SIDECAR_AN_AGENT_ENV={A: own}", "SIDECAR_AN_AGENT_APP_ENV={B: own}")
		Expect([]string{d.Supervision.EnvFrom, d.AppEnvFrom}).To(Equal([]string{"SIDECAR_AN_AGENT_ENV", "SIDECAR_AN_AGENT_APP_ENV"}))
	})

	it("reads them anew, in their order and with other values than before", func() {
		environ := []string{
			"SIDECARS={sidecars: [{name: other, command: x, app-env: {A: 9}}, {name: an agent, command: x, env: {B: two, A: '$B'}, app-env: {C: 3}}]}",
			"SIDECAR_AN_AGENT_ENV={A: own}", "SIDECAR_AN_AGENT_APP_ENV={\"C\": \"a: b\"}",
		}
		Expect(sidecar.VariablesIn(environ, "SIDECARS", "an agent", "env")).To(Equal([]supervision.Variable{{Name: "B", Value: "two"}, {Name: "A", Value: "$B"}}))
		Expect(sidecar.VariablesIn(environ, "SIDECARS", "an agent", "app-env")).To(Equal([]supervision.Variable{{Name: "C", Value: "3"}}))
		Expect(sidecar.VariablesIn(environ, "SIDECAR_AN_AGENT_ENV", "an agent", "env")).To(Equal([]supervision.Variable{{Name: "A", Value: "own"}}))
		Expect(sidecar.VariablesIn(environ, "SIDECAR_AN_AGENT_APP_ENV", "an agent", "app-env")).To(Equal([]supervision.Variable{{Name: "C", Value: "a: b"}}))
		Expect(sidecar.VariablesIn([]string{"SIDECAR_AN_AGENT_ENV={}"}, "SIDECAR_AN_AGENT_ENV", "an agent", "env")).To(BeEmpty())
	})

	context("failure cases", func() {
		for _, failing := range []struct{ name, environ, variable, message string }{
			{"a variable that is gone", "OTHER=1", "SIDECARS", `SIDECARS is not set, and stated env of sidecar "a" at staging: set it, or stage the app again`},
			{"a sidecar that is gone", "SIDECARS=- {name: b, env: {A: s3cret}}", "SIDECARS", `SIDECARS states no env of sidecar "a" any more, as it did at staging: stage the app again`},
			{"a field that is gone", "SIDECARS=- {name: a, command: s3cret}", "SIDECARS", `SIDECARS states no env of sidecar "a" any more, as it did at staging: stage the app again`},
			{"the variable of another field", "SIDECAR_A_APP_ENV={A: s3cret}", "SIDECAR_A_APP_ENV", `SIDECAR_A_APP_ENV states no env of sidecar "a" any more, as it did at staging: stage the app again`},
			{"another kind of value", "SIDECAR_A_ENV=s3cret", "SIDECAR_A_ENV", `SIDECAR_A_ENV:1: sidecar "a": env: found no mapping; expected a mapping of names to values`},
		} {
			it("says what to do about "+failing.name+", and quotes no value", func() {
				_, err := sidecar.VariablesIn([]string{failing.environ}, failing.variable, "a", "env")
				Expect(err).To(MatchError(failing.message))
			})
		}
	})
}
