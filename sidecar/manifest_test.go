package sidecar_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

func testManifest(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	parse := func(content string) ([]sidecar.Definition, sidecar.Problems, error) {
		t.Helper()
		var document yaml.Node
		Expect(yaml.Unmarshal([]byte(content), &document)).To(Succeed())
		return sidecar.ParseManifest("manifest.yml", document.Content[0])
	}

	it("PR-31 reads its four keys, and tells of the others that they are dropped", func() {
		definitions, dropped, err := parse("- name: performance monitor\n  command: run\n  process_types: [web]\n  memory: 128M\n  process-types: 1\n  disk: {}\n  3: x\n")
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).To(Equal([]sidecar.Definition{{
			Name: "performance monitor", Command: "run", ProcessTypes: []string{"web"}, Memory: 128, At: sidecar.Position{Source: "manifest.yml", Line: 1},
		}}))
		Expect(dropped).To(MatchError(`manifest.yml:5: sidecar "performance monitor": found the key "process-types"; expected process_types, spelled so
manifest.yml:6: sidecar "performance monitor": found the key "disk"; expected one of the keys name, command, process_types, memory
manifest.yml:7: sidecar "performance monitor": found the key the number 3; expected one of the keys name, command, process_types, memory`))
	})

	it("follows an alias to the list", func() {
		var document struct{ First, Second yaml.Node }
		Expect(yaml.Unmarshal([]byte("first: &a [{name: a, command: b, process_types: [web]}]\nsecond: *a\n"), &document)).To(Succeed())
		definitions, _, err := sidecar.ParseManifest("manifest.yml", &document.Second)
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).To(HaveLen(1))
	})

	it("takes nothing for no sidecars", func() {
		Expect(parse("[]")).To(BeEmpty())
	})

	context("failure cases", func() {
		for _, broken := range []struct{ content, problem string }{
			{"~", `manifest.yml:1: sidecars: found nothing; expected a list, or no key sidecars: Cloud Controller refuses an empty one`},
			{"- {name: a, command: b, process_types: [web], memory: '128'}", `manifest.yml:1: sidecar "a": memory: found "128"; expected a number of MB without quotes, such as 128, or a size such as 128M without blanks: Cloud Controller fails on what it cannot read`},
			{"- {name: a, command: b, process_types: [web], memory: ' 128M'}", `manifest.yml:1: sidecar "a": memory: found " 128M"; expected a number of MB without quotes, such as 128, or a size such as 128M without blanks: Cloud Controller fails on what it cannot read`},
			{"{}", `manifest.yml:1: sidecars: found a mapping; expected a list, each item starting with - name:`},
			{"- {command: b, process_types: [web]}", `manifest.yml:1: sidecar: found no name; expected the key name`},
			{"- {name: a, process_types: [web]}", `manifest.yml:1: sidecar "a": found no command; expected the key command`},
			{"- {name: a, command: b}", `manifest.yml:1: sidecar "a": found no process_types; expected a list such as [web]`},
			{"- {name: a, command: b, process-types: [web]}", `manifest.yml:1: sidecar "a": found no process_types; expected a list such as [web]`},
			{"- {name: a, command: b, process_types: []}", `manifest.yml:1: sidecar "a": process_types: found an empty list; expected at least one process type, such as [web]`},
			{"- {name: a, command: b, process_types: [web], memory: 512K}", `manifest.yml:1: sidecar "a": memory: found "512K", which is 0 whole MB; expected a whole number of MB above 0, such as 128 or 128M`},
			{"- {name: a, command: b, process_types: [web]}\n- {name: a, command: b, process_types: [web]}", `manifest.yml:2: sidecar "a": found the name a second time, first at manifest.yml:1; expected a name of its own for each sidecar`},
		} {
			it("PR-27, PR-28, PR-29, PR-32 refuses "+broken.content, func() {
				_, _, err := parse(broken.content)
				Expect(err).To(MatchError(broken.problem))
			})
		}
	})
}
