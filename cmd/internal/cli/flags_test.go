package cli

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/spf13/pflag"
)

// goErrors matches words of Go's own errors, which do not help users.
var goErrors = regexp.MustCompile(`strconv\.|invalid syntax|invalid character|yaml: |json: cannot|unmarshal|no such file or directory|(open|stat|exec|lstat|mkdir) [^ ]+: |\bnil\b|%!|goroutine`)

func testCommandLine(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
		t.Chdir(t.TempDir())
	})

	run := func(args ...string) int {
		t.Helper()
		return Main(carriedForTests, append([]string{"sidecar"}, args...), nil, &stdout, &stderr)
	}

	for _, one := range []struct{ command, flags string }{
		// Each command has the flags that have an effect on it.
		{"push", "manifest path buildpack start-command memory instances stack buildpack-for strict env env-file var vars-file services port lifecycle"},
		{"stage", "manifest path buildpack memory stack buildpack-for strict env env-file var vars-file services lifecycle output"},
		{"run", "manifest start-command memory instances env env-file var vars-file services lifecycle droplet port"},
		{"plan", "manifest path buildpack start-command memory instances stack buildpack-for strict env env-file var vars-file services droplet running output"},
		{"validate", "manifest path buildpack start-command memory instances stack buildpack-for strict env env-file var vars-file services previous"},
		{"render", "manifest path buildpack memory stack buildpack-for strict env env-file var vars-file services output"},
		{"ps", "output watch"},
		{"help", ""},
		{"completion", ""},
	} {
		it("has no flag that has no effect on "+one.command, func() {
			root := (&tool{carried: carriedForTests, stdout: &stdout}).root()
			root.InitDefaultHelpCmd()
			c, _, err := root.Find([]string{one.command})
			Expect(err).NotTo(HaveOccurred())
			var flags []string
			c.Flags().VisitAll(func(f *pflag.Flag) {
				if f.Name != "help" {
					flags = append(flags, f.Name)
				}
			})
			Expect(flags).To(ConsistOf(strings.Fields(one.flags)))
		})
	}

	it("takes a command's flags before the command, too", func() {
		Expect(run("--lifecycle", "none", "push")).To(Equal(1))
		Expect(stderr.String()).To(ContainSubstring("failed to find the lifecycle"))
	})

	context("whatever is wrong with what a person has written", func() {
		const app = "applications:\n- name: app\n"
		for _, wrong := range []struct {
			name, file, content string
			args                []string
		}{
			{"a number", "", "", []string{"push", "--port", "x"}},
			{"a large number", "", "", []string{"run", "-i", "99999999999999999999"}},
			{"a size", "", "", []string{"push", "-m", "12q"}},
			{"a switch", "", "", []string{"plan", "--running=maybe"}},
			{"no manifest", "", "", []string{"push", "-f", "none.yml"}},
			{"a directory without a manifest", "", "", []string{"stage", "-f", "."}},
			{"no app", "", "", []string{"push", "-p", "none", "-b", "sidecar_buildpack"}},
			{"no app to plan", "", "", []string{"plan", "-p", "none"}},
			{"no app to validate", "", "", []string{"validate", "-p", "none", "-b", "sidecar_buildpack"}},
			{"no buildpack", "", "", []string{"push", "-b", "none"}},
			{"no lifecycle", "", "", []string{"stage", "--lifecycle", "none"}},
			{"no droplet", "", "", []string{"run", "-d", "none"}},
			{"no file to validate", "", "", []string{"validate", "none.yml"}},
			{"no earlier manifest", "", "", []string{"validate", "--previous", "none.yml"}},
			{"no file of variables", "manifest.yml", app, []string{"push", "--vars-file", "none.yml"}},
			{"no file of the environment", "manifest.yml", app, []string{"push", "--env-file", "none.env"}},
			{"no file of services", "manifest.yml", app, []string{"push", "--services", "none.json"}},
			{"services that are not JSON", "services.json", "{oops", []string{"push", "--services", "services.json"}},
			{"a manifest that is a list", "manifest.yml", "- a\n", []string{"push"}},
			{"a manifest that is text", "manifest.yml", "a\n", []string{"validate"}},
			{"an empty manifest", "manifest.yml", "", []string{"plan"}},
			{"a manifest that is not YAML", "manifest.yml", app + "  env: [a\n", []string{"push"}},
			{"a manifest with a tab", "manifest.yml", app + "\tenv: a\n", []string{"validate", "manifest.yml"}},
			{"a manifest with a control character", "manifest.yml", "\x01", []string{"push"}},
			{"a manifest that is a directory", "manifest.yml/x", "", []string{"push"}},
			{"a manifest with values of another kind", "manifest.yml", app + "  instances: x\n  memory: [1]\n  env: x\n", []string{"push"}},
			{"a manifest with an alias to nothing", "manifest.yml", app + "  env: *x\n", []string{"push"}},
			{"variables that are a list", "vars.yml", "- a\n", []string{"push", "--vars-file", "vars.yml"}},
			{"variables that are not YAML", "vars.yml", "a: [\n", []string{"push", "--vars-file", "vars.yml"}},
			{"sidecars.yml that is text", "sidecars.yml", "a\n", []string{"plan", "-b", "sidecar_buildpack"}},
			{"sidecars.yml that is not YAML", "sidecars.yml", "a: [\n", []string{"validate", "-b", "sidecar_buildpack"}},
			{"sidecars.yml that is a directory", "sidecars.yml/x", "", []string{"plan", "-b", "sidecar_buildpack"}},
			{"a Procfile that is a list", "Procfile", "- a\n", []string{"plan", "-b", "sidecar_buildpack"}},
			{"a Procfile that is not YAML", "Procfile", "web: [\n", []string{"plan", "-b", "sidecar_buildpack"}},
			{"a catalog that is not TOML", "buildpack.toml", "a = [\n", []string{"validate", "buildpack.toml"}},
			{"a catalog of another shape", "buildpack.toml", "metadata = 1\n", []string{"validate", "buildpack.toml"}},
			{"a buildpack with a broken catalog", "bp/buildpack.toml", "metadata = {sidecars = [\n", []string{"plan", "-b", "bp"}},
			{"a buildpack with a broken manifest.yml", "bp/manifest.yml", "a: [\n", []string{"plan", "-b", "bp"}},
			{"an app that is not an archive", "app.jar", "x", []string{"plan", "-p", "app.jar"}},
			{"a buildpack that is not an archive", "bp.zip", "x", []string{"push", "-b", "bp.zip"}},
			{"a file in the place of a droplet", "out", "x", []string{"run", "-d", "out"}},
			{"a file in the place of a droplet that is to be made", "out", "x", []string{"stage", "-o", "out", "-b", "sidecar_buildpack"}},
			{"a droplet's result that is not JSON", "out/result.json", "{oops", []string{"plan", "-d", "out"}},
			{"a droplet's result of another shape", "out/result.json", `{"process_types": []}`, []string{"plan", "-d", "out"}},
		} {
			it("says it in words that are not Go's: "+wrong.name, func() {
				if wrong.file != "" {
					write(t, wrong.file, wrong.content, 0o644)
				}
				if strings.HasPrefix(wrong.file, "vars") {
					write(t, "manifest.yml", app, 0o644)
				}
				if strings.HasPrefix(wrong.file, "bp/") {
					write(t, "bp/bin/supply", "", 0o755)
					write(t, "sidecars.yml", "- {name: a, dependency: b, executable: c}\n", 0o644)
				}
				if wrong.file == "bp/manifest.yml" {
					write(t, "bp/buildpack.toml", "metadata = {sidecars = []}\n", 0o644)
				}
				Expect(run(wrong.args...)).NotTo(Equal(0))
				said := stdout.String() + stderr.String()
				Expect(goErrors.FindString(said)).To(BeEmpty(), said)
				Expect(said).NotTo(ContainSubstring("\x1b"))
			})
		}
	})
}
