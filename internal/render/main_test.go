package render_test

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// services are two that the app is bound to.
const services = `{"user-provided": [
	{"name": "apm-prod", "label": "user-provided", "tags": ["apm"], "credentials": {
		"api_key": "s3cret$HOME\"'", "endpoint": {"region": "eu", "port": 8443}, "port": 8443, "tls": true, "empty": "", "none": null,
		"hosts": ["a", "b\"c"], "a.b": "dotted"}},
	{"name": "safe", "label": "user-provided", "tags": ["vault"], "credentials": {"token": "t0ken"}}]}`

func testMain(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *place
		own    = &bindings.Selector{Any: "apm"}
		text   = func(text string) *string { return &text }
	)

	it.Before(func() { p = newPlace(t) })

	for _, form := range forms {
		context("CF-41: with bindings in the form "+string(form), func() {
			it.Before(func() { p.bind(form, services) })

			it("prints the variables, in which nothing of a credential is special, each with a NUL behind it", func() {
				r := p.run("start", render.Spec{Binding: own, Env: []render.Variable{
					{Name: "API_KEY", Binding: "api_key"},
					{Name: "REGION", Binding: "endpoint.region"},
					{Name: "PORT", Binding: "port"}, {Name: "TLS", Binding: "tls"}, {Name: "HOSTS", Binding: "hosts"}, {Name: "DOT", Binding: "a.b"},
					{Name: "OTHER", Binding: "token", Of: &bindings.Selector{Tag: "vault"}},
					{Name: "LEVEL", Value: "$CF_INSTANCE_INDEX-${REGION}-${NONE:-x}"},
					{Name: "EU", Binding: "missing", Default: text("eu$HOME")}, {Name: "EMPTY", Binding: "empty", Default: text("eu")}, {Name: "NULL", Binding: "none", Default: text("")},
					{Name: "UNBOUND", Binding: "x", Of: &bindings.Selector{Any: "unbound"}, Default: text("d")},
				}})
				Expect(r).To(Equal(result{stdout: "API_KEY=s3cret$HOME\"'\x00REGION=eu\x00PORT=8443\x00TLS=true\x00HOSTS=[\"a\",\"b\\\"c\"]\x00DOT=dotted\x00OTHER=t0ken\x00" +
					"LEVEL=2-eu-x\x00EU=eu$HOME\x00EMPTY=eu\x00NULL=\x00UNBOUND=d\x00"}))
			})

			it("has text that looks like a list or an object as text, where text is asked for", func() {
				p.bind(form, `{"user-provided": [{"name": "apm", "credentials": {"pw": "{\"b\":\"true\",\"a\":1}", "list": "[\"a\"]", "escaped": "[\"\\u0041\"]", "object": {"a": 1}}}]}`)
				Expect(p.start(render.Spec{Binding: own, Env: []render.Variable{{Name: "PW", Binding: "pw"}, {Name: "ESCAPED", Binding: "escaped"}}, Files: []render.File{
					inline("f", `{{ text "pw" | json }} {{ text "pw" | yaml }} {{ text "list" | toml }} {{ text "escaped" }} {{ text "object" | json }} {{ text "none" | default "x" }}`),
				}})).To(Equal([]string{`PW={"b":"true","a":1}`, `ESCAPED=["\u0041"]`}))
				Expect(p.read("f")).To(Equal(`"{\"b\":\"true\",\"a\":1}" "{\"b\":\"true\",\"a\":1}" "[\"a\"]" ["\u0041"] "{\"a\":1}" x`))
			})

			it("writes the files, which no other user can read", func() {
				p.write("app/policies/base.rego", "package base\n")
				p.write("app/agent.tmpl", "key: {{ binding \"api_key\" | json }}\n")
				p.write("deps/0/files/own.conf", "{{ not a template }}")
				Expect(p.start(render.Spec{Binding: own, Files: []render.File{
					inline("agent.yaml", `{{ binding "endpoint.region" }}`),
					{Path: "rules/deep/base.rego", Copy: "policies/base.rego"}, {Path: "rules/own.conf", Copy: "files/own.conf", InBuildpack: true}, {Path: "t", TemplateFile: "./agent.tmpl"},
				}})).To(BeEmpty())
				Expect(p.read("agent.yaml")).To(Equal("eu"))
				Expect(p.read("rules/deep/base.rego")).To(Equal("package base\n"))
				Expect(p.read("rules/own.conf")).To(Equal("{{ not a template }}"))
				Expect(p.read("t")).To(Equal(`key: "s3cret$HOME\"'"` + "\n"))
				Expect(filepath.WalkDir(p.files(""), func(path string, entry fs.DirEntry, err error) error {
					Expect(err).NotTo(HaveOccurred())
					info, err := entry.Info()
					Expect(err).NotTo(HaveOccurred())
					if entry.IsDir() {
						Expect(info.Mode().Perm()).To(BeEquivalentTo(0o700), path)
					} else {
						Expect(info.Mode()).To(BeEquivalentTo(0o600), path)
					}
					return nil
				})).To(Succeed())
			})

			it("has what is bound now: another start, or another call for the files, takes new credentials", func() {
				asked := render.Spec{Binding: own, Env: []render.Variable{{Name: "K", Binding: "k"}}, Files: []render.File{inline("f", `{{ binding "k" }}`)}}
				for _, value := range []string{"one", "two"} {
					p.bind(form, `{"user-provided": [{"name": "apm", "credentials": {"k": "`+value+`"}}]}`)
					Expect(p.start(asked)).To(Equal([]string{"K=" + value}))
					Expect(p.read("f")).To(Equal(value))
				}
				p.bind(form, `{"user-provided": [{"name": "apm", "credentials": {"k": "three"}}]}`)
				Expect(p.run("files", asked)).To(Equal(result{}))
				Expect(p.read("f")).To(Equal("three"))
			})

			context("failure cases, a line each, which name service and key and no value", func() {
				it("says that a key is missing", func() {
					isNull := `found null at the key "none" in the credentials of the service "apm-prod"; expected a value, or a default`
					if form == bindings.InDirectory { // which has no file for null
						isNull = `found no key "none" in the credentials of the service "apm-prod"; expected one, or a default`
					}
					r := p.run("start", render.Spec{Binding: own, Env: []render.Variable{{Name: "A", Binding: "endpoint.zone"}, {Name: "B", Binding: "none"}},
						Files: []render.File{inline("f", "x")}})
					Expect(r).To(Equal(result{1, "",
						`[sidecar-render] agent: env: A: found no key "endpoint.zone" in the credentials of the service "apm-prod"; expected one, or a default` + "\n" +
							`[sidecar-render] agent: env: B: ` + isNull + "\n"}))
					Expect(p.files("")).NotTo(BeAnExistingFile())
				})

				it("says that no service matches, or that two do", func() {
					r := p.run("start", render.Spec{Env: []render.Variable{
						{Name: "A", Binding: "x", Of: &bindings.Selector{Any: "unbound"}}, {Name: "B", Binding: "x", Of: &bindings.Selector{Label: "user-provided"}, Default: text("d")},
						{Name: "C", Binding: "x"},
					}})
					Expect(r).To(Equal(result{1, "",
						`[sidecar-render] agent: env: A: found the bound services "apm-prod", "safe"; expected one with the name, label or tag "unbound"` + "\n" +
							`[sidecar-render] agent: env: B: found 2 bound services with the label "user-provided": "apm-prod", "safe"; expected one: select it by its name` + "\n" +
							`[sidecar-render] agent: env: C: found the credential "x" of no service; expected the field binding to be stated, or binding "KEY" "SERVICE"` + "\n"}))
				})
			})
		})
	}

	it("reads no bindings where nothing is asked of them", func() {
		p.environ = append(p.environ, "VCAP_SERVICES={oops")
		Expect(p.start(render.Spec{Binding: own, Env: []render.Variable{{Name: "A", Value: "a"}}, Files: []render.File{inline("f", "{{ .Name }}")}})).To(Equal([]string{"A=a"}))
		Expect(p.read("f")).To(Equal("agent"))
	})

	context("failure cases", func() {
		it("says how it is called", func() {
			for _, arguments := range [][]string{{}, {"start"}, {"start", "a", "b"}, {"env", "a"}} {
				r := p.call(arguments...)
				Expect(r.status).To(Equal(2))
				Expect(r.stdout).To(BeEmpty())
				Expect(r.stderr).To(HavePrefix("usage: sidecar-render start NAME"))
			}
		})

		it("says that there is no such sidecar, and that nothing was staged", func() {
			Expect(p.call("start", "a\nb")).To(Equal(result{1, "", `[sidecar-render] a\nb: failed to read render.json: ` + p.path("deps/0/render.json") + ": there is no such file\n"}))
			Expect(render.Write(p.path("deps/0"), render.Document{})).To(Succeed())
			Expect(p.call("start", "a\nb")).To(Equal(result{1, "", `[sidecar-render] a\nb: found the name "a\nb"; expected one of []` + "\n"}))
		})

		it("refuses a value that no variable can hold", func() {
			p.bind(bindings.InEnvironment, `{"a": [{"name": "apm", "credentials": {"k": "s3cret\u0000"}}]}`)
			Expect(p.run("start", render.Spec{Binding: own, Env: []render.Variable{{Name: "K", Binding: "k"}}})).To(Equal(result{1, "",
				"[sidecar-render] agent: env: K: found a NUL byte in its value; expected text, as a variable cannot hold one\n"}))
		})

		it("writes no file where one cannot be made, and prints nothing", func() {
			r := p.run("start", render.Spec{Env: []render.Variable{{Name: "A", Value: "a"}}, Files: []render.File{
				inline("good", "x"), {Path: "bad", Copy: "missing"}, {Path: "worse", TemplateFile: "../outside"}, {Path: "own", Copy: "missing", InBuildpack: true}}})
			Expect(r).To(Equal(result{1, "", "[sidecar-render] agent: files: bad: missing: there is no such file\n" +
				"[sidecar-render] agent: files: worse: found the path \"../outside\"; expected one below the app's directory, such as config/agent.yaml\n" +
				"[sidecar-render] agent: files: own: missing: there is no such file\n"}))
			Expect(p.files("")).NotTo(BeAnExistingFile())
		})

		it("needs the directory of the files, and that of the app", func() {
			p.environ = []string{"HOME="}
			Expect(p.run("start", render.Spec{Files: []render.File{inline("f", "x")}}).stderr).To(Equal(
				"[sidecar-render] agent: found no directory in SIDECAR_FILES; expected the supervisor to set it\n"))
			p.environ = []string{"SIDECAR_FILES=" + p.files("")}
			Expect(p.run("start", render.Spec{Files: []render.File{{Path: "f", Copy: "x"}}}).stderr).To(Equal(
				"[sidecar-render] agent: files: f: found no directory of the app in HOME; expected the launcher to set it\n"))
		})

		it("fails where it cannot print", func() {
			Expect(render.Write(p.path("deps/0"), render.Document{Sidecars: []render.Spec{{Name: "agent", Env: []render.Variable{{Name: "A", Value: "s3cret"}}}}})).To(Succeed())
			var stderr bytes.Buffer
			Expect(render.Main([]string{p.path("deps/0/bin/sidecar-render"), "start", "agent"}, p.environ, brokenWriter{}, &stderr)).To(Equal(1))
			Expect(stderr.String()).To(Equal("[sidecar-render] agent: it is full\n"))
		})
	})
}

// A brokenWriter takes nothing.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("it is full") }
