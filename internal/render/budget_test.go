package render

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testBudget(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	render := func(template string, b *budget) ([]byte, error) {
		app := fstest.MapFS{"large": {Data: []byte(strings.Repeat(`\`, maxFile))}}
		r := renderer{budget: b, scope: scope{services: &services{}, environ: []string{`VCAP_APPLICATION={"application_uris": ["a"]}`}, app: app}}
		return r.content(File{Path: "f", Template: &template, At: "sidecars.yml:4"})
	}
	// patient is a budget with all the time of a slow machine.
	patient := func() *budget { return &budget{maxSteps, time.Now().Add(time.Hour)} }
	const at = "sidecars.yml:4: files: f:"

	it("ends templates that take too many steps, wherever these are", func() {
		const message = "the templates of this sidecar take more than 200000 steps; expected at most that: range over less"
		for _, template := range []string{
			"{{ range 1000000000000 }}{{ end }}",
			"\n {{ range 1000000000000 }}text{{ end }}",
			"{{ range 1000000000000 }}{{ continue }}{{ end }}",
			"{{ range 1000000 }}{{ range 1000000 }}{{ break }}{{ end }}{{ end }}",
			"{{ range $i := 1000000000000 }}{{ $x := $i }}{{ end }}",
			"{{ range 1000000000000 }}{{ if false }}{{ else }}{{ end }}{{ end }}",
			`{{ define "t" }}{{ if lt (len .) 40 }}{{ template "t" (print . "x") }}{{ template "t" (print . "x") }}{{ end }}{{ end }}{{ template "t" "" }}`,
		} {
			_, err := render(template, patient())
			Expect(err).To(MatchError(And(HavePrefix(at), HaveSuffix(message))), template)
		}
		_, err := render("\n {{ range 1000000000000 }}{{ end }}", patient())
		Expect(err).To(MatchError(And(HavePrefix(at+"2:"), HaveSuffix(": "+message))))
	})

	it("ends templates that take too long", func() {
		_, err := render("{{ .Name }}", &budget{steps: 10, until: time.Now().Add(-time.Second)})
		Expect(err).To(MatchError(at + "1:4: the templates of this sidecar take more than 10s; expected at most that: range over less"))
	})

	it("has one budget for all templates of a sidecar", func() {
		template := "{{ range 60000 }}{{ end }}"
		r := renderer{budget: patient(), scope: scope{services: &services{}}}
		for range 4 {
			r.spec.Files = append(r.spec.Files, File{Path: "f", Template: &template})
		}
		_, err := r.render()
		Expect(err).To(MatchError(ContainSubstring("more than 200000 steps")))
		Expect(strings.Count(err.Error(), "\n")).To(BeZero())
	})

	it("makes no text that is larger than a file can be, on the way either", func() {
		const large = `(file "large")`
		for _, template := range []string{
			`{{ $x := "xxxxxxxx" }}{{ range 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}`,
			`{{ $x := "xxxxxxxx" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}`,
			`{{ $x := "xxxxxxxx" }}{{ range 60 }}{{ $x = println $x $x }}{{ end }}`,
			`{{ $x := "\\" }}{{ range 60 }}{{ $x = js $x }}{{ end }}`,
			`{{ $x := "\\" }}{{ range 60 }}{{ $x = json $x }}{{ end }}`,
			`{{ $x := "\\" }}{{ range 60 }}{{ $x = yaml $x }}{{ end }}`,
			`{{ $x := "\\" }}{{ range 60 }}{{ $x = toml $x }}{{ end }}`,
			`{{ $x := "x" }}{{ range 200 }}{{ $x = base64 $x }}{{ end }}`,
			`{{ $x := html ` + large + ` ` + large + ` }}`, `{{ $x := urlquery ` + large + ` }}`,
			`{{ $x := printf "` + strings.Repeat("%[1]s", 1000) + `" ` + large + ` }}`,
			`{{ $x := printf "` + strings.Repeat("%1000000d", 1000) + `" 5 }}`,
			`{{ $x := printf "` + strings.Repeat("%[1]*[2]d", 1000) + `" 1000000 5 }}`,
			`{{ range 100 }}{{ file "large" }}{{ end }}`,
		} {
			_, err := render(template, patient())
			Expect(err).To(MatchError("sidecars.yml:4: files: f: found more than 4 MB; expected a file of at most that"), template)
		}
		Expect(render(`{{ printf "%5d|%-4s|%s %s" 5 "x" "y" "z" }} {{ print "a" 1 2 "b" }} {{ html "<" }} {{ js "'" }} {{ urlquery "a b" }}`, patient())).To(
			BeEquivalentTo(`    5|x   |y z a1 2b &lt; \' a+b`))
	})
}
