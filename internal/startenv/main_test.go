package startenv_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestStartEnv(t *testing.T) {
	suite := spec.New("startenv", spec.Report(report.Terminal{}))
	suite("Main", testMain)
	suite("Sidecar", testSidecar)
	suite.Run(t)
}

func testMain(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
	})
	run := func(environ string, args ...string) int {
		return startenv.Main(append([]string{"sidecar-env"}, args...), []string{environ}, &stdout, &stderr)
	}

	it("prints a sidecar's env as it is stated, each with a NUL behind it", func() {
		Expect(run("SIDECAR_A_ENV={A: \"two\\nlines\", B: $A}", "env", "a", "SIDECAR_A_ENV")).To(Equal(0))
		Expect(stdout.String()).To(Equal("A=two\nlines\x00B=$A\x00"))
		Expect(stderr.String()).To(BeEmpty())
	})

	it("prints its app-env in JSON, as it is stated", func() {
		Expect(run("SIDECARS=- {name: a b, app-env: {A: it's, B: '$A $(id)', NODE_OPTIONS: {append: -r x}}}", "app-env", "a b", "SIDECARS")).To(Equal(0))
		Expect(stdout.String()).To(MatchJSON(`[{"name": "A", "value": "it's"}, {"name": "B", "value": "$A $(id)"}, {"name": "NODE_OPTIONS", "value": "-r x", "join": "append", "separator": " "}]`))
		Expect(stderr.String()).To(BeEmpty())
	})

	it("reads what a bound service states, in each form of bindings", func() {
		const document = `{"sidecars": [{"name": "a", "env": {"K": "two\nlines"}, "app-env": {"B": "b"}}]}`
		services := `{"user-provided": [{"name": "my ops", "credentials": ` + document + `}]}`
		file := filepath.Join(t.TempDir(), "vcap_services")
		Expect(os.WriteFile(file, []byte(services), 0o600)).To(Succeed())
		root := t.TempDir()
		Expect(os.Mkdir(filepath.Join(root, "my ops"), 0o700)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(root, "my ops", "sidecars"), []byte(document), 0o600)).To(Succeed())
		for _, environ := range []string{"VCAP_SERVICES=" + services, "VCAP_SERVICES_FILE_PATH=" + file, "SERVICE_BINDING_ROOT=" + root} {
			stdout.Reset()
			Expect(run(environ, "env", "a", "service:my ops")).To(Equal(0), stderr.String())
			Expect(stdout.String()).To(Equal("K=two\nlines\x00"))
		}
	})

	it("prints as JSON what is made of bound services, of each part that is asked for", func() {
		Expect(run("SIDECARS=- {name: a, env: {A: $B, K: {binding: k, of: {tag: t}, default: d}}, files: {f: text}}", "render", "a", "SIDECARS", "SIDECARS")).To(Equal(0), stderr.String())
		Expect(stdout.String()).To(MatchJSON(`{"name": "", "env": [{"name": "A", "value": "$B"}, {"name": "K", "binding": "k", "of": {"tag": "t"}, "default": "d"}], "files": [{"path": "f", "template": "text", "at": "SIDECARS:1"}]}`))
		stdout.Reset()
		Expect(run("SIDECAR_A_FILES={f: {from: x}}", "render", "a", "", "SIDECAR_A_FILES")).To(Equal(0), stderr.String())
		Expect(stdout.String()).To(MatchJSON(`{"name": "", "files": [{"path": "f", "copy": "x", "at": "SIDECAR_A_FILES:1"}]}`))
	})

	context("failure cases", func() {
		it("says how to fix a missing or changed source, and quotes nothing", func() {
			for _, failing := range []struct {
				environ, message string
				args             []string
			}{
				{"A=b", `the service "ops" is not bound, or has no credential sidecars, and stated env of sidecar "a" at staging: bind it with that, or stage the app again`, []string{"env", "a", "service:ops"}},
				{"VCAP_SERVICES={s3cret", "failed to read the bound services of VCAP_SERVICES: it is not JSON: syntax error at byte 2 of 7", []string{"env", "a", "service:ops"}},
				{"SIDECAR_A_ENV={K: {binding: s3cret}}", "it states a credential of a service in env, as it did not at staging: stage the app again", []string{"env", "a", "SIDECAR_A_ENV"}},
				{"SIDECARS=- {name: a, files: s3cret}", `SIDECARS:1: sidecar "a": files: found no mapping; expected a mapping of paths to templates`, []string{"render", "a", "", "SIDECARS"}},
			} {
				stderr.Reset()
				Expect(run(failing.environ, failing.args...)).To(Equal(1))
				Expect(stderr.String()).To(Equal("[sidecar-env] a: " + failing.message + "\n"))
			}
		})

		for _, args := range [][]string{{}, {"env", "a"}, {"command", "a", "SIDECARS"}, {"env", "a", "SIDECARS", "x"}} {
			it("says how it is called", func() {
				Expect(run("", args...)).To(Equal(2))
				Expect(stderr.String()).To(HavePrefix("usage: sidecar-env env NAME FROM"))
				Expect(stdout.String()).To(BeEmpty())
			})
		}

		it("says on one line what it cannot read, and prints nothing else", func() {
			Expect(run("SIDECAR_A_B_ENV={A: good, B: [s3cret]}", "app-env", "a\nb", "SIDECARS")).To(Equal(1))
			Expect(stderr.String()).To(Equal(`[sidecar-env] a\nb: SIDECARS is not set, and stated app-env of sidecar "a\nb" at staging: set it, or stage the app again` + "\n"))
			stderr.Reset()
			Expect(run("SIDECAR_A_B_ENV={A: good, B: [s3cret]}", "env", "a\nb", "SIDECAR_A_B_ENV")).To(Equal(1))
			Expect(stderr.String()).To(Equal(`[sidecar-env] a\nb: SIDECAR_A_B_ENV:1: sidecar "a\nb": env: B: found a list; expected text, or a mapping with the key binding or config` + "\n"))
			Expect(stdout.String()).To(BeEmpty())
		})

		it("fails where it cannot print", func() {
			Expect(startenv.Main([]string{"sidecar-env", "env", "a", "SIDECAR_A_ENV"}, []string{"SIDECAR_A_ENV={A: 1}"}, broken{}, &stderr)).To(Equal(1))
			Expect(stderr.String()).To(Equal("[sidecar-env] a: it is full\n"))
		})
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("it is full") }
