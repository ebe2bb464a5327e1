package supply_test

import (
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// testRendering is about what supply leaves for the program that makes variables and files of
// bound services.
func testRendering(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)
	const services = `{"user-provided": [{"name": "my-apm", "credentials": {"api_key": "s3cret"}}]}`

	it.Before(func() {
		s = stage(t, "0")
		s.write("buildpack/bin/supervise", "the supervisor")
		s.environ = []string{"VCAP_SERVICES=" + services, `VCAP_PLATFORM_OPTIONS={"credhub-uri": "https://credhub.example.com"}`}
	})
	text := func(text string) *string { return &text }

	it("tells the program what to make, and the supervisor to run it", func() {
		s.write("app/policies/base", "allow")
		s.write("app/sidecars.yml", "- name: agent\n  command: run $SIDECAR_FILES/a\n  memory: 64M\n  binding: my-apm\n  env: {LEVEL: $X, KEY: {binding: api_key}}\n  files:\n    a: '{{ .Name }}'\n    b: {from: policies/base}\n- {name: plain, command: x, env: {A: b}}\n")
		Expect(s.run()).To(Succeed())
		Expect(render.Read(s.path("deps/0"))).To(Equal(render.Document{CredHub: "https://credhub.example.com", Sidecars: []render.Spec{{
			Name: "agent", Memory: 64, Binding: &bindings.Selector{Any: "my-apm"},
			Env:   []render.Variable{{Name: "LEVEL", Value: "$X"}, {Name: "KEY", Binding: "api_key"}},
			Files: []render.File{{Path: "a", Template: text("{{ .Name }}"), At: "sidecars.yml:7"}, {Path: "b", Copy: "policies/base", At: "sidecars.yml:8"}},
		}}}))
		Expect(supervision.Read(s.path("deps/0"))).To(Equal([]supervision.Spec{
			{Name: "agent", Render: true}, {Name: "plain", Env: []supervision.Variable{{Name: "A", Value: "b"}}},
		}))
		Expect(s.tree()).To(HaveKeyWithValue("/deps/0/bin/sidecar-render", "-rwxr-xr-x the renderer"))
		Expect(s.tree()).To(HaveKeyWithValue("/deps/0/render.json", HavePrefix("-rw------- ")))
		Expect(s.launched("0")[0].Command).To(Equal(`"$DEPS_DIR/0/bin/supervise" agent -- bash -c 'run $SIDECAR_FILES/a'`))
		Expect(s.log.String()).To(ContainSubstring("service:     my-apm\n"))
		Expect(s.log.String()).To(ContainSubstring("supervision: file a, file b\n"))
		for name, content := range s.tree() {
			Expect(content).NotTo(ContainSubstring("s3cret"), name)
		}
		Expect(s.log.String()).NotTo(ContainSubstring("s3cret"))
	})

	it("installs the program for no sidecar that has no use for it, and none for an absent one", func() {
		s.write("app/sidecars.yml", "- {name: a, command: x, binding: my-apm, env: {A: b}}\n- {name: b, command: x, binding: other, files: {a: b}}")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring(`       Sidecar "b" is left out: it is for a service with the name, label or tag "other"; bound are "my-apm".` + "\n"))
		Expect(s.path("deps/0/bin/sidecar-render")).NotTo(BeAnExistingFile())
		Expect(s.path("deps/0/render.json")).NotTo(BeAnExistingFile())
	})

	it("copies the files of the buildpack that a catalog names", func() {
		var err error
		s.catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte("[[metadata.sidecars]]\nname = \"a\"\ncommand = \"x\"\ndefault = true\nfiles = {\"conf\" = {template = \"catalog/a/conf.tmpl\"}, \"rules\" = {from = \"catalog/a/rules\"}}\n")})
		Expect(err).NotTo(HaveOccurred())
		s.write("buildpack/catalog/a/conf.tmpl", "a template")
		s.write("buildpack/catalog/a/rules", "rules")
		Expect(s.run()).To(Succeed())
		document, err := render.Read(s.path("deps/0"))
		Expect(err).NotTo(HaveOccurred())
		Expect(document.Sidecars[0].Files).To(Equal([]render.File{
			{Path: "conf", TemplateFile: "files/catalog/a/conf.tmpl", InBuildpack: true, At: "buildpack.toml"}, {Path: "rules", Copy: "files/catalog/a/rules", InBuildpack: true, At: "buildpack.toml"},
		}))
		Expect(os.ReadFile(s.path("deps/0/files/catalog/a/conf.tmpl"))).To(BeEquivalentTo("a template"))
		Expect(os.ReadFile(s.path("deps/0/files/catalog/a/rules"))).To(BeEquivalentTo("rules"))
	})

	for _, stated := range []struct{ in, file, environ string }{
		{"SIDECARS", "[]", "SIDECARS=- {name: a, command: x, env: {A: s3cret, K: {binding: api_key, of: my-apm, default: s3cret}}, files: {f: s3cret}}"},
		{"a bound service", "[]", `VCAP_SERVICES={"user-provided": [{"name": "my-apm", "credentials": {"api_key": "s3cret"}}, {"name": "ops", "tags": ["sidecars"], "credentials": {"sidecars": "- {name: a, command: x, env: {A: s3cret, K: {binding: api_key, of: my-apm, default: s3cret}}, app-env: {B: s3cret}, files: {f: s3cret}}"}}]}`},
		{"variables of their own", "- {name: a, command: x, env: {A: old}, files: {f: old}}", "SIDECAR_A_ENV={A: s3cret}\nSIDECAR_A_FILES={f: s3cret}"},
	} {
		it("writes nothing that is stated in "+stated.in+", but where it is", func() {
			s.write("app/sidecars.yml", stated.file)
			s.environ = append(s.environ, strings.Split(stated.environ, "\n")...)
			Expect(s.run()).To(Succeed())
			for name, content := range s.tree() {
				Expect(content).NotTo(ContainSubstring("s3cret"), name)
			}
			Expect(s.log.String()).NotTo(ContainSubstring("s3cret"))
			document, err := render.Read(s.path("deps/0"))
			Expect(err).NotTo(HaveOccurred())
			Expect(document.Sidecars).To(HaveExactElements(And(HaveField("Env", BeEmpty()), HaveField("Files", BeEmpty()), HaveField("EnvFrom", Not(BeEmpty())), HaveField("FilesFrom", Not(BeEmpty())))))
			Expect(s.tree()).To(HaveKeyWithValue("/deps/0/bin/sidecar-env", "-rwxr-xr-x the program"))
		})
	}

	it("installs the program for an app that gets values of the configuration", func() {
		s.write("app/sidecars.yml", "- {name: config-server, app-env: {URL: {config: db.url, default: none}}}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.tree()).To(HaveKey("/deps/0/bin/sidecar-render"))
		Expect(s.tree()).NotTo(HaveKey("/deps/0/render.json"))
		asked, err := appstart.Read(s.path("deps/0"))
		Expect(err).NotTo(HaveOccurred())
		Expect(asked[0].AppEnv).To(HaveExactElements(And(HaveField("Name", "URL"), HaveField("Config", "db.url"), HaveField("Default", HaveValue(Equal("none"))))))
	})

	context("failure cases", func() {
		for _, wrong := range []struct{ field, message string }{
			{"files: {a: {from: none}}", `files: a: found "none", which is not in the app; expected the path of a file of the app, from its root on`},
			{"files: {a: {template: policies}}", `files: a: found "policies", which is not a regular file; expected the path of a file of the app, from its root on`},
			{"files: {a: 'x {{ binding \"apikey\" }}'}", `files: a:1:6: found no key "apikey" in the credentials of the service "my-apm"; did you mean "api_key"? Expected one, or a default`},
			{"files: {a: '{{ if }}'}", "files: a:1: missing value for if"},
			{"files: {a: '{{ .Memory.Kilobytes }}'}", "files: a:1:11: found no memory of the sidecar \"agent\"; expected the field memory to be stated"},
			{"memory: 64M, files: {a: '{{ .Memory.Kilobytes }}'}", "files: a:1:11: found no value called .Memory.Kilobytes; expected one of Bytes, Megabytes"},
			{"files: {a: '{{ file \"../render.json\" }}'}", `files: a:1:4: found the path "../render.json"; expected one below the app's directory, such as config/agent.yaml`},
			{"env: {KEY: {binding: apikey}}", `env: KEY: found no credential "apikey" of the service "my-apm"; did you mean api_key? Expected one of "api_key", or the key default`},
		} {
			it("refuses "+wrong.field+", and writes nothing", func() {
				s.write("app/policies/base", "allow")
				s.write("app/sidecars.yml", "- {name: agent, command: x, binding: my-apm, "+wrong.field+"}")
				before := s.tree()
				Expect(s.run()).To(MatchError(`sidecars.yml:1: sidecar "agent": ` + wrong.message))
				Expect(s.tree()).To(Equal(before))
			})
		}

		it("names the variable of services that cannot be read, and none of their content", func() {
			s.write("app/sidecars.yml", "- name: config-server\n")
			s.environ = []string{`VCAP_SERVICES={"a": s3cret}`}
			Expect(s.run()).To(MatchError(MatchRegexp(`^failed to read the bound services of VCAP_SERVICES: it is not JSON: syntax error at byte \d+ of \d+$`)))
		})

		it("says which file of the buildpack is missing", func() {
			var err error
			s.catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte("[[metadata.sidecars]]\nname = \"a\"\ncommand = \"x\"\ndefault = true\nfiles = {\"conf\" = {from = \"catalog/none\"}}\n")})
			Expect(err).NotTo(HaveOccurred())
			Expect(s.run()).To(MatchError(ContainSubstring(`buildpack.toml: sidecar "a": files: conf: catalog/none: there is no such file in the buildpack; expected it there, and in a package's include_files in manifest.yml`)))
		})

		it("does not follow a link out of the buildpack", func() {
			var err error
			s.catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte("[[metadata.sidecars]]\nname = \"a\"\ncommand = \"x\"\ndefault = true\nfiles = {\"conf\" = {from = \"catalog/link\"}}\n")})
			Expect(err).NotTo(HaveOccurred())
			s.write("outside", "s3cret")
			s.write("buildpack/catalog/rules", "")
			Expect(os.Symlink(s.path("outside"), s.path("buildpack/catalog/link"))).To(Succeed())
			Expect(s.run()).To(MatchError(ContainSubstring("files: conf: catalog/link: ")))
		})

		it("refuses a program in the renderer's place", func() {
			const artifact = "artifact: {uri: 'https://example.com/sidecar-render', sha256: '0000000000000000000000000000000000000000000000000000000000000000'}"
			s.write("app/sidecars.yml", "- {name: a, "+artifact+"}\n- {name: b, command: x, files: {a: b}}")
			Expect(s.run()).To(MatchError(ContainSubstring(`found an executable called "sidecar-render"; expected another name`)))
		})
	})
}
