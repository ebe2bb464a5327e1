package render

import (
	"math/rand/v2"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// A start is what a template may find when its sidecar starts.
type start struct {
	services, environ string
	configuration     any
}

// starts differ in everything that a template cannot know.
var starts = []start{
	{
		`{"credentials": {"text": "abc", "list": ["abc", 1, null, {"text": "x"}], "object": {"text": "abc", "list": []}}}`,
		`{"application_name": "shop", "application_id": "id", "instance_index": 2, "application_uris": ["a.example", "b.example"]}`, "abc",
	},
	{
		`{"credentials": {"text": {"text": {"text": 1}}, "list": "", "object": [["abc"]], "key": "text", "Name": "text"}}`,
		`{"application_name": "", "application_id": "0123456789", "instance_index": 0, "application_uris": []}`, []any{"abc", map[string]any{"text": "x"}},
	},
	{
		`{"credentials": {"text": [], "list": {"Name": "x", "0": null}, "object": {"object": {"object": ["text"]}}, "key": "nope"}}`,
		`{"application_name": "text", "application_id": "text", "instance_index": 1, "application_uris": ["text"]}`, map[string]any{"text": []any{"x"}},
	},
}

func (s start) bound() []bindings.Binding {
	all, err := bindings.Parse([]byte(`{"user-provided": [{"name": "apm", ` + s.services[1:] + `]}`))
	if err != nil {
		panic(err)
	}
	return all
}

// render executes a template.
func (s start) render(spec Spec) error {
	environ := []string{"VCAP_APPLICATION=" + s.environ, "CF_INSTANCE_INDEX=1", "TEXT=abc", "text=text", "EMPTY=", "CF_INSTANCE_CERT=/no/crt", "CF_INSTANCE_KEY=/no/key"}
	app := fstest.MapFS{"text": {Data: []byte("abc")}, "abc": {Data: []byte("")}}
	all := s.bound()
	r := renderer{budget: newBudget(), scope: scope{
		spec: spec, environ: environ, app: app, files: "/files", configuration: &configuration{known: map[string]any{"text": s.configuration, "abc": "text"}, client: nil},
		services: &services{read: func() ([]bindings.Binding, error) { return all, nil }},
	}}
	_, err := r.content(spec.Files[0])
	return err
}

func testRandom(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("only rejects templates that fail whatever the start finds", func() {
		specOf := func(template string) Spec {
			return Spec{Name: "agent", Memory: 64, Binding: &bindings.Selector{Any: "apm"}, Files: []File{{Path: "f", Template: &template}}}
		}
		rejected := 0
		for seed := range uint64(800) {
			w := writer{Rand: rand.New(rand.NewPCG(seed, 0))}
			template := w.template()
			if _, err := parseTemplate(source{"f", template}, (&scope{}).functions()); err != nil {
				continue
			}
			if problem := Check(specOf(template), nil, Sources{}); problem != nil {
				rejected++
				for _, s := range starts {
					Expect(s.render(specOf(template))).NotTo(Succeed(), "%s\n%s", template, problem)
				}
			}
			for _, s := range starts {
				if problem := Check(specOf(template), s.bound(), Sources{}); problem != nil {
					Expect(s.render(specOf(template))).NotTo(Succeed(), "%s\n%s", template, problem)
				}
			}
		}
		Expect(rejected).To(BeNumerically(">", 100))
	})
}
