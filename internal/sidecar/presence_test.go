package sidecar_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
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
		resolved, err := sidecar.ResolveSources(request)
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
			resolved, err := sidecar.ResolveSources(request)
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
			resolved, err := sidecar.ResolveSources(request)
			Expect(err).NotTo(HaveOccurred())
			Expect(resolved).To(And(HaveField("Sidecars", HaveLen(1)), HaveField("Absent", BeEmpty()), HaveField("Left", BeEmpty()), HaveField("Warnings", BeEmpty())))
		})
	})

	context("binding", func() {
		bound := func(names ...string) {
			request.Services = sidecar.Services{Known: true}
			for _, name := range names {
				request.Services.Bound = append(request.Services.Bound, bindings.Binding{Name: name, Label: "apm", Tags: []string{"tracing"}})
			}
		}

		for _, selector := range []string{"my-apm", "MY-APM", "apm", "tracing", "{name: my-apm}", "{label: apm}", "{tag: tracing, label: apm}"} {
			it("gives the app a sidecar for the service "+selector+" when it is bound, and tells which it is", func() {
				bound("my-apm")
				request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- {name: a, command: x, binding: " + selector + "}")}}
				resolved, err := sidecar.ResolveSources(request)
				Expect(err).NotTo(HaveOccurred())
				Expect(resolved.Sidecars).To(ContainElement(And(HaveField("Name", "a"), HaveField("Service", "my-apm"), HaveField("NeedsSupervisor()", false))))
				Expect(resolved.Absent).To(BeEmpty())
			})
		}

		it("leaves it out when none is bound, and says why", func() {
			for _, c := range []struct {
				before       func()
				content, why string
			}{
				{func() { bound("db", "cache") }, "binding: other", `it is for a service with the name, label or tag "other"; bound are "cache", "db"`},
				{func() { bound() }, "binding: {label: apm, tag: x}", `it is for a service with the label "apm" and tag "x", and no service is bound`},
				{func() { request.Services = sidecar.Services{} }, "binding: apm", `no service with the name, label or tag "apm" is known to be bound`},
				{func() { bound("my-apm") }, "binding: apm, enabled: false", "sidecars.yml:1 says enabled: false"},
			} {
				c.before()
				names, said := resolve("- {name: a, command: x, " + c.content + "}")
				Expect(names).To(Equal([]string{"given"}))
				Expect(said).To(Equal([]string{`Sidecar "a" is left out: ` + c.why + "."}))
			}
		})

		it("is the catalog's, the file's or a variable's, in either form", func() {
			request.Catalog = catalog(t, "[[metadata.sidecars]]\nname = \"given\"\ncommand = \"run\"\ndefault = true\nbinding = \"a\"\n[[metadata.sidecars]]\nname = \"other\"\ncommand = \"run\"\nbinding = {label = \"apm\"}\n")
			bound("b")
			names, _ := resolve("- name: other")
			Expect(names).To(Equal([]string{"other"}))
			names, _ = resolve("- {name: given, binding: b}")
			Expect(names).To(Equal([]string{"given"}))
			names, _ = resolve("", "SIDECAR_GIVEN_BINDING=b")
			Expect(names).To(Equal([]string{"given"}))
			names, _ = resolve("", "SIDECAR_GIVEN_BINDING={label: apm}")
			Expect(names).To(Equal([]string{"given"}))
		})

		it("refuses two services that match, and names both", func() {
			bound("one", "two")
			request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- name: a\n  command: x\n  binding: apm")}}
			_, err := sidecar.ResolveSources(request)
			Expect(err).To(MatchError(`sidecars.yml:3: sidecar "a": binding: found 2 services with the name, label or tag "apm", "one", "two"; expected one: select it by its name, as in {name: one}`))
		})

		it("advises a label or tag where two services have the same name, which selects neither", func() {
			bound("One", "one")
			request.Sources = []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- name: a\n  command: x\n  binding: apm")}}
			_, err := sidecar.ResolveSources(request)
			Expect(err).To(MatchError(`sidecars.yml:3: sidecar "a": binding: found 2 services with the name, label or tag "apm", "One", "one"; expected one: select it by a label or tag that only one of them has, since two have the same name`))
		})

		it("takes one that is bound in the files of the platform's other forms", func() {
			directory := t.TempDir()
			for name, content := range map[string]string{"type": "apm", "tags": `["tracing"]`} {
				Expect(os.MkdirAll(filepath.Join(directory, "my-apm"), 0o755)).To(Succeed())
				Expect(os.WriteFile(filepath.Join(directory, "my-apm", name), []byte(content), 0o600)).To(Succeed())
			}
			all, err := bindings.Read([]string{"SERVICE_BINDING_ROOT=" + directory})
			Expect(err).NotTo(HaveOccurred())
			request.Services = sidecar.Services{Known: true, Bound: all}
			names, _ := resolve("- {name: a, command: x, binding: tracing}")
			Expect(names).To(Equal([]string{"given", "a"}))
		})
	})

	context("failure cases", func() {
		for _, wrong := range []struct{ content, message string }{
			{"- {name: a, command: x, enabled: no thanks}", `sidecars.yml:1: sidecar "a": enabled: found "no thanks"; expected true or false`},
			{"- {name: a, command: x, enabled: [false]}", `sidecars.yml:1: sidecar "a": enabled: found a list; expected true or false`},
			{"- {name: a, command: x, binding: [apm]}", `sidecars.yml:1: sidecar "a": binding: found a list; expected a name, label or tag of a service, such as apm, or a mapping with name, label or tag`},
			{"- {name: a, command: x, binding: ' '}", `sidecars.yml:1: sidecar "a": binding: found blank text " "; expected text that is not blank`},
			{"- {name: a, command: x, binding: {}}", `sidecars.yml:1: sidecar "a": binding: found an empty mapping; expected a name, label or tag of a service, such as apm, or a mapping with name, label or tag`},
			{"- {name: a, command: x, binding: {lable: apm}}", `sidecars.yml:1: sidecar "a": binding: found the key "lable"; did you mean label? Expected one of the keys name, label, tag`},
			{"- {name: a, command: x, binding: {tag: 5}}", `sidecars.yml:1: sidecar "a": binding: tag: found the number 5; expected text, which here needs quotes: "5"`},
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
