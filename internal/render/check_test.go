package render_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

func testCheck(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		bound   []bindings.Binding
		own     = &bindings.Selector{Any: "apm"}
		sources = render.Sources{
			App:       fstest.MapFS{"agent.tmpl": {Data: []byte("ok\n{{ binding \"nope\" }}")}, "copy": {Data: []byte("x")}, "directory": {Mode: fs.ModeDir}},
			Buildpack: fstest.MapFS{"files/own.tmpl": {Data: []byte("{{ oops }}")}},
		}
	)

	it.Before(func() {
		var err error
		bound, err = bindings.Parse([]byte(services))
		Expect(err).NotTo(HaveOccurred())
	})
	check := func(spec render.Spec, bound []bindings.Binding) []string {
		spec.Name = "agent"
		if err := render.Check(spec, bound, sources); err != nil {
			return strings.Split(err.Error(), "\n")
		}
		return nil
	}
	// checkTemplate is check for a template.
	checkTemplate := func(template string) []string {
		return check(render.Spec{Binding: own, Files: []render.File{inline("f", template)}}, bound)
	}

	it("finds nothing wrong with what is right, or may be right at the start", func() {
		for _, template := range []string{
			"", "text", `{{ binding "api_key" | json }}`, `{{ binding "nope" | default "x" }}`, `{{ default "x" (binding "nope") }}`, `{{ (binding "nope") | default "x" }}`, `{{ binding "x" "unbound" | default "y" }}`,
			`{{ if eq (env "MODE") "full" }}{{ binding "nope" }}{{ end }}`, `{{ range .App.URIs }}{{ binding "nope" }}{{ end }}`, `{{ with env "X" }}{{ else }}{{ binding "nope" }}{{ end }}`,
			`{{ define "t" }}{{ binding "nope" }}{{ end }}`, `{{ if or (binding "tls") (binding "nope") }}{{ end }}`, `{{ binding (env "KEY") }}`,
			`{{ env "NOPE" }}{{ file "nope" }}{{ cert }}`, `{{ .App.Name }}`,
		} {
			Expect(checkTemplate(template)).To(BeEmpty(), template)
		}
	})

	it("says of a template what is missing at the start, with its line and column", func() {
		const missing = `found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default`
		for template, expected := range map[string]string{
			"é {{ binding \"nope\" }}":                        "sidecars.yml:4: files: f:1:6: " + missing,
			"\n\n key: {{ binding \"nope\" | json }}":         "sidecars.yml:4: files: f:3:10: " + missing,
			`{{ with binding "nope" }}{{ end }}`:              "sidecars.yml:4: files: f:1:9: " + missing,
			`{{ printf "%s" (binding "nope") }}`:              "sidecars.yml:4: files: f:1:17: " + missing,
			`{{ binding "api-key" }}`:                         `sidecars.yml:4: files: f:1:4: found no key "api-key" in the credentials of the service "apm-prod"; did you mean "api_key"? Expected one, or a default`,
			`{{ binding 's3cret' }}`:                          "sidecars.yml:4: files: f:1: found text in single quotes; expected double quotes",
			`{{ 'a }}`:                                        "sidecars.yml:4: files: f:1: found text in single quotes; expected double quotes",
			`{{ "a" | toJson }}`:                              `sidecars.yml:4: files: f:1: found the function "toJson"; did you mean json? Expected one of base64, binding, cert, config, default, env, file, json, text, toml, yaml, one of Go's text/template, or text in double quotes`,
			`{{ (binding "nope").x }}`:                        "sidecars.yml:4: files: f:1:5: " + missing,
			`{{ binding "t" "unbound" }}`:                     `sidecars.yml:4: files: f:1:4: found the bound services "apm-prod", "safe"; expected one with the name, label or tag "unbound"`,
			`{{ binding "t" "user-provided" | default "x" }}`: `sidecars.yml:4: files: f:1:4: found 2 bound services with the name, label or tag "user-provided": "apm-prod", "safe"; expected one: select it by its name`,
			`{{ bindign "t" }}`:                               `sidecars.yml:4: files: f:1: found the function "bindign"; did you mean binding? Expected one of base64, binding, cert, config, default, env, file, json, text, toml, yaml, one of Go's text/template, or text in double quotes`,
		} {
			Expect(checkTemplate(template)).To(Equal([]string{expected}), template)
		}
		Expect(checkTemplate(`{{ binding "nope" }}{{ binding "none" }}`)).To(HaveLen(2))
	})

	it("says of a variable what is missing at the start", func() {
		text := "x"
		Expect(check(render.Spec{Binding: own, Env: []render.Variable{
			{Name: "A", Binding: "api_key"}, {Name: "B", Binding: "nope", Default: &text}, {Name: "C", Binding: "nope"}, {Name: "D", Value: "$X"}, {Name: "E", Binding: "token", Of: &bindings.Selector{Tag: "vault"}},
		}}, bound)).To(Equal([]string{`env: C: found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default`}))
		Expect(check(render.Spec{Env: []render.Variable{{Name: "A", Binding: "x"}}}, nil)).To(Equal(
			[]string{`env: A: found the credential "x" of no service; expected the field binding to be stated, or binding "KEY" "SERVICE"`}))
	})

	it("says nothing of services that are not known, nor of what is in CredHub (CF-42)", func() {
		asked := render.Spec{Binding: own, Env: []render.Variable{{Name: "A", Binding: "nope"}}, Files: []render.File{inline("f", `{{ binding "nope" }}`)}}
		Expect(check(asked, nil)).To(BeEmpty())
		Expect(check(asked, []bindings.Binding{})).To(HaveLen(2))
		Expect(check(asked, []bindings.Binding{{Name: "apm", Credentials: map[string]any{"credhub-ref": "/c/apm"}}})).To(BeEmpty())
	})

	it("looks at files of the app and of the buildpack, where they are known", func() {
		asked := render.Spec{Binding: own, Files: []render.File{
			{Path: "a", TemplateFile: "agent.tmpl"}, {Path: "b", Copy: "missing"}, {Path: "c", Copy: "copy"}, {Path: "d", TemplateFile: "files/own.tmpl", InBuildpack: true}, {Path: "e", Copy: "../x"}, {Path: "g", Copy: "directory"},
		}}
		Expect(check(asked, bound)).To(Equal([]string{
			`agent.tmpl:2:4: found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default`,
			"files: b: missing: there is no such file",
			`files/own.tmpl:1: found the function "oops"; expected one of base64, binding, cert, config, default, env, file, json, text, toml, yaml, one of Go's text/template, or text in double quotes`,
			`files: e: found the path "../x"; expected one below the app's directory, such as config/agent.yaml`,
			"files: g: directory: found a directory; expected a regular file of at most 4 MB",
		}))
		sources = render.Sources{}
		Expect(check(asked, bound)).To(BeEmpty())
	})

	it("refuses paths that cannot be written below one directory", func() {
		var files []render.File
		for _, path := range []string{"", ".", "/a", "../a", "a/../b", "a//b", `a\b`, "a\x00", "ok", "ok", "ok/below", "deep/er"} {
			files = append(files, inline(path, ""))
		}
		problems := check(render.Spec{Files: files}, nil)
		Expect(problems).To(HaveLen(10))
		Expect(problems[0]).To(Equal(`files: found the path ""; expected one below $SIDECAR_FILES, such as config/agent.yaml`))
		Expect(problems[8:]).To(Equal([]string{`files: found the path "ok" twice; expected it once`, `files: found "ok/below" below "ok", which is a file; expected other paths`}))
	})
}

