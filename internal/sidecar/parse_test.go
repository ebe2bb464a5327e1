package sidecar_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testParse(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	at := func(line int) sidecar.Position { return sidecar.Position{Source: "sidecars.yml", Line: line} }

	it("reads every field, in the order of the file", func() {
		Expect(read(`# what runs next to the app
sidecars:
- name: performance monitor
  command: bin/monitor --port "$MONITOR_PORT"
  process_types: [web, worker]
  memory: 128M
- command: >-
    bin/second
    --verbose
  name: second
`)).To(Equal([]sidecar.Definition{
			{Name: "performance monitor", Command: `bin/monitor --port "$MONITOR_PORT"`, ProcessTypes: []string{"web", "worker"}, Memory: 128, At: at(3)},
			{Name: "second", Command: "bin/second --verbose", ProcessTypes: []string{"web"}, At: at(10)},
		}))
	})

	it("reads the list alone", func() {
		Expect(read("- name: a\n  command: b\n")).To(Equal([]sidecar.Definition{{Name: "a", Command: "b", ProcessTypes: []string{"web"}, At: at(1)}}))
	})

	for _, empty := range []string{"", "\n", "# later\n", "---\n", "---\n...\n", "~", "[]", "sidecars:\n", "sidecars: []\n", "\ufeff"} {
		it("reads no sidecars from "+strings.ReplaceAll(empty, "\n", `\n`), func() {
			Expect(read(empty)).To(BeEmpty())
		})
	}

	it("follows anchors, aliases and merge keys, a sidecar's own keys first", func() {
		Expect(read(`sidecars:
- &first
  name: first
  command: &command run
  process_types: &types [web, worker]
  memory: 1G
- <<: *first
  name: second
  memory: 64
- name: third
  <<: [{memory: 8, command: third}, *first]
- {name: fourth, command: *command, process_types: *types}
`)).To(Equal([]sidecar.Definition{
			{Name: "first", Command: "run", ProcessTypes: []string{"web", "worker"}, Memory: 1024, At: at(3)},
			{Name: "second", Command: "run", ProcessTypes: []string{"web", "worker"}, Memory: 64, At: at(8)},
			{Name: "third", Command: "third", ProcessTypes: []string{"web", "worker"}, Memory: 8, At: at(10)},
			{Name: "fourth", Command: "run", ProcessTypes: []string{"web", "worker"}, At: at(12)},
		}))
	})

	it("reads Windows line ends and a byte order mark", func() {
		Expect(read("\ufeffsidecars:\r\n- name: a\r\n  command: b\r\n  memory: 1\r\n")).To(Equal([]sidecar.Definition{
			{Name: "a", Command: "b", ProcessTypes: []string{"web"}, Memory: 1, At: at(2)},
		}))
	})

	it("CF-27 takes any character in a name, and text of just the greatest length", func() {
		name, command := strings.Repeat("ü", 255), strings.Repeat("😀", 4096)
		Expect(read("- {name: '" + name + "', command: '" + command + "', process_types: ['" + name[:508] + "']}")).To(Equal([]sidecar.Definition{
			{Name: name, Command: command, ProcessTypes: []string{name[:508]}, At: at(1)},
		}))
		Expect(read(`- {name: "1: %/☃ $x", command: "true"}`)).To(ConsistOf(HaveField("Name", "1: %/☃ $x")))
	})

	it("CF-28 takes process types that may not exist", func() {
		Expect(read("- {name: a, command: b, process_types: [no such type]}")).To(ConsistOf(HaveField("ProcessTypes", []string{"no such type"})))
	})

	it("CF-30 reads memory in each of its forms", func() {
		Expect(read(`
- {name: a, command: x, memory: 128}
- {name: b, command: x, memory: "128"}
- {name: c, command: x, memory: 1.5G}
- {name: d, command: x, memory: 1024k}
- {name: e, command: x, memory: 1048576B}
- {name: f, command: x, memory: ~}
- {name: g, command: x, memory: 1_000}
- {name: h, command: x, memory: 0x10}
`)).To(HaveExactElements(
			HaveField("Memory", BeEquivalentTo(128)), HaveField("Memory", BeEquivalentTo(128)), HaveField("Memory", BeEquivalentTo(1536)),
			HaveField("Memory", BeEquivalentTo(1)), HaveField("Memory", BeEquivalentTo(1)), HaveField("Memory", BeEquivalentTo(0)),
			HaveField("Memory", BeEquivalentTo(1000)), HaveField("Memory", BeEquivalentTo(16)),
		))
	})
}
