package sidecar_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testPresence(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		request sidecar.Request
	)

	it.Before(func() {
		request = sidecar.Request{Catalog: catalog(t, "[[metadata.sidecars]]\nname = \"given\"\ncommand = \"run\"\ndefault = true\n")}
	})
	// resolve is which sidecars a document comes to, and what is said of the others.
	resolve := func(content string, environ ...string) (names, said []string) {
		t.Helper()
		request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}}
		request.Environ = environ
		resolved, err := sidecar.Share(request)
		Expect(err).NotTo(HaveOccurred())
		for _, d := range resolved.Sidecars {
			names = append(names, d.Name)
		}
		for _, a := range resolved.Absent {
			said = append(said, a.String())
		}
		return names, said
	}

	context("enabled", func() {
		for _, no := range []string{"false", "False", `"false"`} {
			it("leaves out a sidecar with "+no+", and says who has said it", func() {
				names, said := resolve("- name: given\n- name: a\n  command: x\n  enabled: " + no)
				Expect(names).To(Equal([]string{"given"}))
				Expect(said).To(Equal([]string{`Sidecar "a" is left out: sidecars.yml:4 says enabled: false.`}))
			})
		}

		it("leaves out one that the catalog gives to every app, by a variable", func() {
			names, said := resolve("", "SIDECAR_GIVEN_ENABLED=false")
			Expect(names).To(BeEmpty())
			Expect(said).To(Equal([]string{`Sidecar "given" is left out: SIDECAR_GIVEN_ENABLED says enabled: false.`}))
		})

		it("is true without it, and a later source has the last say", func() {
			request.Catalog = catalog(t, "[[metadata.sidecars]]\nname = \"given\"\ncommand = \"run\"\ndefault = true\nenabled = false\n")
			_, said := resolve("")
			Expect(said).To(Equal([]string{`Sidecar "given" is left out: buildpack.toml says enabled: false.`}))
			names, said := resolve("- {name: given, enabled: true}\n- {name: a, command: x, enabled: true}")
			Expect(names).To(Equal([]string{"given", "a"}))
			Expect(said).To(BeEmpty())
			names, _ = resolve("- {name: given, enabled: false}", "SIDECAR_GIVEN_ENABLED=TRUE")
			Expect(names).To(Equal([]string{"given"}))
		})

		it("starts what depends on it without it, and says so", func() {
			request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- {name: a, command: x, depends-on: [given, b]}\n- {name: b, command: x}\n- {name: c, command: x, depends-on: [given]}")}}
			request.Environ = []string{"SIDECAR_GIVEN_ENABLED=false"}
			resolved, err := sidecar.Share(request)
			Expect(err).NotTo(HaveOccurred())
			Expect(resolved.Sidecars[0].Supervision.DependsOn).To(Equal([]string{"b"}))
			Expect(resolved.Sidecars[2].NeedsSupervisor()).To(BeFalse())
			Expect(resolved.Absent[0].String()).To(HaveSuffix(`Started without waiting for it: "a", "c".`))
		})

		it("needs nothing else of a sidecar that is left out", func() {
			_, said := resolve("- {name: unknown, enabled: false}")
			Expect(said).To(HaveLen(1))
		})

		it("has a later buildpack leave alone what an earlier one leaves out, and warn of no variable", func() {
			request.Family.Absent = []string{"theirs"}
			request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- {name: theirs, memory: 1M}")}}
			request.Environ = []string{"SIDECAR_THEIRS_ENABLED=false"}
			resolved, err := sidecar.Share(request)
			Expect(err).NotTo(HaveOccurred())
			Expect(resolved).To(And(HaveField("Sidecars", HaveLen(1)), HaveField("Absent", BeEmpty()), HaveField("Left", BeEmpty()), HaveField("Warnings", BeEmpty())))
		})
	})

	context("failure cases", func() {
		for _, wrong := range []struct{ content, message string }{
			{"- {name: a, command: x, enabled: no thanks}", `sidecars.yml:1: sidecar "a": enabled: found "no thanks"; expected true or false`},
			{"- {name: a, command: x, enabled: [false]}", `sidecars.yml:1: sidecar "a": enabled: found a list; expected true or false`},
			{"- {name: a, command: x, enable: false}", `sidecars.yml:1: sidecar "a": found the key "enable"; did you mean enabled? Expected one of the keys ` + sidecar.AppKeys},
		} {
			it("refuses "+wrong.content, func() {
				_, err := read(wrong.content)
				Expect(err).To(MatchError(wrong.message))
			})
		}

		it("still refuses what is wrong with a sidecar that is left out", func() {
			_, err := read("- {name: a, command: x, enabled: false, memory: lots}")
			Expect(err).To(MatchError(ContainSubstring("memory: found \"lots\"")))
		})
	})
}
