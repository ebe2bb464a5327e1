package buildpack_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// testHostile runs the real program, since only the memory of a separate process can be measured.
func testHostile(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t)
	})

	context("failure cases", func() {
		for _, hostile := range []struct {
			name, head, part string
			times            int // 0: repeat up to the maximum size that is read
			tail, problem    string
		}{
			{"10 MB", "- name: ", "x", 10_000_000, "", "sidecars.yml: size: found more than 131072 bytes; expected a smaller document"},
			{"10 MB of one alias", "- &a {name: a}\n", "- *a\n", 2_000_000, "", "sidecars.yml: size: found more than 131072 bytes"},
			{"10 MB of NUL bytes", "", "\x00", 10_000_000, "", "sidecars.yml: size: found more than 131072 bytes"},
			{"lists nested deep", "", "[", 0, "", "sidecars.yml:1: syntax: "},
			{"mappings nested deep", "", "{a: ", 0, "", "sidecars.yml:1: syntax: "},
			{"items nested deep", "", "- ", 0, "", "sidecars.yml:1: syntax: "},
			{"keys nested deep", "", "? ", 0, "", "sidecars.yml:1: syntax: "},
			{"lists just as deep as allowed", "", "[", 9_999, strings.Repeat("]", 9_999), "sidecars.yml:1: sidecar: found a list"},
			{"merged mappings nested deep", "- ", "{k%[1]d: 1, <<: ", 4_900, "{}" + strings.Repeat("}", 4_900), "sidecars.yml:1: sidecar: found no name"},
			{"lists that explode", "a: &x0 [x,x,x,x,x,x,x,x,x]\n", "a%[2]d: &x%[2]d [*x%[1]d,*x%[1]d,*x%[1]d,*x%[1]d,*x%[1]d,*x%[1]d,*x%[1]d]\n", 20, "sidecars: *x20\n", "sidecars.yml:1: size: found more than 20000 values"},
			{"mappings that explode", "- &x0 {name: a, command: b}\n", "- &x%[2]d {<<: [*x%[1]d,*x%[1]d,*x%[1]d,*x%[1]d,*x%[1]d,*x%[1]d,*x%[1]d]}\n", 20, "", "found more than 20000 values; expected fewer, or aliases that repeat less"},
			{"a list in itself", "&a [", "*a,", 40_000, "]", "sidecars.yml:1: size: found more than 20000 values"},
			{"a mapping merged into itself", "- &a {", "<<: *a", 1, "}", "sidecars.yml:1: size: found more than 20000 values"},
			{"a mapping merged into itself many times", "- &a {<<: [", "*a,", 40_000, "]}", "sidecars.yml:1: size: found more than 20000 values"},
			{"NUL bytes", "- name: a\n  command: ", "\x00", 0, "", "sidecars.yml:2: text: found the control character U+0000; expected plain UTF-8 text"},
			{"NUL bytes in disguise", "- {name: a, command: \"", `\0`, 0, "\"}", "sidecars.yml:1: sidecar \"a\": command: found \"\\x00"},
			{"UTF-16", "\xff\xfe", "-\x00 \x00a\x00\n\x00", 0, "", "sidecars.yml:1: text: found the byte 0xFF, which is not UTF-8; expected plain UTF-8 text"},
			{"binary tags", "", "- !!binary YQ==\n", 0, "", "sidecars.yml:1: sidecar: found !!binary \"YQ==\"; expected a mapping with the key name"},
			{"Windows line ends", "", "- a\r\n", 19_000, "", "sidecars.yml:2: sidecar: found \"a\"; expected a mapping with the key name"},
			{"wrong kinds everywhere", "", "- {name: [], command: {}, process_types: x, memory: []}\n", 2_000, "", "sidecars.yml:1: sidecar: command: found a mapping; expected text"},
			{"nothing but text", "", "- x\n", 19_000, "", "sidecars.yml:1: sidecar: found \"x\"; expected a mapping with the key name"},
			{"sidecars without a name", "", "- {x: 1}\n", 6_000, "", "sidecars.yml:1: sidecar: found no name; expected the key name"},
			{"sidecars of one name", "", "- {name: a, command: b}\n", 3_900, "", "sidecars.yml:2: sidecar \"a\": found the name a second time, first at sidecars.yml:1"},
			{"one key again and again", "- {", "name: a, ", 9_900, "}", "sidecars.yml:1: sidecar: found the key \"name\" a second time, first on line 1; expected each key once"},
			{"unknown keys", "- {", "k%[1]d: 1,", 11_000, "}", "sidecars.yml:1: size: found more than 20000 values"},
			{"process types without end", "- {name: a, command: b, process_types: [", "a,", 19_000, "]}", "sidecars.yml:1: sidecar \"a\": process_types: found \"a\" a second time"},
			{"aliases of one mapping", "- &a {x: 1}\n", "- *a\n", 4_900, "", "sidecars.yml:1: sidecar: found no name; expected the key name"},
			{"aliases of one text", "- {name: a, command: &a \"" + strings.Repeat("😀", 4096) + "\"}\n", "- {name: n%[1]d, command: *a}\n", 3_000, "", "size: found more than 131072 bytes of text; expected fewer, or aliases that repeat less"},
			{"large mappings merged", "- &a {", "k%[1]d: 1,", 3_000, "}\n" + strings.Repeat("- <<: *a\n", 3_000), "size: found more than 20000 values"},
			{"items without end", "", "- x\n", 0, "", "size: found more than 20000 values"},
			{"a long line", "- name: a\n  command: ", "x", 0, "\n", "characters; expected at most 4096"},
			{"a long block", "- name: a\n  command: |\n", "    x\n", 0, "", "characters; expected at most 4096"},
			{"comments", "- a\n", "#\n", 0, "", "sidecars.yml:1: sidecar: found \"a\""},
			{"tag directives", "", "%%TAG !%[1]d! x\n", 6_000, "---\n- a", "sidecars.yml:6002: sidecar: found \"a\""},
			{"anchors", "[", "&a%[1]d 1,", 9_000, "]", "sidecars.yml:1: sidecar: found the number 1"},
			{"many documents", "", "---\n", 0, "", "sidecars.yml:2: document: found a second YAML document; expected one document"},
			{"quotes", "", "\"", 0, "", "sidecars.yml:1: syntax: "},
			{"escapes", "- \"", `\x07`, 0, "\"", "sidecars.yml:1: sidecar: found \"\\a"},
		} {
			it("ends in an error, soon and within 100 MB: "+hostile.name, func() {
				content := hostile.head + repeat(hostile.part, hostile.times, sidecar.MaxDocumentSize-len(hostile.head)-len(hostile.tail)) + hostile.tail
				s.write("app/sidecars.yml", content)

				var measured, said bytes.Buffer
				command := exec.Command(measureProgram, supplyProgram, s.path("app"), s.path("cache"), s.path("deps"), "0")
				command.Env = []string{}
				command.Stdout, command.Stderr = &measured, &said
				Expect(command.Run()).To(MatchError("exit status 225"))

				var kilobytes int
				_, err := fmt.Sscan(measured.String(), &kilobytes)
				Expect(err).NotTo(HaveOccurred())
				Expect(kilobytes).To(BeNumerically("<", 100_000))

				Expect(strings.Contains(said.String(), hostile.problem)).To(BeTrue(), "%.500s", said.String())
				Expect(os.ReadDir(s.path("deps/0"))).To(BeEmpty())
			})
		}
	})
}

// repeat repeats a part, or fills a size with it. Where the part is a format,
// it gets its own number and the next.
func repeat(part string, times, size int) string {
	switch {
	case times == 0:
		return strings.Repeat(part, size/len(part))
	case !strings.Contains(part, "%"):
		return strings.Repeat(part, times)
	}
	var all strings.Builder
	for i := range times {
		fmt.Fprintf(&all, part, i, i+1)
	}
	return all.String()
}
