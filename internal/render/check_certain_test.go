package render_test

import (
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// failing are templates that fail at every start, with the reason, and whether it depends on the
// services that are bound.
var failing = map[string]string{
	// Fields of the data.
	`{{ .App.Nope }}`:             "1:8: found no value called .App.Nope; expected one of " + ofApp,
	`{{ .App.Nmae }}`:             "1:8: found no value called .App.Nmae; did you mean Name? Expected one of " + ofApp,
	`{{ .Memory.megabytes }}`:     "1:11: found no value called .Memory.megabytes; did you mean Megabytes? Expected one of Bytes, Megabytes",
	`{{ .app.Name }}`:             "1:8: found no value called .app; did you mean App? Expected one of App, Files, Index, Memory, Name",
	"a\n é: {{ .Nope | json }}":   "2:8: found no value called .Nope; expected one of App, Files, Index, Memory, Name",
	`{{ $.App.Nope }}`:            "1:5: found no value called .App.Nope; expected one of " + ofApp,
	`{{ (.App).Nope }}`:           "1:10: found no value called .App.Nope; expected one of " + ofApp,
	`{{ .App.Name.First }}`:       "1:8: found no field First: the value is text; expected an object",
	`{{ .Files.x }}`:              "1:10: found no field x: the value is text; expected an object",
	`{{ (env "TEXT").x }}`:        "1:16: found no field x: the value is text; expected an object",
	`{{ .App | json }}`:           "1:11: found .App, which is all of the app; expected one of its values, such as .App.Name",
	`{{ .App }}`:                  "1:4: found .App, which is all of the app; expected one of its values, such as .App.Name",
	`{{ . }}`:                     "1:4: found the dot, which is all of the data; expected one of its values, such as .App.Name",
	`{{ .App.Name "x" }}`:         "1:8: found 1 arguments of Name; expected 0",
	`{{ .Name "x" }}`:             "1:4: found an argument after a value that is not a function; expected the value alone",
	`{{ "x" | .Name }}`:           "1:10: found an argument after a value that is not a function; expected the value alone",
	`{{ $x := .App }}{{ $x.No }}`: "1:22: found no value called .App.No; expected one of " + ofApp,

	// Arguments that a function does not accept.
	`{{ file "../outside" }}`:                 `1:4: found the path "../outside"; expected one below the app's directory, such as config/agent.yaml`,
	`{{ file "/etc/passwd" | default "" }}`:   `1:4: found the path "/etc/passwd"; expected one below the app's directory, such as config/agent.yaml`,
	`{{ file "" }}`:                           `1:4: found the path ""; expected one below the app's directory, such as config/agent.yaml`,
	`{{ file "config/.." }}`:                  `1:4: found the path "config/.."; expected one below the app's directory, such as config/agent.yaml`,
	`{{ cert "foo" }}`:                        `1:4: found "foo", which is not a part of the identity; expected ` + certUsage,
	`{{ cert "certificat-pem" }}`:             `1:4: found "certificat-pem", which is not a part of the identity; did you mean certificate-pem? Expected ` + certUsage,
	`{{ "foo" | cert | json }}`:               "1:12: found (the argument of cert, not shown), which is not a part of the identity; expected " + certUsage,
	`{{ env "A=B" }}`:                         `1:4: found the variable "A=B"; expected a name without an equals sign, such as PORT`,
	`{{ env "" | default "x" }}`:              `1:4: found the variable ""; expected a name without an equals sign, such as PORT`,
	`{{ env 5 }}`:                             `1:4: found an argument of env that is not text; expected env "NAME"`,
	`{{ .Index | env }}`:                      `1:13: found an argument of env that is not text; expected env "NAME"`,
	`{{ binding .App.URIs }}`:                 `1:4: found an argument of binding that is not text; expected binding "KEY" or binding "KEY" "SERVICE"`,
	`{{ config .Index }}`:                     `1:4: found an argument of config that is not text; expected config "KEY"`,
	`{{ len 3 }}`:                             "1:4: found a number as the argument of len; expected text, a list or an object",
	`{{ len .Memory }}`:                       "1:4: found .Memory as the argument of len; expected text, a list or an object",
	`{{ toml nil }}`:                          "1:4: found null; expected a value, as TOML has no null",
	`{{ json "\xff" }}`:                       "1:4: found bytes that are not UTF-8; expected text: write them with base64",
	`{{ printf 5 }}`:                          `1:11: found a format of printf that is not text; expected one in quotes, such as "%s"`,
	`{{ call .App.Name }}`:                    "1:4: found call of a value that is not a function; expected the value without call",
	`{{ index .App.URIs "0" }}`:               "1:4: found text as the position for index; expected a number",
	`{{ index .App.URIs -1 }}`:                "1:4: found a position for index that is outside of the list or text; expected one inside",
	`{{ index .Memory 0 }}`:                   "1:4: found .Memory as the first argument of index; expected a list or an object",
	`{{ index nil "x" }}`:                     "1:4: found null as an argument of index; expected a value",
	`{{ index "abc" 5 }}`:                     "1:4: found a position for index that is outside of the list or text; expected one inside",
	`{{ slice .App.ID "a" }}`:                 "1:4: found text as the position for slice; expected a number",
	`{{ slice "abc" 2 1 }}`:                   "1:4: found positions for slice that do not fit; expected the first and the one behind the last",
	`{{ eq (env "TEXT") 8080 }}`:              "1:4: found text and a number to compare by eq; expected two of the same kind: " + textHint,
	`{{ if eq (binding "port") 1 }}{{ end }}`: "1:7: found text and a number to compare by eq; expected two of the same kind: " + textHint,
	`{{ lt (len .App.URIs) "x" }}`:            "1:4: found a number and text to compare by lt; expected two of the same kind: " + textHint,
	`{{ gt true false }}`:                     "1:4: found a value that gt cannot order; expected two texts or two numbers",

	// The number of arguments.
	`{{ json }}`:                  "1:4: found 0 arguments of json; expected 1",
	`{{ .Name | yaml 1 }}`:        "1:12: found 2 arguments of yaml; expected 1",
	`{{ toml .Name .Files }}`:     "1:4: found 2 arguments of toml; expected 1",
	`{{ base64 }}`:                "1:4: found 0 arguments of base64; expected 1",
	`{{ binding }}`:               `1:4: found 0 arguments of binding; expected binding "KEY" or binding "KEY" "SERVICE"`,
	`{{ text "a" "b" "c" }}`:      `1:4: found 3 arguments of text; expected text "KEY" or text "KEY" "SERVICE"`,
	`{{ config }}`:                `1:4: found 0 arguments of config; expected config "KEY"`,
	`{{ env "A" "B" }}`:           `1:4: found 2 arguments of env; expected env "NAME"`,
	`{{ "x" | env "A" }}`:         `1:10: found 2 arguments of env; expected env "NAME"`,
	`{{ file }}`:                  `1:4: found 0 arguments of file; expected file "PATH"`,
	`{{ cert "key" "x" }}`:        "1:4: found 2 arguments of cert; expected " + certUsage,
	`{{ env "TEXT" | default }}`:  `1:17: found default with no value in front of it; expected binding "KEY" | default "VALUE"`,
	`{{ not }}`:                   "1:4: found 0 arguments of not; expected 1",
	`{{ or }}`:                    "1:4: found 0 arguments of or; expected at least 1",
	`{{ printf }}`:                "1:4: found 0 arguments of printf; expected at least 1",
	`{{ eq .Name }}`:              "1:4: found 1 argument of eq; expected at least 2",
	`{{ print (json) }}`:          "1:11: found 0 arguments of json; expected 1",
	`{{ json (config "x") "y" }}`: "1:4: found 2 arguments of json; expected 1",

	// Values to range over, and to read in range and with.
	`{{ range .App.Name }}{{ end }}`:                           "1:10: found text, or nothing, to range over; expected a list or an object",
	`{{ range $i, $n := .Index }}{{ end }}`:                    "1:10: found two variables for range over a number; expected one",
	`{{ range 3 }}{{ .App.Name }}{{ end }}`:                    "1:21: found no field App: the value is a number; expected an object, or $.App: inside of range and with, a dot alone is another value",
	`{{ with .App }}{{ .Index }}{{ end }}`:                     "1:19: found no value called .App.Index; expected one of " + ofApp,
	`{{ with $a := .App }}{{ $a.Nope }}{{ end }}`:              "1:27: found no value called .App.Nope; expected one of " + ofApp,
	`{{ if true }}{{ .Nope }}{{ end }}`:                        "1:17: found no value called .Nope; expected one of App, Files, Index, Memory, Name",
	`{{ if .Index }}{{ .No1 }}{{ else }}{{ json }}{{ end }}`:   "",
	`{{ with env "TEXT" }}{{ .x }}{{ else }}{{ .x }}{{ end }}`: "",
	`{{ range .App.URIs }}{{ .x }}{{ else }}{{ .x }}{{ end }}`: "",
	`{{ and .App .Nope }}`:                                     "1:13: found no value called .Nope; expected one of App, Files, Index, Memory, Name",
	`{{ or "" .Nope }}`:                                        "1:10: found no value called .Nope; expected one of App, Files, Index, Memory, Name",

	// Named templates.
	`{{ template "nope" . }}`:                                                  "1:13: found the name of a template that is not defined; expected one that is",
	`{{ define "t" }}{{ .App.Name }}{{ end }}{{ template "t" }}`:               `1:24: found no value to read .App from; expected one: to use it in a named template, call that as in {{ template "NAME" . }}`,
	`{{ define "t" }}{{ .Index }}{{ end }}{{ template "t" .App }}`:             "1:20: found no value called .App.Index; expected one of " + ofApp,
	`{{ block "b" .Memory }}{{ .Kilobytes }}{{ end }}`:                         "1:27: found no value called .Memory.Kilobytes; expected one of Bytes, Megabytes",
	`{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" }}`:          "1:29: the template calls itself without an end",
	`{{ define "t" }}{{ template "t" not . }}{{ end }}{{ template "t" true }}`: "1:29: the template calls itself without an end",
}

const (
	ofApp     = "API, ID, InstanceID, InstanceIndex, Name, Org, OrgID, ProcessID, ProcessType, Space, SpaceID, URIs, Version"
	certUsage = `cert "certificate", cert "key" or cert "authorities" for a path, or with -pem at its end for the content`
	textHint  = `a value of a binding or of the environment is text, as in eq (env "PORT") "8080"`
)

// working are templates that work at the start with the services and variables of the specs, though
// parts of them may fail at another one, or are not carried out.
var working = []string{
	"", "text", "{{/* .Nope */}}", `{{ .Name }}{{ .Files }}{{ .Index }}{{ .Memory }}{{ .Memory.Bytes | json }}`, `{{ .App.URIs }}{{ index .App.URIs 1 }}{{ len .App.URIs }}{{ slice .App.ID 0 3 }}`,
	`{{ if eq .App.Space "other" }}{{ .App.Nope }}{{ end }}`, `{{ with env "EMPTY" }}{{ .x }}{{ end }}`, `{{ with env "TEXT" }}{{ . }}{{ else }}{{ .Nope }}{{ end }}`,
	`{{ if false }}{{ .Nope }}{{ end }}`, `{{ with "" }}{{ .x }}{{ else }}{{ .Name }}{{ end }}`, `{{ or .Name .Nope }}`, `{{ and (env "EMPTY") .Nope }}`, `{{ or .App.URIs .Nope | len }}`,
	`{{ range .App.URIs }}{{ $.App.Name }}{{ end }}`, `{{ range 0 }}{{ .x }}{{ end }}`, `{{ range 3 }}{{ break }}{{ .x }}{{ end }}`, `{{ range 3 }}{{ continue }}{{ len . }}{{ end }}`,
	`{{ range 2 }}{{ if eq $.Name "agent" }}{{ break }}{{ end }}{{ .x }}{{ end }}`, `{{ range binding "hosts" }}{{ len . }}{{ end }}`, `{{ range $key, $value := binding "endpoint" }}{{ $key }}{{ end }}`,
	`{{ $x := 5 }}{{ $x = "text" }}{{ len $x }}`, `{{ $x := 5 }}{{ if .App.Name }}{{ $x = "text" }}{{ end }}{{ len $x }}`, `{{ $x := "" }}{{ range 2 }}{{ if $x }}{{ len $x }}{{ else }}{{ $x = print . }}{{ end }}{{ end }}`,
	`{{ $x := "text" }}{{ if $x := 5 }}{{ json $x }}{{ end }}{{ len $x }}`, `{{ $x := 1 }}{{ range $x = .App.URIs }}{{ end }}{{ len $x }}`, `{{ $x := 5 }}{{ range 3 }}{{ if . }}{{ $x = "a" }}{{ end }}{{ end }}{{ len $x }}`,
	`{{ (binding "endpoint").region }}`, `{{ index (binding "endpoint") "region" | len }}`, `{{ index (binding "hosts") 1 | json }}`, `{{ (binding "endpoint" | default "").region }}`,
	`{{ eq (binding "port") "8443" }}`, `{{ eq "8443" (binding "port") (env "TEXT") }}`, `{{ eq nil (binding "endpoint") }}`, `{{ ne .Index 0 }}`, `{{ lt .Memory.Megabytes 256 }}`, `{{ not (binding "hosts") }}`,
	`{{ env "NONE" | default 5 | eq 5 }}`, `{{ range env "NONE" | default "" | default .App.URIs }}{{ . }}{{ end }}`, `{{ $none := env "NONE" | default "" }}{{ lt ($none | default 1) 3 }}`,
	`{{ file "none" | default "" }}`, `{{ file "./part.txt" }}`, `{{ cert "key" | default "none" }}`, `{{ env .App.Name | default "x" }}`, `{{ cert (env "TEXT") }}`, `{{ print }}{{ json nil }}`,
	`{{ define "unused" }}{{ .App.Nope }}{{ template "nope" }}{{ end }}`, `{{ define "t" }}{{ .Name }}{{ end }}{{ template "t" .App }}{{ template "t" . }}`, `{{ define "t" }}static{{ end }}{{ template "t" }}`,
	`{{ define "t" }}{{ if lt (len .) 9 }}{{ template "t" (print . "x") }}{{ end }}{{ end }}{{ template "t" "x" }}`, `{{ define "t" }}{{ with . }}{{ template "t" "" }}{{ end }}{{ end }}{{ template "t" "x" }}`,
	`{{ define "t" }}{{ if . }}{{ template "t" (slice . 1) }}{{ end }}{{ end }}{{ template "t" .Name }}`, `{{ printf .Name }}`, `{{ env "TEXT" | printf }}`, `{{ html .App.URIs }}`, `{{ or (and .App .Name) .Nope }}`,
}

func testCertain(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *place
		own    = &bindings.Selector{Any: "apm"}
	)

	it.Before(func() {
		p = newPlace(t)
		p.bind(bindings.InEnvironment, services)
		p.write("app/part.txt", "part")
		p.environ = append(p.environ, "TEXT=key", "EMPTY=", "CF_INSTANCE_KEY="+p.path("key"))
	})
	specOf := func(template string) render.Spec {
		return render.Spec{Name: "agent", Binding: own, Memory: 128, Files: []render.File{inline("f", template)}}
	}
	check := func(template string, bound []bindings.Binding) []string {
		if err := render.Check(specOf(template), bound, render.Sources{}); err != nil {
			return strings.Split(err.Error(), "\n")
		}
		return nil
	}
	// start is the error of a start, "" if it works.
	start := func(template string) string {
		message := strings.TrimSuffix(p.run("start", specOf(template)).stderr, "\n")
		return strings.TrimPrefix(message, "[sidecar-render] agent: ")
	}
	const at = "sidecars.yml:4: files: f:"
	column := regexp.MustCompile(`^(` + at + `\d+):\d+`)

	it("rejects templates that always fail, whatever is bound, with the message of the start", func() {
		bound, err := bindings.Parse([]byte(services))
		Expect(err).NotTo(HaveOccurred())
		for template, expected := range failing {
			for _, all := range [][]bindings.Binding{nil, bound} {
				problems, started := check(template, all), start(template)
				Expect(started).NotTo(BeEmpty(), template)
				Expect(problems).NotTo(BeEmpty(), template)
				if expected != "" {
					Expect(problems).To(Equal([]string{at + expected}), template)
					Expect(column.ReplaceAllString(started, "$1")).To(Equal(column.ReplaceAllString(problems[0], "$1")), template)
				}
			}
		}
	})

	it("accepts templates that work at a start, though they might fail at another one", func() {
		bound, err := bindings.Parse([]byte(services))
		Expect(err).NotTo(HaveOccurred())
		for _, template := range working {
			Expect(start(template)).To(BeEmpty(), template)
			Expect(check(template, nil)).To(BeEmpty(), template)
			Expect(check(template, bound)).To(BeEmpty(), template)
		}
	})

	it("rejects templates that fail with the values of the services that are bound, and decides no branch by these", func() {
		bound, err := bindings.Parse([]byte(services))
		Expect(err).NotTo(HaveOccurred())
		for template, expected := range map[string]string{
			`{{ (binding "endpoint").zone }}`:        `1:24: found no key "zone" in the object; expected one that it has`,
			`{{ range binding "api_key" }}{{ end }}`: "1:10: found text, or nothing, to range over; expected a list or an object",
			`{{ index (binding "hosts") 2 }}`:        "1:4: found a position for index that is outside of the list or text; expected one inside",
			`{{ binding "hosts" | cert }}`:           "1:22: found an argument of cert that is not text; expected " + certUsage,
			`{{ $key := "nope" }}{{ binding $key }}`: `1:24: found no key (the argument of binding, not shown) in the credentials of the service "apm-prod"; expected one, or a default`,
			`{{ (binding "nope" | default "").x }}`:  "1:33: found no field x: the value is text; expected an object",
		} {
			Expect(check(template, bound)).To(Equal([]string{at + expected}), template)
			Expect(check(template, nil)).To(BeEmpty(), template)
			Expect(column.ReplaceAllString(start(template), "$1")).To(Equal(column.ReplaceAllString(at+expected, "$1")), template)
		}
		for _, template := range []string{`{{ if eq (binding "tls") "true" }}{{ .Nope }}{{ end }}`, `{{ range binding "hosts" }}{{ .x }}{{ end }}`, `{{ if binding "nope" | default "x" }}{{ .Nope }}{{ end }}`} {
			Expect(check(template, bound)).To(BeEmpty(), template)
		}
		null, err := bindings.Parse([]byte(`{"user-provided": [{"name": "apm", "credentials": {"object": {"a": null}}}]}`))
		Expect(err).NotTo(HaveOccurred())
		Expect(check(`{{ binding "object" | toml }}`, null)).To(Equal([]string{at + "1:23: found null; expected a value, as TOML has no null"}))
	})

	it("says that a sidecar without memory has none to show", func() {
		template := "{{ .Memory }}"
		problem := render.Check(render.Spec{Name: "agent", Files: []render.File{inline("f", template)}}, nil, render.Sources{})
		Expect(problem).To(MatchError(at + `1:4: found no memory of the sidecar "agent"; expected the field memory to be stated`))
	})

	it("ends the check of a template that is too large, and accepts the rest", func() {
		large := strings.Repeat("{{ .Name }}", 300_000)
		Expect(check("{{ .Nope }}"+large, nil)).To(HaveLen(1))
		Expect(check(large+"{{ .Nope }}", nil)).To(BeEmpty())
		calls := strings.Repeat(`{{ template "t" print . "x" }}`, 50)
		Expect(check(`{{ define "t" }}{{ with env "X" }}`+calls+`{{ end }}{{ end }}{{ template "t" "" }}`, nil)).To(BeEmpty())
		Expect(check(`{{ define "t" }}`+calls+`{{ end }}{{ template "t" "" }}`, nil)).To(ContainElement(at + "1:29: the template calls itself without an end"))
	})

	it("quotes no value of a binding", func() {
		secret, err := bindings.Parse([]byte(`{"user-provided": [{"name": "apm", "credentials": {"key": "s3cret", "list": ["s3cret"], "object": {"s3cret": "s3cret"}}}]}`))
		Expect(err).NotTo(HaveOccurred())
		for _, command := range []string{"len (eq %s 1)", "eq %s 1", "eq %s true", "lt %s 1", "range", "index %s 1000", "index %s 1.5", "slice %s 1 0", "cert %s", "file %s", "env %s", "binding %s", "printf 5 %s", "call %s", "json %s 1", "(%s).x", "%s 1", "toml (print %s).x"} {
			for _, key := range []string{"key", "list", "object"} {
				template := "{{ " + strings.ReplaceAll(command, "%s", `(binding "`+key+`")`) + " }}"
				if command == "range" {
					template = `{{ range $i, $x := binding "` + key + `" }}{{ $x.x }}{{ end }}`
				}
				Expect(strings.Join(check(template, secret), "\n")).NotTo(ContainSubstring("s3cret"), template)
			}
		}
	})
}
