package render_test

import (
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// testShown tries to get a credential, a variable or a file's content into an error by way of an
// argument.
func testShown(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// Each value begins with s3cret; those of object make a function fail in another way.
	const bound = `{"user-provided": [
		{"name": "apm", "credentials": {"key": "s3cret!x&y", "up": "../s3cret", "directory": "s3cret-directory", "large": "s3cret-large", "object": {"a": "s3cret"}, "two": "s3cret-tag"}},
		{"name": "x", "tags": ["s3cret-tag"]}, {"name": "y", "tags": ["s3cret-tag"]}]}`
	functions := []string{
		"binding %s", `binding "key" %s`, "binding %s %s", "binding %s %s %s", "env %s", "file %s", "cert %s", "default %s", "json %s 1", "yaml %s 1", "toml %s 1", "base64 %s 1",
		"index %s 1", "index . %s", "slice %s 5 1", "len %s 1", "call %s", "eq %s 1", "lt %s 1", "not %s 1", "html (index %s 1)", "(%s).field", `(index (binding "object") "b").c %s`,
		`%s | binding`, `%s | env`, `%s | file`, `%s | cert`, `%s | binding "key"`, "%s | printf 5", `printf "%%s" %s | file`,
	}
	arguments := []string{
		`(binding "key")`, `(binding "up")`, `(binding "directory")`, `(binding "large")`, `(binding "two")`, `(binding "object.a")`, `(env "SECRET")`, `(file "secret")`,
		`(printf "%s" (binding "key"))`, `(print (binding "up") "/x")`, `(binding "key" | base64)`, `(binding "none" | default (binding "key"))`,
	}
	// templates are every function with every argument, in an action of the 2nd line.
	var templates []string
	for _, function := range functions {
		for _, argument := range arguments {
			templates = append(templates, "\n{{ "+strings.ReplaceAll(strings.ReplaceAll(function, "%%s", "%\x00"), "%s", argument)+" }}")
		}
	}
	for i := range templates {
		templates[i] = strings.ReplaceAll(templates[i], "\x00", "s")
	}
	// czNjcmV0 is s3cret in base64.
	tellsNothing := Not(Or(ContainSubstring("s3cret"), ContainSubstring("czNjcmV0"), ContainSubstring(render.Mask)))

	it("quotes an argument in the program's error only if the template itself has it", func() {
		p := newPlace(t)
		p.bind(bindings.InEnvironment, bound)
		p.environ = append(p.environ, "SECRET=s3cret")
		p.write("app/secret", "s3cret content")
		p.write("app/s3cret-directory/file", "")
		p.write("app/s3cret-large", strings.Repeat("x", 4<<20+1))
		failed := 0
		for _, template := range templates {
			r := p.run("start", render.Spec{Binding: &bindings.Selector{Any: "apm"}, Files: []render.File{inline("f", template)}})
			Expect(r.stderr).To(tellsNothing, template)
			if r.status != 0 {
				Expect(r.stderr).To(HavePrefix("[sidecar-render] agent: sidecars.yml:4: files: f:2:"), template)
				failed++
			}
		}
		Expect(failed).To(BeNumerically(">", len(templates)/2))
	})

	it("quotes none in a preview's error, nor the mask of it", func() {
		all, err := bindings.Parse([]byte(bound))
		Expect(err).NotTo(HaveOccurred())
		app := fstest.MapFS{"secret": {Data: []byte("s3cret content")}, "s3cret-directory/file": {}, "s3cret-large": {Data: make([]byte, 4<<20+1)}}
		for _, template := range templates {
			_, err := render.Show(render.Spec{Binding: &bindings.Selector{Any: "apm"}, Files: []render.File{inline("f", template)}}, all, []string{"SECRET=s3cret"}, render.Sources{App: app})
			if err != nil {
				Expect(err.Error()).To(tellsNothing, template)
			}
		}
	})

	it("says which argument of which function it is", func() {
		p := newPlace(t)
		p.bind(bindings.InEnvironment, bound)
		p.environ = append(p.environ, "SECRET=s3cret")
		p.write("app/s3cret-directory/file", "")
		for template, expected := range map[string]string{
			`{{ file (binding "key") }}`:           "found no file (the argument of file, not shown) in the app; expected one, or a default",
			`{{ file (binding "up") }}`:            "found the path (the argument of file, not shown); expected one below the app's directory, such as config/agent.yaml",
			`{{ file (binding "directory") }}`:     "the file (the argument of file, not shown): found a directory; expected a regular file of at most 4 MB",
			`{{ binding (env "SECRET") }}`:         `found no key (the argument of binding, not shown) in the credentials of the service "apm"; expected one, or a default`,
			`{{ env (binding "key") }}`:            "found no variable (the argument of env, not shown) in the environment; expected it to be set, or a default",
			`{{ binding "k" (binding "key") }}`:    `found the bound services "apm", "x", "y"; expected one with the name, label or tag (the second argument of binding, not shown)`,
			`{{ binding "k" (binding "two") }}`:    `found 2 bound services with the name, label or tag (the second argument of binding, not shown): "x", "y"; expected one: select it by its name`,
			`{{ binding "nope" (print "apm") }}`:   `found no key "nope" in the credentials of the service "apm"; expected one, or a default`,
			`{{ "nope" | file }}`:                  "found no file (the argument of file, not shown) in the app; expected one, or a default",
			`{{ $p := "nope" }}{{ file $p }}`:      "found no file (the argument of file, not shown) in the app; expected one, or a default",
			`{{ file "nope" }}`:                    `found no file "nope" in the app; expected one, or a default`,
			"{{ file `no\"pe` }}":                  `found no file "no\"pe" in the app; expected one, or a default`,
			`{{ (binding "nope" "apm").x }}`:       `found no key "nope" in the credentials of the service "apm"; expected one, or a default`,
			`{{ binding (file "none") "apm" }}`:    `found no file "none" in the app; expected one, or a default`,
			`{{ json (binding "nope" (env "x"))}}`: `found no variable "x" in the environment; expected it to be set, or a default`,
		} {
			Expect(p.refuse(template)).To(MatchRegexp(`^sidecars\.yml:4: files: file:1:\d+: `), template)
			Expect(p.refuse(template)).To(HaveSuffix(": "+expected), template)
		}
	})
}
