package integration_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testManifest(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("runs the manifest's sidecars together with the buildpack's (CF-34)", func() {
		directory := app(t, map[string]string{
			"Procfile":     "web: " + forever,
			"sidecars.yml": "- {name: of the buildpack, command: 'echo MEMORY_LIMIT=$MEMORY_LIMIT; exec sleep 1000', memory: 128M}",
			"manifest.yml": `
applications:
- name: both
  memory: 1G
  health-check-type: process
  buildpacks: [sidecar_buildpack]
  sidecars:
  - name: of the user
    command: echo MEMORY_LIMIT=$MEMORY_LIMIT; exec sleep 1000
    process_types: [web]
    memory: 256M
`,
		})
		s := sidecar(t, directory, "push")
		s.expectLine("APP/PROC/WEB/SIDECAR/OF THE BUILDPACK/0", "MEMORY_LIMIT=128m")
		s.expectLine("APP/PROC/WEB/SIDECAR/OF THE USER/0", "MEMORY_LIMIT=256m")
		s.expectLine("APP/PROC/WEB/0", "app MEMORY_LIMIT=640m")
		s.stop()
	})

	it("takes flags over the manifest, and variables from files and the command line", func() {
		directory := app(t, map[string]string{
			"here/Procfile": "web: exit 1",
			"vars.yml":      "size: 2G\nword: from the file\n",
			"manifest.yml": `
defaults: &defaults
  health-check-type: process
  path: nowhere
applications:
- <<: *defaults
  name: ((name))-app
  memory: ((size))
  command: exit 2
  buildpacks: [nothing]
  env:
    WORD: the ((word)) word
`,
		})
		s := sidecar(t, directory, "push", "--vars-file", "vars.yml", "--var", "name=my", "--var", "word=last",
			"-p", "here", "-b", "sidecar_buildpack", "-c", `echo "$WORD $MEMORY_LIMIT"; exec sleep 1000`, "-m", "512M")
		s.expectLine("APP/PROC/WEB/0", "the last word 512m")
		Expect(s.log()).To(ContainSubstring("Start command: exit 1"), "the droplet's own, which -c replaces")
		s.stop()
	})

	it("gives the app the values that the cf CLI and Cloud Controller make of the manifest's, and notes each that changes (CF-50)", func() {
		directory := app(t, map[string]string{
			"Procfile": `web: echo "$FLOAT $VERSION $EXPONENT $FLAG $OCTAL $TEXT"; exec sleep 1000`,
			"manifest.yml": `
applications:
- name: values
  health-check-type: process
  buildpacks: [sidecar_buildpack]
  memroy: 256M
  env: {FLOAT: 1.10, VERSION: 1.0, EXPONENT: 1e3, FLAG: yes, OCTAL: 08, TEXT: "1.10"}
`,
		})
		s := sidecar(t, directory, "push")
		s.expectLine("APP/PROC/WEB/0", "1.1 1 1000 true 8 1.10")
		for _, note := range []string{
			`manifest.yml:6: Cloud Controller drops the key "memroy" without a word; did you mean memory?`,
			"manifest.yml:7: env: FLOAT: 1.10 arrives as 1.1; put it in quotes to keep it", "manifest.yml:7: env: FLAG: yes arrives as true; put it in quotes to keep it",
		} {
			Expect(s.log()).To(ContainSubstring("[API/0] OUT Note: " + note + "\n"))
		}
		Expect(s.log()).NotTo(ContainSubstring("env: TEXT"))
		s.stop()
	})

	it("pushes several apps, and says whose each line is", func() {
		directory := app(t, map[string]string{
			"Procfile": "web: " + forever,
			"manifest.yml": `
applications:
- {name: one, memory: 256M, health-check-type: process, buildpacks: [sidecar_buildpack]}
- {name: two, memory: 512M, health-check-type: process, buildpacks: [sidecar_buildpack]}
`,
		})
		s := sidecar(t, directory, "push")
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`(?m)^one \S+ \[APP/PROC/WEB/0\] OUT app MEMORY_LIMIT=256m$`))
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`(?m)^two \S+ \[APP/PROC/WEB/0\] OUT app MEMORY_LIMIT=512m$`))
		s.stop()

		s = sidecar(t, directory, "push", "two")
		s.expectLine("APP/PROC/WEB/0", "app MEMORY_LIMIT=512m")
		Expect(s.log()).NotTo(ContainSubstring("256m"))
		s.stop()
	})

	it("takes a buildpack that the manifest names by its directory", func() {
		directory := app(t, map[string]string{"Procfile": "web: " + forever})
		manifest := "applications: [{name: app, health-check-type: process, buildpacks: [sidecar_buildpack, mine]}]"
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(manifest), 0o644)).To(Succeed())
		Expect(os.Symlink(buildpack("plain"), filepath.Join(directory, "mine"))).To(Succeed())

		s := sidecar(t, directory, "push")
		s.expectLine("APP/PROC/WEB/0", "app MEMORY_LIMIT=1024m")
		s.stop()
	})

	context("failure cases", func() {
		refused := func(directory string, args ...string) string {
			s := sidecar(t, directory, append([]string{"push"}, args...)...)
			s.await()
			Expect(s.ExitCode()).To(Equal(1), s.log)
			Expect(s.log()).NotTo(ContainSubstring("creating container"), "nothing is started")
			s.expectNothingLeft()
			return string(s.Err.Contents())
		}

		it("refuses a name that manifest and buildpack both have, with the platform's message, before anything starts (CF-35)", func() {
			Expect(refused(app(t, map[string]string{
				"Procfile": "web: " + forever, "sidecars.yml": "- name: config-server",
				"manifest.yml": `
applications:
- name: twice
  buildpacks: [sidecar_buildpack]
  sidecars:
  - {name: config-server, command: ./config-server, process_types: [web]}
`,
			}))).To(Equal("FAILED\nthe platform refuses to run twice: Buildpack defined sidecar 'config-server' conflicts with an existing user-defined sidecar. Consider renaming 'config-server'.\n"))
		})

		it("refuses the manifest's own sidecars that take all of the process's memory before it stages (CF-33)", func() {
			message := refused(app(t, map[string]string{"Procfile": "web: " + forever, "manifest.yml": `
applications:
- name: full
  memory: 256M
  buildpacks: [no-such-buildpack]
  sidecars: [{name: big, command: x, process_types: [web], memory: 256M}]
`}))
			Expect(message).To(Equal("FAILED\nthe platform refuses to run full: The memory allocation defined is too large to run with the dependent \"web\" process. " +
				"The sidecars of the process web reserve 256M (big 256M of the app manifest), and it has no more than 256M, of which the app itself needs a part. " +
				"Let them reserve less: memory of its sidecars in the app manifest. Or give the process more: memory in the app manifest, or cf push -m SIZE.\n"))
		})

		it("refuses sidecars that take all of the process's memory (CF-33)", func() {
			Expect(refused(app(t, map[string]string{
				"Procfile": "web: " + forever, "sidecars.yml": "- {name: big, command: x, memory: 256M}",
			}), "-b", "sidecar_buildpack", "-m", "256M")).To(ContainSubstring(`The memory allocation defined is too large to run with the dependent "web" process`))
		})

		it("names every problem of the manifest with its line", func() {
			message := refused(app(t, map[string]string{"manifest.yml": `
applications:
- name: broken
  memory: 256
  health-check-type: magic
  sidecars:
  - name: beside
    command: x
    memory: 512K
`}))
			Expect(message).To(ContainSubstring("manifest.yml:4: "))
			Expect(message).To(ContainSubstring(`Health check type must be "port", "process", or "http"; found "magic"`))
			Expect(message).To(ContainSubstring(`manifest.yml:9: Sidecar "beside": Memory in mb must be greater than 0; found "512K"`))
			Expect(message).To(ContainSubstring(`manifest.yml:7: Sidecar "beside": Process types must be an array; found nothing; expected a list such as [web]`))
		})

		it("names every variable that is missing", func() {
			Expect(refused(app(t, map[string]string{"manifest.yml": "applications: [{name: ((a)), command: ((b)) ((c))}]"}), "--var", "b=1")).
				To(ContainSubstring("expected to find variables: a, c"))
		})
	})
}