func testShow(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		own    = &bindings.Selector{Any: "apm"}
	)

	show := func(credentials string, spec render.Spec) (render.Preview, error) {
		bound, err := bindings.Parse([]byte(`{"user-provided": [{"name": "apm", "credentials": ` + credentials + `}]}`))
		Expect(err).NotTo(HaveOccurred())
		environ := []string{"VCAP_APPLICATION=" + application, "CF_INSTANCE_INDEX=0", "TOKEN=s3cret", "CF_INSTANCE_CERT=/etc/cf/instance.crt"}
		return render.Show(spec, bound, environ, render.Sources{App: fstest.MapFS{"rules": {Data: []byte("allow")}}})
	}
	// file is what a template is shown as.
	file := func(credentials, template string) string {
		preview, err := show(credentials, render.Spec{Binding: own, Memory: 64, Files: []render.File{inline("f", template)}})
		Expect(err).NotTo(HaveOccurred())
		Expect(preview.Files).To(HaveLen(1))
		return string(preview.Files[0].Content)
	}

	it("has a mask in the place of each value of a service or of the environment, and all else as it is", func() {
		const credentials = `{"key": "s3cret", "port": 83839, "object": {"name": "s3cret", "list": [83839, true]}, "mode": "full"}`
		for template, expected := range map[string]string{
			`key: {{ binding "key" }}`:                                                            "key: ********",
			`{{ binding "key" | json }}{{ binding "port" | yaml }}`:                               `"********""********"`,
			`{{ binding "object" | toml }}`:                                                       `{"list" = ["********", "********"], "name" = "********"}`,
			`{{ binding "object" }}`:                                                              `{"list":["********","********"],"name":"********"}`,
			`{{ range binding "object.list" }}<{{ . }}>{{ end }}`:                                 "<********><********>",
			`{{ binding "key" | base64 }}`:                                                        "********",
			`{{ printf "%s %d %p" (binding "key") 5 (binding "key") }}`:                           "******** 5 %!p(string=********)",
			`{{ print (binding "key") }}{{ html (binding "key") }}{{ urlquery (binding "key") }}`: strings.Repeat("*", 16) + strings.Repeat("%2A", 8),
			`{{ if eq (binding "mode") "full" }}full{{ else }}other{{ end }}`:                     "full",
			`{{ env "TOKEN" | json }}`:                                                            `"********"`,
			`{{ binding "nope" | default "eu" }}`:                                                 "eu",
			`{{ cert }} {{ cert | json }} {{ cert "certificate-pem" }}`:                           `/etc/cf/instance.crt "/etc/cf/instance.crt" ********`,
			`{{ file "rules" }} {{ .App.Space }} {{ .Memory }} {{ .Files }}/x`:                    "allow dev 64M $SIDECAR_FILES/x",
		} {
			Expect(file(credentials, template)).To(Equal(expected), template)
		}
	})

	it("shows variables: text as it is stated, and credentials masked", func() {
		eu := "eu"
		preview, err := show(`{"key": "s3cret", "list": ["s3cret"]}`, render.Spec{Binding: own, Env: []render.Variable{
			{Name: "KEY", Binding: "key"}, {Name: "LIST", Binding: "list"}, {Name: "URL", Value: "https://$TOKEN@example.com"}, {Name: "REGION", Binding: "nope", Default: &eu},
		}})
		Expect(err).NotTo(HaveOccurred())
		Expect(preview.Env).To(Equal([]render.Setting{{"KEY", "********"}, {"LIST", `["********"]`}, {"URL", "https://$TOKEN@example.com"}, {"REGION", "eu"}}))
	})

	it("takes what is in CredHub for there (CF-42)", func() {
		Expect(file(`{"credhub-ref": "/c/apm"}`, `{{ binding "any" | json }}`)).To(Equal(`"********"`))
	})

	it("says what is missing, and shows the rest", func() {
		preview, err := show(`{}`, render.Spec{Binding: own, Env: []render.Variable{{Name: "A", Value: "a"}, {Name: "B", Binding: "b"}}, Files: []render.File{inline("f", `{{ binding "b" }}`), inline("g", "g")}})
		Expect(err).To(MatchError(And(HavePrefix(`env: B: found no key "b" in the credentials of the service "apm"`), ContainSubstring("\nsidecars.yml:4: files: f:1:4: found no key"))))
		Expect(preview).To(Equal(render.Preview{Env: []render.Setting{{"A", "a"}}, Files: []render.Rendered{{Path: "g", Content: []byte("g")}}}))
	})
}
