package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testServices tests the bound services of plan and validate; push, stage and run bind them in the
// same way.
func testServices(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
		environ        []string
	)

	it.Before(func() {
		environ = nil
		t.Chdir(t.TempDir())
		t.Setenv("TMPDIR", t.TempDir())
		write(t, "Procfile", "web: bin/server\n", 0o644)
		write(t, ".cfignore", ".sidecar-services.yml\n", 0o644)
		write(t, "sidecars.yml", "- {name: agent, command: watch, memory: 96M, binding: apm, env: {KEY: {binding: api_key}}}\n", 0o644)
		write(t, "manifest.yml", "applications:\n- {name: my-app, memory: 512M, buildpacks: [sidecar_buildpack], services: [my-apm, {name: db, binding_name: sql}]}\n", 0o644)
	})
	run := func(args ...string) int {
		stdout.Reset()
		stderr.Reset()
		return Main(carriedForTests, append([]string{"sidecar"}, args...), environ, &stdout, &stderr)
	}
	said := func() string { return strings.Join(strings.Fields(stdout.String()+stderr.String()), " ") }
	const (
		team  = "services:\n  my-apm: {label: apm, credentials: {api_key: s3cret}}\n  db: {credentials: {uri: s3cret}}\n"
		there = `Sidecar "agent" is for the service "my-apm", which is bound.`
	)

	for _, command := range []string{"plan", "validate"} {
		it("binds, in "+command+", the services of the manifest as the team's file has them", func() {
			write(t, ".sidecar-services.yml", team, 0o600)
			Expect(run(command)).To(Equal(0), said())
			Expect(said()).To(ContainSubstring(there))
			Expect(said()).NotTo(Or(ContainSubstring("s3cret"), ContainSubstring("not bound"), ContainSubstring(".cfignore"), ContainSubstring("the platform's alone")))
		})

		it("says, in "+command+", which service of the manifest nothing here has, and why the sidecar is left out", func() {
			Expect(run(command)).To(Equal(0), said())
			Expect(said()).To(ContainSubstring(`the service "my-apm" of the manifest is not bound here: there is no .sidecar-services.yml with its credentials, and no --services FILE`))
			Expect(said()).To(ContainSubstring(`Sidecar "agent" is left out: it is for a service with the name, label or tag "apm", and no service is bound.`))
			write(t, ".sidecar-services.yml", "services: {my-amp: {credentials: {api_key: s3cret}}, db: {}}", 0o600)
			Expect(run(command)).To(Equal(0), said())
			Expect(said()).To(ContainSubstring(`the service "my-apm" of the manifest is not bound here: `))
			Expect(said()).To(ContainSubstring(`.sidecar-services.yml does not have it; did you mean my-amp? It has db, my-amp`))
			Expect(said()).To(ContainSubstring(`Sidecar "agent" is left out: it is for a service with the name, label or tag "apm"; bound are "sql".`))
			Expect(said()).NotTo(ContainSubstring("s3cret"))
		})

		it("takes, in "+command+", the services of --services, or else of VCAP_SERVICES, before those of the file", func() {
			write(t, ".sidecar-services.yml", team, 0o600)
			environ = []string{`VCAP_SERVICES={"apm": [{"name": "theirs", "credentials": {"api_key": "s3cret"}}]}`}
			Expect(run(command)).To(Equal(0), said())
			Expect(said()).To(ContainSubstring(`Sidecar "agent" is for the service "theirs", which is bound.`))
			Expect(said()).To(ContainSubstring(`the service "my-apm" of the manifest is not bound here: VCAP_SERVICES does not have it`))
			write(t, "bound.json", `{"apm": [{"name": "mine", "credentials": {"api_key": "s3cret"}}]}`, 0o600)
			Expect(run(command, "--services", "bound.json")).To(Equal(0), said())
			Expect(said()).To(ContainSubstring(`Sidecar "agent" is for the service "mine", which is bound.`))
			Expect(said()).NotTo(ContainSubstring("s3cret"))
		})

		it("warns, in "+command+", of a file that cf push would upload", func() {
			write(t, ".sidecar-services.yml", team, 0o600)
			write(t, ".cfignore", "*.log\n", 0o644)
			Expect(run(command)).To(Equal(0), said())
			Expect(said()).To(ContainSubstring("/.sidecar-services.yml has credentials, and cf push uploads it with the app: add the line .sidecar-services.yml to .cfignore"))
		})

		for _, flag := range []struct{ name, file, content, secrets string }{
			{"--services", "bound.json", `{"apm": [{"name": "my-apm", "credentials": {"api_key": "s3cret"}}]}`, "credentials"},
			{"--env-file", "app.env", "TOKEN=s3cret\n", "the values of variables"},
			{"--vars-file", "vars.yml", "token: s3cret\n", "values for the manifest"},
		} {
			it("warns, in "+command+", of the file of "+flag.name+" that cf push would upload, whatever path names it", func() {
				write(t, "config/"+flag.file, flag.content, 0o600)
				Expect(os.Symlink("config", "link")).To(Succeed())
				for _, path := range []string{"config/" + flag.file, "./config/../config/" + flag.file, "link/" + flag.file} {
					Expect(run(command, flag.name, path)).To(Equal(0), said())
					Expect(said()).To(ContainSubstring(path + " has " + flag.secrets + ": it is left out here, but cf push uploads it with the app: add the line config/" + flag.file + " to .cfignore"))
				}
				write(t, ".cfignore", ".sidecar-services.yml\nconfig/"+flag.file+"\n", 0o644)
				Expect(run(command, flag.name, "config/"+flag.file)).To(Equal(0), said())
				Expect(said()).NotTo(ContainSubstring(".cfignore"))
				outside := write(t, filepath.Join(t.TempDir(), flag.file), flag.content, 0o600)
				Expect(run(command, flag.name, outside)).To(Equal(0), said())
				Expect(said()).NotTo(ContainSubstring(".cfignore"))
			})
		}

		it("CF-41 refuses, in "+command+", bindings that are too long for VCAP_SERVICES, and accepts them as a file", func() {
			long := func() string {
				return `{"apm": [{"name": "my-apm", "credentials": {"api_key": "` + strings.Repeat("s3cret", 20_000) + `", "more": "` + strings.Repeat("s3cret", 3_000) + `"}}]}`
			}
			services := write(t, filepath.Join(t.TempDir(), "bound.json"), long(), 0o600)
			Expect(run(command, "--services", services)).To(Equal(1))
			Expect(said()).To(MatchRegexp(`my-app: found 138\d{3} bytes in the variable VCAP_SERVICES with its name; Linux takes at most 131071 for one variable`))
			Expect(said()).To(ContainSubstring("features: {file-based-vcap-services: true}"))
			Expect(said()).NotTo(ContainSubstring("s3cret"))
			write(t, "manifest.yml", "applications:\n- {name: my-app, memory: 512M, buildpacks: [sidecar_buildpack], features: {file-based-vcap-services: true}}\n", 0o644)
			Expect(run(command, "--services", services)).To(Equal(0), said())
			Expect(said()).To(ContainSubstring(there))
		})

		it("counts, in "+command+", no white space between the values of bindings, which the platform does not write", func() {
			content := `{"apm": [` + strings.Repeat(" ", 140_000) + `{"name": "my-apm", "credentials": {"api_key": "s3cret"}}]}`
			services := write(t, filepath.Join(t.TempDir(), "bound.json"), content, 0o600)
			Expect(run(command, "--services", services)).To(Equal(0), said())
			Expect(said()).To(ContainSubstring(there))
		})

		it("refuses, in "+command+", a variable that is too long for a process", func() {
			Expect(run(command, "--env", "LONG="+strings.Repeat("s3cret", 22_000))).To(Equal(1))
			Expect(said()).To(ContainSubstring("my-app: found 132005 bytes in the variable LONG with its name; Linux takes at most 131071"))
			Expect(said()).NotTo(ContainSubstring("s3cret"))
		})

		it("says, in "+command+", that it is not known what is bound where nothing tells", func() {
			write(t, "manifest.yml", "applications:\n- {name: my-app, memory: 512M, buildpacks: [sidecar_buildpack]}\n", 0o644)
			Expect(run(command)).To(Equal(0), said())
			Expect(said()).To(ContainSubstring(`Sidecar "agent" is left out: no service with the name, label or tag "apm" is known to be bound.`))
		})

		it("refuses, in "+command+", two services that match, a missing key and a template that asks for one", func() {
			write(t, ".sidecar-services.yml", "services: {my-apm: {label: apm}, db: {label: apm}}", 0o600)
			Expect(run(command)).To(Equal(1))
			Expect(said()).To(ContainSubstring(`sidecars.yml:1: sidecar "agent": binding: found 2 services with the name, label or tag "apm", "my-apm", "sql"; expected one`))
			write(t, ".sidecar-services.yml", "services: {my-apm: {label: apm, credentials: {key: s3cret}}, db: {}}", 0o600)
			Expect(run(command)).To(Equal(1))
			Expect(said()).To(ContainSubstring(`sidecars.yml:1: sidecar "agent": env: KEY: found no credential "api_key" of the service "my-apm"; `))
			write(t, "sidecars.yml", "- {name: agent, command: watch, memory: 96M, binding: apm, files: {a: '{{ binding \"api_key\" }}'}}\n", 0o644)
			Expect(run(command)).To(Equal(1))
			Expect(said()).To(ContainSubstring(`sidecars.yml:1: sidecar "agent": files: a:1:4: found no key "api_key" in the credentials of the service "my-apm"`))
			write(t, "sidecars.yml", "- {name: agent, command: watch, memory: 96M, files: {a: '{{ .App.Nmae }}{{ cert \"x\" }}'}}\n", 0o644)
			Expect(run(command)).To(Equal(1))
			Expect(said()).To(ContainSubstring(`sidecars.yml:1: sidecar "agent": files: a:1:8: found no value called .App.Nmae; did you mean Name? Expected one of API, `))
			Expect(said()).To(ContainSubstring(`sidecars.yml:1: sidecar "agent": files: a:1:19: found "x", which is not a part of the identity; expected cert "certificate", `))
			Expect(said()).NotTo(ContainSubstring("s3cret"))
		})
	}

	it("takes sidecars from a service that declares them", func() {
		write(t, "bound.json", `{"user-provided": [{"name": "ops", "tags": ["sidecars"], "credentials": {"sidecars": [{"name": "more", "command": "run", "memory": 32, "env": {"A": "s3cret"}}]}}]}`, 0o600)
		Expect(run("plan", "--services", "bound.json")).To(Equal(0), said())
		Expect(said()).To(ContainSubstring("more (buildpack)"))
		Expect(said()).NotTo(ContainSubstring("s3cret"))
	})
}
