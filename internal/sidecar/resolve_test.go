package sidecar_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testResolve(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		request sidecar.Request
	)

	it.Before(func() {
		request = sidecar.Request{Catalog: catalog(t, `
[[metadata.sidecars]]
name = "config-server"
executable = "config-server"
memory = "32M"

[[metadata.sidecars]]
name = "everywhere"
command = "run"
process_types = ["web", "worker"]
default = true
`)}
	})

	source := func(name, content string) sidecar.Source { return sidecar.Source{Name: name, Content: []byte(content)} }

	it("gives every app the catalog's defaults, and no more", func() {
		definitions, warnings, err := sidecar.Resolve(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(warnings).To(BeEmpty())
		Expect(definitions).To(Equal([]sidecar.Definition{
			{Name: "everywhere", Command: "run", ProcessTypes: []string{"web", "worker"}, At: sidecar.Position{Source: "buildpack.toml"}},
		}))
	})

	it("takes from the catalog what a name alone does not say", func() {
		request.Sources = []sidecar.Source{source("sidecars.yml", "- name: config-server")}
		definitions, _, err := sidecar.Resolve(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions[1]).To(Equal(sidecar.Definition{
			Name: "config-server", Package: sidecar.Package{Executable: "config-server"}, ProcessTypes: []string{"web"}, Memory: 32, At: sidecar.Position{Source: "sidecars.yml", Line: 1},
		}))
	})

	it("gives each later source the say over the fields that it states", func() {
		field := func(field func(sidecar.Definition) any) any {
			t.Helper()
			definitions, _, err := sidecar.Resolve(request)
			Expect(err).NotTo(HaveOccurred())
			Expect(definitions).To(HaveLen(2))
			return field(definitions[1])
		}
		memory := func(d sidecar.Definition) any { return d.Memory.String() }
		command := func(d sidecar.Definition) any { return d.Command }
		types := func(d sidecar.Definition) any { return d.ProcessTypes }

		request.Sources = append(request.Sources, source("sidecars.yml", "- {name: config-server, memory: 33M, command: file, process_types: [file]}"))
		Expect(field(memory)).To(Equal("33M"))
		Expect(field(command)).To(Equal("file"))
		Expect(field(types)).To(Equal([]string{"file"}))

		request.Sources = append(request.Sources, source("SIDECARS", "- {name: config-server, memory: 34M}\n"))
		Expect(field(memory)).To(Equal("34M"))
		Expect(field(command)).To(Equal("file"))

		request.Sources[1] = source("SIDECARS", "- {name: config-server, memory: 34M, command: inline, process_types: [inline]}")
		Expect(field(command)).To(Equal("inline"))
		Expect(field(types)).To(Equal([]string{"inline"}))

		request.Environ = []string{"SIDECAR_CONFIG_SERVER_MEMORY=35M"}
		Expect(field(memory)).To(Equal("35M"))
		Expect(field(command)).To(Equal("inline"))

		request.Environ = append(request.Environ, "SIDECAR_CONFIG_SERVER_COMMAND=variable", "SIDECAR_CONFIG_SERVER_PROCESS_TYPES=variable")
		Expect(field(command)).To(Equal("variable"))
		Expect(field(types)).To(Equal([]string{"variable"}))
	})

	it("keeps the order in which sidecars were first named, defaults in front", func() {
		request.Sources = []sidecar.Source{
			source("sidecars.yml", "- {name: b, command: x}\n- {name: a, command: x}"),
			source("SIDECARS", "- {name: c, command: x}\n- {name: a, memory: 1}\n- {name: everywhere, memory: 1}"),
		}
		definitions, _, err := sidecar.Resolve(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).To(HaveExactElements(HaveField("Name", "everywhere"), HaveField("Name", "b"), HaveField("Name", "a"), HaveField("Name", "c")))
		Expect(definitions[2].At).To(Equal(sidecar.Position{Source: "SIDECARS", Line: 2}))
	})

	it("leaves the catalog as it is for the next app", func() {
		request.Sources = []sidecar.Source{source("sidecars.yml", "- {name: everywhere, memory: 1, command: other}")}
		_, _, err := sidecar.Resolve(request)
		Expect(err).NotTo(HaveOccurred())

		request.Sources = nil
		definitions, _, err := sidecar.Resolve(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).To(HaveExactElements(And(HaveField("Command", "run"), HaveField("Memory", BeZero()))))
	})

	context("failure cases", func() {
		it("CF-27 says which names need no command", func() {
			request.Sources = []sidecar.Source{source("sidecars.yml", "- name: config_server")}
			_, _, err := sidecar.Resolve(request)
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar "config_server": found no command; did you mean config-server? Expected the key command, or a name of the catalog: config-server, everywhere`))
		})

		it("CF-07 refuses the name of a process that a default runs with", func() {
			request.Sources = []sidecar.Source{source("sidecars.yml", "- {name: worker, command: x}")}
			_, _, err := sidecar.Resolve(request)
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar "worker": found the name of a process type; expected another name, such as "worker-sidecar": the platform would mix up the two`))
		})
	})
}
