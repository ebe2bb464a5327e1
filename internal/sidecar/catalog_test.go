package sidecar_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testCatalog(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("reads every key", func() {
		definitions, _, err := sidecar.Resolve(sidecar.Request{Catalog: catalog(t, `
[buildpack]
id = "sidecar"

[metadata]
other = 1

[[metadata.sidecars]]
name = "all of it"
command = "run"
process_types = ["web", "worker"]
memory = "1G"
executable = "runner"
default = true

[[metadata.sidecars]]
name = "asked for"
executable = "runner"
memory = 64

[[metadata.sidecars]]
name = "number"
executable = "runner"
memory = 64
default = true
`)})
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).To(Equal([]sidecar.Definition{
			{Name: "all of it", Command: "run", ProcessTypes: []string{"web", "worker"}, Memory: 1024, Package: sidecar.Package{Executable: "runner"}, At: sidecar.Position{Source: "buildpack.toml"}},
			{Name: "number", ProcessTypes: []string{"web"}, Memory: 64, Package: sidecar.Package{Executable: "runner"}, At: sidecar.Position{Source: "buildpack.toml"}},
		}))
	})

	it("may be empty", func() {
		definitions, _, err := sidecar.Resolve(sidecar.Request{Catalog: catalog(t, "")})
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).To(BeEmpty())
	})

	it("reads a list of inline tables as it does tables, with the variables in their order", func() {
		for _, list := range []string{
			"[metadata]\nsidecars = [{name = 'a', command = 'x'}, {env = {Z = '1', A = '$Z'}, name = 'b', command = 'y'}, {name = 'c', command = 'z', env = {Y = '1', A = '$Y', B = '2'}}]\n",
			"metadata.sidecars = [{name = 'a', command = 'x'}, {name = 'b', env = {Z = '1', A = '$Z'}, command = 'y'}, {env = {Y = '1', A = '$Y', B = '2'}, name = 'c', command = 'z'}]\n",
			"[[metadata.sidecars]]\nname = 'a'\ncommand = 'x'\n[[metadata.sidecars]]\nname = 'b'\ncommand = 'y'\n[metadata.sidecars.env]\nZ = '1'\nA = '$Z'\n[[metadata.sidecars]]\nname = 'c'\nenv.Y = '1'\nenv.A = '$Y'\nenv.B = '2'\ncommand = 'z'\n",
		} {
			known, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte(list)})
			Expect(err).NotTo(HaveOccurred())
			definitions, _, err := sidecar.Resolve(sidecar.Request{Catalog: known, Sources: []sidecar.Source{{Name: "s", Content: []byte("[{name: a}, {name: b}, {name: c}]")}}})
			Expect(err).NotTo(HaveOccurred())
			Expect(definitions[1].Supervision.Env).To(Equal([]supervision.Variable{{Name: "Z", Value: "1"}, {Name: "A", Value: "$Z"}}), list)
			Expect(definitions[2].Supervision.Env).To(Equal([]supervision.Variable{{Name: "Y", Value: "1"}, {Name: "A", Value: "$Y"}, {Name: "B", Value: "2"}}), list)
		}
	})

	context("failure cases", func() {
		const header = "[[metadata.sidecars]]\nname = \"a\"\nexecutable = \"a\"\n"
		for _, broken := range []struct{ content, problem string }{
			{"a = ", `buildpack.toml:1: syntax: found what cannot be read (unexpected EOF; expected value); expected TOML with values of the right kind`},
			{header + "a b", `buildpack.toml:4: syntax: found what cannot be read (expected '.' or '=', but got 'b' instead); expected TOML with values of the right kind`},
			{header + "x = 1", `buildpack.toml: metadata.sidecars: found the key "x"; expected one of the keys ` + sidecar.CatalogKeys + ``},
			{header + header, `buildpack.toml: sidecar "a": found the name a second time; expected a name of its own for each sidecar`},
			{"[[metadata.sidecars]]\nexecutable = \"a\"", `buildpack.toml: metadata.sidecars: name: found blank text ""; expected text that is not blank`},
			{header + "command = \"\"", `buildpack.toml: sidecar "a": command: found blank text ""; expected text that is not blank`},
			{header + "process_types = []", `buildpack.toml: sidecar "a": process_types: found an empty list; expected at least one process type, such as [web]`},
			{header + "memory = 0", `buildpack.toml: sidecar "a": memory: found the number 0, which is 0 whole MB; expected a whole number of MB above 0, such as 128 or 128M`},
			{header + "memory = 1.5", `buildpack.toml: sidecar "a": memory: found the number 1.5; expected a whole number of MB above 0, such as 128 or 128M`},
			{"[[metadata.sidecars]]\nname = \"a\"\nexecutable = \"bin/a\"", `buildpack.toml: sidecar "a": executable: found "bin/a"; expected a file name without a directory, or a dependency that contains it`},
			{"[[metadata.sidecars]]\nname = \"a\"\nexecutable = \"..\"", `buildpack.toml: sidecar "a": executable: found ".."; expected the path of a program below what is unpacked, such as bin/agent, without quotes, backslashes and dollar signs`},
			{"[[metadata.sidecars]]\nname = \"a\"\nexecutable = \"/\"", `buildpack.toml: sidecar "a": executable: found "/"; expected the path of a program below what is unpacked, such as bin/agent, without quotes, backslashes and dollar signs`},
			{"[[metadata.sidecars]]\nname = 1", `buildpack.toml: metadata.sidecars: name: found the number 1; expected text, which here needs quotes: "1"`},
		} {
			it("refuses "+strings.ReplaceAll(broken.content, "\n", `\n`), func() {
				_, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte(broken.content)})
				Expect(err).To(MatchError(broken.problem))
				Expect(err).To(BeAssignableToTypeOf(sidecar.Problems{}))
			})
		}
	})
}
