package supply_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// testSecrets looks for values of the user's in everything that supply leaves.
func testSecrets(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.write("buildpack/bin/supervise", "the supervisor")
		s.write("buildpack/bin/sidecar-env", "the reader")
	})

	// holders are the files below the deps directory that hold a text, with their modes.
	holders := func(text string) map[string]string {
		found := map[string]string{}
		for name, content := range s.tree() {
			if mode, content, _ := strings.Cut(content, " "); strings.HasPrefix(name, "/deps/") && strings.Contains(content, text) {
				found[name] = mode
			}
		}
		return found
	}

	for _, stated := range []struct{ in, file, environ string }{
		{"SIDECARS", "[]", "SIDECARS=- {name: a, command: x, env: {A: s3cret}, app-env: {B: s3cret}}"},
		{"variables of their own", "- {name: a, command: x, env: {A: old}, app-env: {B: old}}", "SIDECAR_A_ENV={A: s3cret}\nSIDECAR_A_APP_ENV={B: s3cret}"},
	} {
		it("writes no value that is stated in "+stated.in+", but where it is", func() {
			s.write("app/sidecars.yml", stated.file)
			s.environ = strings.Split(stated.environ, "\n")
			Expect(s.run()).To(Succeed())
			Expect(holders("s3cret")).To(BeEmpty())
			Expect(s.log.String()).NotTo(ContainSubstring("s3cret"))
			name, _, _ := strings.Cut(s.environ[0], "=")
			Expect(supervision.Read(s.path("deps/0"))).To(Equal([]supervision.Spec{{Name: "a", EnvFrom: name}}))
			Expect(s.tree()).To(HaveKeyWithValue("/deps/0/bin/sidecar-env", "-rwxr-xr-x the reader"))
		})
	}

	it("logs a command and an address without their secrets", func() {
		s.write("app/sidecars.yml", "- {name: a, command: TOKEN=s3cret ./a --port 80, health-check-http-endpoint: '/health?s3cret', port: 80}")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring(`command:     "$DEPS_DIR/0/bin/supervise" a -- bash -c 'TOKEN=…`))
		Expect(s.log.String()).To(ContainSubstring("health by http at port 80/health?…"))
		Expect(s.log.String()).NotTo(ContainSubstring("s3cret"))
	})

	it("keeps what files state to the app alone", func() {
		s.write("app/sidecars.yml", "- {name: a, command: 'x s3cret', env: {A: s3cret}, app-env: {B: s3cret}}")
		Expect(s.run()).To(Succeed())
		Expect(holders("s3cret")).To(Equal(map[string]string{
			"/deps/0/launch.yml": "-rw-------", "/deps/0/known-sidecars.sh": "-rw-------",
			"/deps/0/supervise.conf": "-rw-------", "/deps/0/app-env/web.sh": "-rw-------", "/deps/0/app-start.json": "-rw-------",
		}))
		Expect(s.path("deps/0/bin/sidecar-env")).NotTo(BeAnExistingFile())
	})

	context("app-env of a variable", func() {
		// started is what the app's process prints that has sourced the script, with the
		// real program.
		started := func(startCommand string, environ ...string) (string, error) {
			t.Helper()
			s.programs()
			s.write("app/sidecars.yml", "- {name: it's, command: x}")
			s.environ = []string{"SIDECAR_IT_S_APP_ENV={A: old}"}
			Expect(s.run()).To(Succeed())
			command := exec.Command("sh", "-euc", `. "$0"; echo "A=${A-}"`, s.path("deps/0/profile.d/sidecars.sh"), "app", startCommand)
			command.Env = append([]string{"PATH=/usr/bin:/bin", "DEPS_DIR=" + s.path("deps")}, environ...)
			output, err := command.CombinedOutput()
			return string(output), err
		}

		it("is that of the start", func() {
			Expect(started("run", "SIDECAR_IT_S_APP_ENV={A: \"new $(id) ${B}\"}", "B=b")).To(Equal("A=new $(id) b\n"))
			Expect(started("run", "SIDECAR_IT_S_APP_ENV={A: new}", "A=set")).To(Equal("A=set\n"))
		})

		it("keeps an app from starting that cannot have it, and says why", func() {
			const why = `[sidecar-env] it's: SIDECAR_IT_S_APP_ENV is not set, and stated app-env of sidecar "it's" at staging: set it, or stage the app again` + "\n"
			output, err := started("run")
			Expect(err).To(MatchError("exit status 1"))
			Expect(output).To(Equal(why))
			Expect(started("bash")).To(Equal(why+"A=\n"), "a shell is for finding out")
		})
	})

	context("failure cases", func() {
		it("refuses a program in the place of sidecar-env, which reads variables", func() {
			s.write("app/sidecars.yml", "- {name: a, artifact: {uri: 'https://example.com/sidecar-env', sha256: '"+strings.Repeat("0", 64)+"'}}")
			s.environ = []string{"SIDECAR_A_APP_ENV={A: 1}"}
			Expect(s.run()).To(MatchError(MatchRegexp(regexp.QuoteMeta(`found an executable called "sidecar-env"; expected another name`))))
		})
	})
}
