package sidecar_test

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testRestate(t *testing.T, context spec.G, it spec.S) {
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
			"SIDECAR_AN_AGENT_ENV={A: own}", "SIDECAR_AN_AGENT_APP_ENV={\"C\": \"a: b\", \"PATH\": {\"append\": \"/d\"}}",
		}
		Expect(restated(environ, "SIDECARS", "an agent", "env")).To(Equal([]supervision.Variable{{Name: "B", Value: "two"}, {Name: "A", Value: "$B"}}))
		Expect(appEnv(environ, "SIDECARS", "an agent")).To(Equal([]appstart.Variable{{Name: "C", Value: "3"}}))
		Expect(restated(environ, "SIDECAR_AN_AGENT_ENV", "an agent", "env")).To(Equal([]supervision.Variable{{Name: "A", Value: "own"}}))
		Expect(appEnv(environ, "SIDECAR_AN_AGENT_APP_ENV", "an agent")).To(Equal([]appstart.Variable{{Name: "C", Value: "a: b"}, {Name: "PATH", Value: "/d", Join: "append", Separator: ":"}}))
		Expect(restated([]string{"SIDECAR_AN_AGENT_ENV={}"}, "SIDECAR_AN_AGENT_ENV", "an agent", "env")).To(BeEmpty())
	})

	it("reads credentials and files anew, of a service, too", func() {
		const document = `{"sidecars": [{"name": "a", "env": {"K": {"binding": "k", "default": "d"}, "B": "$K"}, "app-env": {"C": "c"}, "files": {"f": "text"}}]}`
		for _, from := range []string{"SIDECARS", "service:my ops"} {
			d, err := sidecar.Restate(from, []byte(document), "a", "env")
			Expect(err).NotTo(HaveOccurred())
			Expect(d).To(And(HaveField("Bound", HaveKeyWithValue("K", HaveField("Binding", "k"))), HaveField("Supervision.Env", HaveLen(2))))
			d, err = sidecar.Restate(from, []byte(document), "a", "files")
			Expect(err).NotTo(HaveOccurred())
			Expect(d.Files).To(HaveExactElements(HaveField("Path", "f")))
		}
	})

	context("failure cases", func() {
		it("says which service is gone, or states it no more", func() {
			_, err := sidecar.Restate("service:ops", nil, "a", "env")
			Expect(err).To(MatchError(`the service "ops" is not bound, or has no credential sidecars, and stated env of sidecar "a" at staging: bind it with that, or stage the app again`))
			_, err = sidecar.Restate("service:ops", []byte("- name: b"), "a", "env")
			Expect(err).To(MatchError(`service "ops" states no env of sidecar "a" any more, as it did at staging: stage the app again`))
			_, err = sidecar.Restate("service:ops", []byte("- {name: a, env: [s3cret]}"), "a", "env")
			Expect(err).To(MatchError(`service "ops":1: sidecar "a": env: found no mapping; expected a mapping of names to values`))
		})

		for _, failing := range []struct{ name, environ, variable, message string }{
			{"a variable that is gone", "OTHER=1", "SIDECARS", `SIDECARS is not set, and stated env of sidecar "a" at staging: set it, or stage the app again`},
			{"a sidecar that is gone", "SIDECARS=- {name: b, env: {A: s3cret}}", "SIDECARS", `SIDECARS states no env of sidecar "a" any more, as it did at staging: stage the app again`},
			{"a field that is gone", "SIDECARS=- {name: a, command: s3cret}", "SIDECARS", `SIDECARS states no env of sidecar "a" any more, as it did at staging: stage the app again`},
			{"the variable of another field", "SIDECAR_A_APP_ENV={A: s3cret}", "SIDECAR_A_APP_ENV", `SIDECAR_A_APP_ENV states no env of sidecar "a" any more, as it did at staging: stage the app again`},
			{"another kind of value", "SIDECAR_A_ENV=s3cret", "SIDECAR_A_ENV", `SIDECAR_A_ENV:1: sidecar "a": env: found no mapping; expected a mapping of names to values`},
		} {
			it("says what to do about "+failing.name+", and quotes no value", func() {
				_, err := restated([]string{failing.environ}, failing.variable, "a", "env")
				Expect(err).To(MatchError(failing.message))
			})
		}
	})
}
