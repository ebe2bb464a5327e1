package sidecar_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testFamily(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		request sidecar.Request
	)

	has := func(names ...string) func(string) bool {
		return func(name string) bool {
			for _, n := range names {
				if n == name {
					return true
				}
			}
			return false
		}
	}
	const ours, theirs = "[[metadata.sidecars]]\nname = \"ours\"\nexecutable = \"ours\"\n[[metadata.sidecars]]\nname = \"both\"\nexecutable = \"both\"\n",
		"[[metadata.sidecars]]\nname = \"theirs\"\ndependency = \"d\"\nexecutable = \"x\"\ndefault = true\n[[metadata.sidecars]]\nname = \"both\"\ncommand = \"run\"\n"

	it.Before(func() {
		request = sidecar.Request{
			Catalog: catalog(t, ours),
			Family: sidecar.Family{
				HasDependency: has("e"),
				Later:         []sidecar.Relative{{Name: "Theirs", Catalog: catalog(t, theirs), HasDependency: has("d", "e")}},
			},
		}
	})
	shared := func(content string) (names []string, left []sidecar.Left) {
		t.Helper()
		request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}}
		resolved, err := sidecar.ResolveSources(request)
		Expect(err).NotTo(HaveOccurred())
		for _, d := range resolved.Sidecars {
			names = append(names, d.Name)
		}
		return names, resolved.Left
	}

	it("leaves what no buildpack can make to one that has not been read, and says what comes of it", func() {
		request.Family.Unread = []string{"https://example.com/a.git", "https://example.com/b.zip"}
		names, left := shared("- name: ours\n- name: theirs\n- name: unknown\n- {name: elsewhere, dependency: f, executable: x}\n- {name: here, dependency: e, executable: x}\n- {name: own, command: run}\n")
		Expect(names).To(Equal([]string{"ours", "here", "own"}))
		const to = "https://example.com/a.git or https://example.com/b.zip"
		Expect(left).To(Equal([]sidecar.Left{{Name: "theirs", To: "Theirs"}, {Name: "unknown", To: to, Unsure: true}, {Name: "elsewhere", To: to, Unsure: true}}))
		Expect(left[1].String()).To(Equal(`The program of sidecar "unknown" is unknown here. If neither the catalog nor the manifest.yml of ` + to + ` has it, staging fails.`))
	})

	it("leaves to a later buildpack what only that one knows, with whatever the app states of it", func() {
		names, left := shared("- name: ours\n- name: theirs\n- name: both\n- {name: own, command: run}\n")
		Expect(names).To(Equal([]string{"ours", "both", "own"}))
		Expect(left).To(Equal([]sidecar.Left{{Name: "theirs", To: "Theirs"}}))
		Expect(left[0].String()).To(Equal(`Sidecar "theirs" is left to Theirs, which comes later and knows it.`))

		names, left = shared("- {name: theirs, command: x --config y, version: 1.x, memory: 64M}\n")
		Expect(names).To(BeEmpty())
		Expect(left).To(HaveLen(1))
	})

	it("leaves to it what needs a dependency that only that one has", func() {
		names, left := shared("- {name: a, dependency: d, executable: x}\n- {name: b, dependency: e, executable: y}\n")
		Expect(names).To(Equal([]string{"b"}))
		Expect(left).To(Equal([]sidecar.Left{{Name: "a", To: "Theirs"}}))
	})

	it("provides a sidecar with its own program, even if a later buildpack's catalog has the name", func() {
		names, left := shared("- name: theirs\n  executable: x\n  artifact: {uri: 'https://example.com/x', sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}\n")
		Expect(names).To(Equal([]string{"theirs"}))
		Expect(left).To(BeEmpty())
	})

	it("leaves alone what an earlier buildpack has made, defaults of its own catalog included", func() {
		request.Catalog = catalog(t, ours+"default = true\n")
		request.Family = sidecar.Family{Made: map[string]string{"both": "First", "own": "First"}}
		names, left := shared("- name: ours\n- {name: own, command: run}\n")
		Expect(names).To(Equal([]string{"ours"}))
		Expect(left).To(Equal([]sidecar.Left{{Name: "both", To: "First", Made: true}, {Name: "own", To: "First", Made: true}}))
		Expect(left[0].String()).To(Equal(`Sidecar "both" is left to First, which comes first and has made it.`))
	})

	it("takes no variable of another buildpack's sidecar for one that sets nothing", func() {
		request.Environ = []string{"SIDECAR_THEIRS_MEMORY=1G", "SIDECAR_FIRST_ENV={A: b}", "SIDECAR_NOBODY_MEMORY=1G"}
		request.Family.Made = map[string]string{"first": "First"}
		resolved, err := sidecar.ResolveSources(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(resolved.Warnings).To(ConsistOf(HavePrefix("SIDECAR_NOBODY_MEMORY sets nothing")))
	})

	context("failure cases", func() {
		it("refuses a name that no buildpack knows, and lists what all of them do", func() {
			request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- name: thiers\n")}}
			_, err := sidecar.ResolveSources(request)
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar "thiers": found no command; did you mean theirs? Expected the key command, or a name of the catalog: ours, both, theirs`))
		})

		it("refuses one that depends on another buildpack's", func() {
			request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- {name: ours, depends-on: [theirs]}\n- name: theirs\n")}}
			_, err := sidecar.ResolveSources(request)
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar "ours": depends-on: found "theirs", which is left to Theirs; expected a sidecar that this buildpack gives the app: "ours"`))
		})
	})
}
