package render_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

func testTemplate(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *place
	)

	it.Before(func() {
		p = newPlace(t)
		p.bind(bindings.InEnvironment, services)
	})

	it("has the data of the app, the sidecar and the instance", func() {
		for template, expected := range map[string]string{
			"{{ .App.Name }} {{ .App.ID }} {{ .App.Version }}": "shop app-id app-version",
			"{{ .App.Space }}/{{ .App.SpaceID }}":              "dev/space-id",
			"{{ .App.Org }}/{{ .App.OrgID }}":                  "acme/org-id",
			"{{ .App.ProcessType }} {{ .App.ProcessID }}":      "web process-id",
			"{{ .App.InstanceID }} {{ .App.InstanceIndex }}":   "instance-id 2",
			"{{ .App.API }}": "https://api.example.com",
			"{{ .App.URIs }} {{ index .App.URIs 0 }}":                   `["shop.example.com","www.example.com"] shop.example.com`,
			"{{ range .App.URIs }}<{{ . }}>{{ end }}":                   "<shop.example.com><www.example.com>",
			"{{ .Memory }} {{ .Memory.Megabytes }} {{ .Memory.Bytes }}": "128M 128 134217728",
			"{{ .Memory | json }} {{ .Index | json }}":                  `"128M" 2`,
			"{{ .Name }} {{ .Index }} {{ .Files }}":                     "agent 2 " + p.files(""),
			"{{ with .App }}{{ .Name | yaml }}{{ end }}":                `"shop"`,
		} {
			Expect(p.render(template)).To(Equal(expected), template)
		}
	})

	it("has functions", func() {
		p.environ = append(p.environ, "SET=a$b", "EMPTY=")
		p.write("app/config/part.txt", "part\n")
		for template, expected := range map[string]string{
			`{{ binding "api_key" }}`:                                                                              `s3cret$HOME"'`,
			`{{ binding "api_key" | json }}`:                                                                       `"s3cret$HOME\"'"`,
			`{{ binding "api_key" | yaml }}`:                                                                       `"s3cret$HOME\"'"`,
			`{{ binding "api_key" | toml }}`:                                                                       `"s3cret$HOME\"'"`,
			`{{ binding "api_key" | base64 }}`:                                                                     "czNjcmV0JEhPTUUiJw==",
			`{{ binding "endpoint.port" }} {{ binding "port" | json }}`:                                            `8443 "8443"`,
			`{{ binding "endpoint" }} {{ binding "endpoint" | yaml }}`:                                             `{"port":8443,"region":"eu"} {"port": 8443, "region": "eu"}`,
			`{{ binding "endpoint" | toml }}`:                                                                      `{"port" = 8443, "region" = "eu"}`,
			`{{ (binding "endpoint").region }}`:                                                                    "eu",
			`{{ binding "hosts" | json }} {{ binding "hosts.1" }}`:                                                 `["a","b\"c"] b"c`,
			`{{ range binding "hosts" }}- {{ . | yaml }};{{ end }}`:                                                `- "a";- "b\"c";`,
			`{{ binding "token" "vault" }} {{ binding "token" "safe" }}`:                                           "t0ken t0ken",
			`{{ if eq (binding "tls") "true" }}on{{ else }}off{{ end }}`:                                           "on",
			`{{ binding "missing" | default "eu" }}`:                                                               "eu",
			`{{ binding "none" | default "eu" | json }}`:                                                           `"eu"`,
			`{{ binding "empty" | default "eu" }}`:                                                                 "eu",
			`{{ binding "empty" | json }}`:                                                                         `""`,
			`{{ binding "x" "unbound" | default "eu" }}`:                                                           "eu",
			`{{ (binding "missing") | default "eu" }}`:                                                             "eu",
			`{{ ((env "NONE")) | default "eu" | json }}`:                                                           `"eu"`,
			`{{ default "eu" ((file "none")) }}`:                                                                   "eu",
			`{{ if (binding "missing") | default "" }}a{{ else }}b{{ end }}`:                                       "b",
			`{{ (binding "endpoint.region") | default "us" }}`:                                                     "eu",
			`{{ default "eu" (binding "missing") }}`:                                                               "eu",
			`{{ default (binding "missing" | default "inner") (binding "none") }}`:                                 "inner",
			`{{ $key := binding "missing" | default "eu" }}{{ $key }}`:                                             "eu",
			`{{ with binding "missing" | default "" }}{{ . }}{{ else }}without{{ end }}`:                           "without",
			`{{ if true }}{{ binding "missing" | default "in if" }}{{ end }}`:                                      "in if",
			`{{ define "part" }}{{ binding "missing" | default . }}{{ end }}{{ template "part" "in a template" }}`: "in a template",
			`{{ range $i, $host := binding "hosts" }}{{ $i }}={{ $host }} {{ end }}`:                               `0=a 1=b"c `,
			`{{ env "SET" }}-{{ env "EMPTY" }}-{{ env "EMPTY" | default "x" }}-{{ env "NONE" | default "y" }}`:     "a$b--x-y",
			`{{ file "config/part.txt" }}{{ file "./config/part.txt" | json }}`:                                    "part\n\"part\\n\"",
			`{{ file "missing" | default "none" }}`:                                                                "none",
			`{{ printf "%s:%s" (binding "endpoint.region") (binding "port") | json }}`:                             `"eu:8443"`,
			`{{ json 1 }} {{ json true }} {{ json "a<b>" }} {{ yaml 1.5 }} {{ toml 2 }}`:                           `1 true "a<b>" 1.5 2`,
			"no action at all {}":                                                                                  "no action at all {}",
		} {
			Expect(p.render(template)).To(Equal(expected), template)
		}
	})

	it("sees the sidecar's own variables as well", func() {
		p.start(render.Spec{Binding: &bindings.Selector{Any: "apm"}, Env: []render.Variable{{Name: "KEY", Binding: "endpoint.region"}, {Name: "URL", Value: "https://$KEY.example.com"}},
			Files: []render.File{inline("f", `{{ env "URL" }}`)}})
		Expect(p.read("f")).To(Equal("https://eu.example.com"))
	})

	context("CF-43: the instance's identity", func() {
		it.Before(func() {
			p.write("id/instance.crt", "CERT\n")
			p.write("id/instance.key", "KEY\n")
			p.write("trusted/b.crt", "B")
			p.write("trusted/a.crt", "A\n")
			p.write("trusted/a.key", "none")
			p.environ = append(p.environ, "CF_INSTANCE_CERT="+p.path("id/instance.crt"), "CF_INSTANCE_KEY="+p.path("id/instance.key"), "CF_SYSTEM_CERT_PATH="+p.path("trusted"))
		})

		it("is told as paths, whose files the platform replaces, or as content", func() {
			for template, expected := range map[string]string{
				`{{ cert }} {{ cert "certificate" }}`: p.path("id/instance.crt") + " " + p.path("id/instance.crt"),
				`{{ cert "key" }}`:                    p.path("id/instance.key"),
				`{{ cert "authorities" }}`:            p.path("trusted"),
				`{{ cert "certificate-pem" | json }}`: `"CERT\n"`,
				`{{ cert "key-pem" }}`:                "KEY\n",
				`{{ cert "authorities-pem" | json }}`: `"A\nB\n"`,
				`{{ cert | default "none" }}`:         p.path("id/instance.crt"),
			} {
				Expect(p.render(template)).To(Equal(expected), template)
			}
		})

		it("may be missing", func() {
			p.environ = append(p.environ, "CF_INSTANCE_KEY=")
			Expect(p.render(`{{ cert "key" | default "none" }}`)).To(Equal("none"))
			Expect(p.refuse(`{{ cert "key" }}`)).To(Equal("sidecars.yml:4: files: file:1:4: found no variable CF_INSTANCE_KEY, in which the platform tells of the instance's identity; expected it to be set, or a default"))
			Expect(os.Remove(p.path("id/instance.crt"))).To(Succeed())
			Expect(p.refuse(`{{ cert "certificate-pem" | default "x" }}`)).To(HaveSuffix(":1:4: " + p.path("id/instance.crt") + ": there is no such file"))
			Expect(p.refuse(`{{ cert "s3cret" }}`)).To(HaveSuffix(`found "s3cret", which is not a part of the identity; expected cert "certificate", cert "key" or cert "authorities" for a path, or with -pem at its end for the content`))
		})
	})

	context("failure cases, with line and column of the template, and nothing of a value", func() {
		const at = "sidecars.yml:4: files: file:"

		it("says what is missing", func() {
			for template, expected := range map[string]string{
				`{{ binding "nope" }}`:                                        at + `1:4: found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default`,
				"a\n é: {{ binding \"nope\" | json }}":                        at + `2:8: found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default`,
				"\n\n{{ if true }}{{ (binding \"endpoint\").zone }}{{ end }}": at + `3:26: found no key "zone" in the object; expected one that it has`,
				`{{ binding "none" }}`:                                        at + `1:4: found null at the key "none" in the credentials of the service "apm-prod"; expected a value, or a default`,
				`{{ binding "x" "unbound" }}`:                                 at + `1:4: found the bound services "apm-prod", "safe"; expected one with the name, label or tag "unbound"`,
				`{{ binding "x" "user-provided" | default "d" }}`:             at + `1:4: found 2 bound services with the name, label or tag "user-provided": "apm-prod", "safe"; expected one: select it by its name`,
				`{{ with binding "nope" }}{{ end }}`:                          at + `1:9: found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default`,
				`{{ binding "nope" | json | default "x" }}`:                   at + `1:4: found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default`,
				`{{ env "NOPE" }}`:                                            at + `1:4: found no variable "NOPE" in the environment; expected it to be set, or a default`,
				`{{ file "nope" }}`:                                           at + `1:4: found no file "nope" in the app; expected one, or a default`,
				`{{ .Memory }}`:                                               at + `1:4: found no memory of the sidecar "agent"; expected the field memory to be stated`,
				`{{ .App.Nope }}`:                                             at + "1:8: found no value called .App.Nope; expected one of API, ID, InstanceID, InstanceIndex, Name, Org, OrgID, ProcessID, ProcessType, Space, SpaceID, URIs, Version",
				`{{ .Nope }}`:                                                 at + "1:4: found no value called .Nope; expected one of App, Files, Index, Memory, Name",
				`{{ (binding "endpoint.region").x }}`:                         at + "1:13: found no field x: the value is text; expected an object",
				"{{ range .App.URIs }}{{ .x }}{{ end }}":                      at + "1:25: found no field x: the value is text; expected an object",
				`{{ template "nope" }}`:                                       at + "1:13: found the name of a template that is not defined; expected one that is",
			} {
				Expect(p.refuse(template)).To(Equal(expected), template)
			}
		})

		it("says that a value does not fit", func() {
			for template, expected := range map[string]string{
				`{{ binding }}`:                            `1:4: found 0 arguments of binding; expected binding "KEY" or binding "KEY" "SERVICE"`,
				`{{ binding "a" "b" "c" }}`:                `1:4: found 3 arguments of binding; expected binding "KEY" or binding "KEY" "SERVICE"`,
				`{{ binding 5 }}`:                          `1:4: found an argument of binding that is not text; expected binding "KEY" or binding "KEY" "SERVICE"`,
				`{{ env 5 }}`:                              `1:4: found an argument of env that is not text; expected env "NAME"`,
				`{{ default "x" }}`:                        `1:4: found default with no value in front of it; expected binding "KEY" | default "VALUE"`,
				`{{ json }}`:                               "1:4: found 0 arguments of json; expected 1",
				`{{ range binding "api_key" }}{{ end }}`:   "1:18: found text, or nothing, to range over; expected a list or an object",
				`{{ index (binding "api_key") "s3cret" }}`: "1:4: found text as the position for index; expected a number",
				`{{ nil | json }}`:                         "",
				`{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}`: "1:29: the template calls itself without an end",
				`{{ file "/etc/passwd" }}`:                                      `1:4: found the path "/etc/passwd"; expected one below the app's directory, such as config/agent.yaml`,
				`{{ file "../deps/0/render.json" }}`:                            `1:4: found the path "../deps/0/render.json"; expected one below the app's directory, such as config/agent.yaml`,
			} {
				message := p.refuse(template)
				Expect(message).NotTo(ContainSubstring("s3cret"))
				if expected != "" {
					Expect(message).To(Equal(at+expected), template)
				}
			}
		})

		it("says where the syntax is wrong, without the texts of the template", func() {
			for template, expected := range map[string]string{
				"\n{{ bindign \"x\" }}":        at + `2: found the function "bindign"; did you mean binding? Expected one of base64, binding, cert, config, default, env, file, json, text, toml, yaml, one of Go's text/template, or text in double quotes`,
				`{{ "s3cret }}`:                at + "1: unterminated quoted string",
				`{{ binding "s3cret" `:         at + "1: unclosed action",
				`{{ if true }}`:                at + "1: unexpected EOF",
				"a\n\n{{ end }}":               at + "3: unexpected {{end}}",
				`{{ $s3cret }}`:                at + "1: undefined variable a text",
				`{{ binding "s3cret" ) }}`:     at + "1: unexpected right paren",
				`{{ true "s3cret"."s3cret" }}`: at + `1: bad character U+0022 '"'`,
			} {
				Expect(p.refuse(template)).To(Equal(expected), template)
			}
		})

		it("refuses a file of the app that is none, that leads out of it, or that is too large, and does not wait", func() {
			Expect(os.Symlink("/etc/hostname", p.path("app/link"))).To(Succeed())
			Expect(p.refuse(`{{ file "link" }}`)).To(HavePrefix(at + "1:4: link: "))
			Expect(syscall.Mkfifo(p.path("app/pipe"), 0o600)).To(Succeed())
			Expect(p.refuse(`{{ file "pipe" | default "x" }}`)).To(Equal(at + "1:4: pipe: found a named pipe; expected a regular file of at most 4 MB"))
			p.write("app/large", strings.Repeat("x", 4<<20+1))
			Expect(p.refuse(`{{ file "large" }}`)).To(Equal(at + "1:4: large: found 4194305 bytes; expected a regular file of at most 4 MB"))
		})

		it("refuses to write more than a file may have", func() {
			p.write("app/large", strings.Repeat("x", 3<<20))
			Expect(p.refuse(`{{ file "large" }}{{ file "large" }}`)).To(Equal("sidecars.yml:4: files: file: found more than 4 MB; expected a file of at most that"))
		})

		it("names the template's own file where it is in one", func() {
			p.write("app/config/agent.tmpl", "x\n{{ binding \"nope\" }}")
			r := p.run("files", render.Spec{Binding: &bindings.Selector{Any: "apm"}, Files: []render.File{{Path: "f", TemplateFile: "config/agent.tmpl", At: "sidecars.yml:7"}}})
			Expect(r.stderr).To(Equal(`[sidecar-render] agent: config/agent.tmpl:2:4: found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default` + "\n"))
		})

		it("says what of VCAP_APPLICATION is missing", func() {
			p.environ = append(p.environ, `VCAP_APPLICATION={"application_name": 5}`, "CF_INSTANCE_INDEX=")
			for template, expected := range map[string]string{
				"{{ .App.Name }}":          `1:8: found no "application_name" in VCAP_APPLICATION; expected the platform to state it`,
				"{{ .App.InstanceIndex }}": `1:8: found no "instance_index" in VCAP_APPLICATION; expected the platform to state it`,
				"{{ .Index }}":             "1:4: found no number of the instance in CF_INSTANCE_INDEX; expected the platform to set it",
			} {
				Expect(p.refuse(template)).To(Equal(at+expected), template)
			}
			p.environ = append(p.environ, "VCAP_APPLICATION=s3cret")
			Expect(p.refuse("{{ .App.Name }}")).To(Equal(at + "1:8: found no JSON object in VCAP_APPLICATION; expected the platform to set it"))
		})
	})
}
