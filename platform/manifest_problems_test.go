package platform

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testManifestProblems(t *testing.T, context spec.G, it spec.S) {
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

	context("failure cases", func() {
		for _, broken := range []struct{ name, content, message string }{
			{"nothing at all", "", ": found no applications; expected the key applications with a list below it"},
			{"a comment alone", "# soon\n", ": found no applications; expected the key applications with a list below it"},
			{"null", "null\n", ": found no applications; expected the key applications with a list below it"},
			{"another document", "sidecars: []\n", ": found no applications; expected the key applications with a list below it"},
			{"an empty list", "applications: []\n", ": found no applications; expected the key applications with a list below it"},
			{"a list", "- name: app\n", ":1: found a list; expected a mapping"},
			{"a text", "app\n", `:1: found "app"; expected a mapping`},
			{"a mapping of apps", "applications:\n  app: {}\n", ":2: found a mapping; expected a list"},
			{"an app that is a text", "applications:\n- app\n", `:2: found "app"; expected a mapping`},
			{"an app that is a list", "applications:\n- [app]\n", ":2: found a list; expected a mapping"},
			{"an app that is nothing", "applications:\n-\n", ":2: the app has no name; expected the key name"},
			{"an app without a name", "applications:\n- memory: 1G\n", ":2: the app has no name; expected the key name"},
			{"a name that is too long", "applications:\n- name: " + strings.Repeat("ä", 256) + "\n", ":2: the app's name has 256 characters; expected at most 255"},
			{"a name that is a mapping", "applications:\n- name: {a: b}\n", ":2: found a mapping; expected text"},
			{"a key twice", "applications:\n- name: a\n  name: b\n", `:3: mapping key "name" already defined at line 2`},
			{"a key in both spellings", "applications:\n- name: a\n  health-check-type: port\n  health_check_type: http\n", `:4: mapping key "health_check_type" already defined at line 3`},
			{"an app twice", "applications:\n- name: a\n- name: a\n", `:3: the app "a" stands there twice; each app needs a name of its own`},
			{"docker", "applications:\n- name: a\n  docker: {image: b}\n", `:2: app "a": only apps that buildpacks stage can be run here; found docker or another lifecycle`},
			{"another lifecycle", "applications:\n- name: a\n  lifecycle: cnb\n", `:2: app "a": only apps that buildpacks stage can be run here; found docker or another lifecycle`},
			{"buildpack beside buildpacks", "applications:\n- name: a\n  buildpack: x\n  buildpacks: [y]\n", ":2: Buildpack and Buildpacks fields cannot be used together."},
			{"buildpacks that are no list", "applications:\n- name: a\n  buildpacks: x\n", `:3: found "x"; expected a list`},
			{"env that is a list", "applications:\n- name: a\n  env: [A=b]\n", ":3: found a list; expected a mapping"},
			{"PR-25: PORT of one's own", "applications:\n- name: a\n  env:\n    PORT: 80\n", ":4: env: cannot set PORT"},
			{"PR-25: port in any case", "applications:\n- name: a\n  env:\n    Port: 80\n", ":4: env: cannot set PORT"},
			{"VCAP_ variables", "applications:\n- name: a\n  env:\n    VCAP_SERVICES: x\n", ":4: env: VCAP_SERVICES cannot start with VCAP_"},
			{"VMC variables", "applications:\n- name: a\n  env:\n    vmc_x: x\n", ":4: env: vmc_x cannot start with VMC_"},
			{"a variable that is a list", "applications:\n- name: a\n  env:\n    A: [b]\n", ":4: env: A holds a list or a mapping; expected text: write it as JSON in quotes"},
			{"a variable with a NUL byte", "applications:\n- name: a\n  env:\n    A: \"b\\0\"\n", ":4: env: A holds a NUL byte, which no variable can"},
			{"a variable's name with an equals sign", "applications:\n- name: a\n  env:\n    A=B: c\n", `:4: env: "A=B" is no name of a variable`},
			{"a variable without a name", "applications:\n- name: a\n  env:\n    '': c\n", `:4: env: "" is no name of a variable`},
			{"a command with a NUL byte", "applications:\n- name: a\n  command: \"b\\0\"\n", `:2: Process "web": Command holds a NUL byte, which no command can`},
			{"a sidecar without a command", "applications:\n- name: a\n  sidecars:\n  - name: s\n    process_types: [web]\n", `:4: sidecar "s": found no command; expected the key command`},
			{"a sidecar without process types", "applications:\n- name: a\n  sidecars:\n  - name: s\n    command: ./s\n", `:4: sidecar "s": found no process_types; expected a list such as [web]`},
			{"syntax that is none", "applications:\n- name: [\n", ": yaml: line 2: did not find expected node content"},
			{"a tab", "applications:\n\t- name: a\n", ": yaml: line 2: found character that cannot start any token"},
			{"an alias of nothing", "applications: *none\n", ": yaml: unknown anchor 'none' referenced"},
		} {
			it("refuses "+broken.name, func() {
				_, err := loadManifest(t, broken.content)
				Expect(err).To(MatchError(HaveSuffix("manifest.yml" + broken.message)))
			})
		}
	})
}
