package manifest

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testProblems(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("finds no problem in a manifest of every key", func() {
		app := oneApp(t, `
applications:
- name: app
  path: .
  stack: cflinuxfs4
  lifecycle: buildpack
  buildpacks: [go_buildpack]
  command: ./run
  memory: 256M
  disk_quota: 1G
  instances: 1
  timeout: 60
  health-check-type: http
  health-check-http-endpoint: /
  health-check-invocation-timeout: 1
  health-check-interval: 30
  routes: [{route: app.example.com}]
  services: [db]
  env: {A: b}
  sidecars: [{name: s, command: ./s, process_types: [web]}]
  processes: [{type: worker, command: ./work, memory: 64M}]
`)
		Expect(app.Name).To(Equal("app"))
	})

	it("takes a version that the cf CLI cuts to 1", func() {
		Expect(oneApp(t, "version: 1.0\napplications: [{name: app}]\n").Name).To(Equal("app"))
	})

	it("takes another lifecycle for buildpacks, as Cloud Controller does, and notes it", func() {
		for _, lifecycle := range []string{"docker", "CNB", "1.0"} {
			app := oneApp(t, "applications:\n- name: app\n  lifecycle: "+lifecycle+"\n")
			Expect(notesOf(app)).To(ContainElement(`manifest.yml:3: Cloud Controller takes the lifecycle "` + strings.TrimSuffix(lifecycle, ".0") +
				`" for none; it knows buildpack and cnb, and the key docker`))
		}
	})

	context("failure cases", func() {
		for _, broken := range []struct{ name, content, message string }{
			{"nothing at all", "", ": found no applications; expected the key applications with a list below it"},
			{"a comment alone", "# soon\n", ": found no applications; expected the key applications with a list below it"},
			{"null", "null\n", ": found no applications; expected the key applications with a list below it"},
			{"another document", "sidecars: []\n", ": found no applications; expected the key applications with a list below it"},
			{"an empty list", "applications: []\n", ": found no applications; expected the key applications with a list below it"},
			{"a list", "- name: app\n", ":1: manifest: the cf CLI cannot read the manifest; found a list; expected a mapping"},
			{"a text", "app\n", `:1: manifest: the cf CLI cannot read the manifest; found "app"; expected a mapping`},
			{"a mapping of apps", "applications:\n  app: {}\n", ":1: applications: the cf CLI cannot read the manifest; found a mapping; expected a list"},
			{"an app that is a text", "applications:\n- app\n", `:2: applications: the cf CLI cannot read the manifest; found "app"; expected a mapping`},
			{"an app that is a list", "applications:\n- [app]\n", ":2: applications: the cf CLI cannot read the manifest; found a list; expected a mapping"},
			{"an app that is nothing", "applications:\n-\n", ":2: Name must not be empty; found no name; expected the key name"},
			{"an app without a name", "applications:\n- memory: 1G\n", ":2: Name must not be empty; found no name; expected the key name"},
			{"a blank name", "applications:\n- name: ' '\n", ":2: Name must not be empty; found no name; expected the key name"},
			{"a name that is too long", "applications:\n- name: " + strings.Repeat("ä", 256) + "\n", ":2: Name is too long (maximum is 255 characters); found 256 characters"},
			{"a name that is a mapping", "applications:\n- name: {a: b}\n", ":2: name: the cf CLI cannot read the manifest; found a mapping; expected text"},
			{"another version", "version: 2\napplications: [{name: a}]\n", ":1: Unsupported manifest schema version. Currently supported versions: [1]."},
			{"an app twice", "applications:\n- name: a\n- name: a\n", `:3: the app "a" is here twice; expected a name of its own for each app, as each is run here`},
			{"docker", "applications:\n- name: a\n  docker: {image: b}\n", `:3: app "a": docker; found a mapping; expected an app that buildpacks stage: no other can be run here`},
			{"the lifecycle of Cloud Native Buildpacks, which is launched otherwise (CF-40, CF-52)", "applications:\n- name: a\n  lifecycle: cnb\n", `:3: app "a": lifecycle; found "cnb"; expected an app that buildpacks stage: no other can be run here`},
			{"buildpack and buildpacks", "applications:\n- name: a\n  buildpack: x\n  buildpacks: [y]\n", ":3: Buildpack and Buildpacks fields cannot be used together."},
			{"buildpacks that are not a list", "applications:\n- name: a\n  buildpacks: x\n", `:3: Buildpacks must be an array; found "x"; expected a list such as [sidecar_buildpack, go_buildpack]`},
			{"a buildpack that is a number", "applications:\n- name: a\n  buildpacks:\n  - x\n  - 5\n", `:5: Buildpacks can only contain strings; found the number 5; expected a name or a URL`},
			{"a buildpack without a name", "applications:\n- name: a\n  buildpacks: ['']\n", `:3: Buildpacks entries must be between 1 and 4096 characters; found ""; expected a name or a URL`},
			{"a single buildpack without a name", "applications:\n- name: a\n  buildpack: ''\n", `:3: Buildpack must be between 1 and 4096 characters; found 0 characters`},
			{"a disk quota without a unit", "applications:\n- name: a\n  disk_quota: 1024\n", ": `disk_quota` must be a string; found 1024: give it a unit, such as 1G"},
			{"a disk quota in both spellings", "applications:\n- name: a\n  disk_quota: 1G\n  disk-quota: 1G\n", ": cannot define both `disk_quota` and `disk-quota`"},
			{"a route that is not a flag", "applications:\n- name: a\n  no-route: sometimes\n", `:3: no-route: the cf CLI cannot read the manifest; found "sometimes"; expected true or false, without quotes`},
			{"bytes that are not text", "applications:\n- name: a\n  env:\n    V: !!binary /w==\n",
				":4: Request invalid due to parse error: Invalid UTF-8 encoding in YAML data; found bytes that are not text; expected text"},
			{"variables outside of the apps", "variables: {A: b}\napplications:\n- name: a\n",
				":1: variables: the cf CLI cannot read the manifest; found a mapping; expected another name for the key: the CLI takes variables for a list of definitions"},
			{"a variable that is defined and has no value", "variables: [{name: v, type: password}]\napplications:\n- name: a\n",
				": expected to find variables: v; give each with --var NAME=VALUE or in a --vars-file"},
			{"syntax that is none", "applications:\n- name: [\n", ":2: syntax: found what no YAML parser can read (did not find expected node content); expected YAML"},
			{"a tab", "applications:\n\t- name: a\n", ":2: syntax: found what no YAML parser can read (found character that cannot start any token); expected YAML"},
			{"an alias of nothing", "applications: *none\n", ":1: syntax: found what no YAML parser can read (unknown anchor '…' referenced); expected YAML"},
		} {
			it("refuses "+broken.name, func() {
				_, err := parseManifest(t, broken.content)
				Expect(err).To(MatchError(HaveSuffix("manifest.yml" + broken.message)))
			})
		}
	})
}
