package sidecar_test

import (
	"errors"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testProblems(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	keys := "one of the keys " + sidecar.AppKeys
	const (
		mb      = "a whole number of MB above 0, such as 128 or 128M"
		size    = "a size such as 128M or 1G (units B, K, M, G, T), or a bare number of MB"
		started = "text in UTF-8 and without NUL, which no program can be started with"
	)

	it("lists a hundred problems, and how many more there are", func() {
		_, _, err := sidecar.Resolve(sidecar.Request{Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte(strings.Repeat("- x\n", 5000))}}})
		Expect(strings.Split(err.Error(), "\n")).To(HaveLen(101))
		Expect(err.Error()).To(HaveSuffix("\nand 4900 more"))
	})

	context("failure cases", func() {
		for _, broken := range []struct{ content, problem string }{
			// The document.
			{"web", `1: sidecars: found "web"; expected a list, each item starting with - name:`},
			{"sidecars: 1", `1: sidecars: found the number 1; expected a list, each item starting with - name:`},
			{"sidecars:\n  name: a\n", `2: sidecars: found a mapping; expected a list, each item starting with - name:`},
			{"name: a", `1: document: found the key "name"; expected the one key sidecars` + "\n" + `sidecars.yml:1: document: found no key sidecars; expected the key sidecars with a list below it`},
			{"{}", `1: document: found no key sidecars; expected the key sidecars with a list below it`},
			{"sidecars: []\nversion: 2\n", `2: document: found the key "version"; expected the one key sidecars`},
			{"sidecars: []\nsidecars: []\n", `2: document: found the key "sidecars" a second time, first on line 1; expected each key once`},
			{"[]\n---\n[]\n", `2: document: found a second YAML document; expected one document`},
			{"[]\n---\n\"x\n", `3: syntax: found what no YAML parser can read (found unexpected end of stream); expected YAML`},
			{"a: b: c", `1: syntax: found what no YAML parser can read (mapping values are not allowed in this context); expected YAML`},
			{"- name: a\n - b\n", `2: syntax: found what no YAML parser can read (did not find expected '-' indicator); expected YAML`},
			{"- name: a\n\tcommand: b\n", `2: syntax: found what no YAML parser can read (found a tab character that violates indentation); expected YAML`},
			{"- name: a\n  command: @b\n", `2: syntax: found what no YAML parser can read (found character that cannot start any token); expected YAML`},
			{"[a", `1: syntax: found what no YAML parser can read (did not find expected ',' or ']'); expected YAML`},
			{"- name: a\n  command: *b\n", `2: syntax: found what no YAML parser can read (unknown anchor 'b' referenced); expected YAML`},
			{"- name: a\x00", `1: text: found the control character U+0000; expected plain UTF-8 text`},
			{"- name: a\n  command: \x1b[1m\n", `2: text: found the control character U+001B; expected plain UTF-8 text`},
			{"- name: a\n- name: \xff\n", `2: text: found the byte 0xFF, which is not UTF-8; expected plain UTF-8 text`},
			{"\xff\xfe-\x00 \x00", `1: text: found the byte 0xFF, which is not UTF-8; expected plain UTF-8 text`},
			{"\n- \uffff", `2: text: found the code point U+FFFF, which is not a character; expected plain UTF-8 text`},

			// A sidecar.
			{"- a", `1: sidecar: found "a"; expected a mapping with the key name`},
			{"-", `1: sidecar: found nothing; expected a mapping with the key name`},
			{"- []", `1: sidecar: found a list; expected a mapping with the key name`},
			{"- command: b", `1: sidecar: found no name; expected the key name`},
			{"- name:", `1: sidecar: name: found nothing; expected text`},
			{"- name: ''", `1: sidecar: name: found blank text ""; expected text that is not blank`},
			{"- name: 7", `1: sidecar: name: found the number 7; expected text, which here needs quotes: "7"`},
			{"- name: yes", `1: sidecar "yes": found no command; expected the key command`},
			{"- name: true", `1: sidecar: name: found the boolean true; expected text, which here needs quotes: "true"`},
			{"- name: 2001-01-01", `1: sidecar: name: found !!timestamp "2001-01-01"; expected text, which here needs quotes: "2001-01-01"`},
			{"- name: !!binary YQ==", `1: sidecar: name: found !!binary "YQ=="; expected text, which here needs quotes: "YQ=="`},
			{"- name: [a]", `1: sidecar: name: found a list; expected text`},
			{"- name: " + strings.Repeat("ü", 256), `1: sidecar: name: found 256 characters; expected at most 255`},
			{`- {name: "a\0", command: b}`, `1: sidecar: name: found "a\x00"; expected ` + started},
			{"- {name: a, command: b}\n- {name: a, command: c}", `2: sidecar "a": found the name a second time, first at sidecars.yml:1; expected a name of its own for each sidecar`},
			{"- {name: web, command: b}", `1: sidecar "web": found the name of a process type; expected another name, such as "web-sidecar": the platform would mix up the two`},
			{"- {name: a, command: b, process_types: [c]}\n- {name: c, command: b}", `2: sidecar "c": found the name of a process type; expected another name, such as "c-sidecar": the platform would mix up the two`},
			{"- name: a\n  name: b\n  command: c", `2: sidecar: found the key "name" a second time, first on line 1; expected each key once`},

			// Its keys.
			{"- name: a\n  command: b\n  process-types: [web]", `3: sidecar "a": found the key "process-types"; did you mean process_types? Expected ` + keys},
			{"- name: a\n  command: b\n  Memory: 1", `3: sidecar "a": found the key "Memory"; did you mean memory? Expected ` + keys},
			{"- {name: first, command: b}\n- {name: b, command: b, depends-on: [frist]}", `2: sidecar "b": depends-on: found "frist"; did you mean first? Expected a sidecar that this buildpack gives the app: "first", "b"`},
			{"- name: a\n  artifact: {uri: \"https://x/y\", sha256: " + strings.Repeat("a", 64) + ", srtip: 1}", `2: sidecar "a": artifact: found the key "srtip"; did you mean strip? Expected one of the keys uri, sha256, strip, executable, a colon and a blank`},
			{"- name: a\n  command: b\n  memroy: 1", `3: sidecar "a": found the key "memroy"; did you mean memory? Expected ` + keys},
			{"sidecar:\n- name: a\nsidecars: []", `1: document: found the key "sidecar"; did you mean sidecars? Expected the one key sidecars`},
			{"- name: a\n  command: b\n  disk: 1G", `3: sidecar "a": found the key "disk"; expected ` + keys},
			{"- name: a\n  command: b\n  2: 1", `3: sidecar "a": found the key the number 2; expected ` + keys},
			{"- name: a\n  command: b\n  [x]: 1", `3: sidecar "a": found the key a list; expected ` + keys},
			{"- name: a\n  command: b\n  <<: 1", `3: sidecar: found no mapping; expected a mapping to merge`},
			{"- name: a\n  command: b\n  <<: [{}, x]", `3: sidecar: found no mapping; expected a mapping to merge`},

			// CF-27: the command.
			{"- name: a", `1: sidecar "a": found no command; expected the key command`},
			{"- name: a\n  command:", `1: sidecar "a": found no command; expected the key command`},
			{"- name: a\n  command: ' '", `2: sidecar "a": command: found blank text " "; expected text that is not blank`},
			{"- name: a\n  command: false", `2: sidecar "a": command: found the boolean false; expected text, which here needs quotes: "false"`},
			{"- name: a\n  command: [run, fast]", `2: sidecar "a": command: found a list; expected text`},
			{"- name: a\n  command: {run: fast}", `2: sidecar "a": command: found a mapping; expected text`},
			{"- name: a\n  command: \"a\\0b\"", `2: sidecar "a": command: found "a\x00b"; expected ` + started},
			{"- name: a\n  command: " + strings.Repeat("x", 4097), `2: sidecar "a": command: found 4097 characters; expected at most 4096`},

			// CF-28: the process types.
			{"- name: a\n  command: b\n  process_types: web", `3: sidecar "a": process_types: found "web"; expected a list such as [web]`},
			{"- name: a\n  command: b\n  process_types: {}", `3: sidecar "a": process_types: found a mapping; expected a list such as [web]`},
			{"- name: a\n  command: b\n  process_types: []", `3: sidecar "a": process_types: found an empty list; expected at least one process type, such as [web]`},
			{"- name: a\n  command: b\n  process_types:\n  - web\n  - web", `5: sidecar "a": process_types: found "web" a second time; expected each process type once`},
			{"- name: a\n  command: b\n  process_types: [1]", `3: sidecar "a": process_types: found the number 1; expected text, which here needs quotes: "1"`},
			{"- name: a\n  command: b\n  process_types: [~]", `3: sidecar "a": process_types: found nothing; expected text`},
			{"- name: a\n  command: b\n  process_types: ['']", `3: sidecar "a": process_types: found blank text ""; expected text that is not blank`},
			{"- name: a\n  command: b\n  process_types: [" + strings.Repeat("x", 256) + "]", `3: sidecar "a": process_types: found 256 characters; expected at most 255`},

			// CF-29, CF-30: the memory.
			{"- name: a\n  command: b\n  memory: 512K", `3: sidecar "a": memory: found "512K", which is 0 whole MB; expected ` + mb},
			{"- name: a\n  command: b\n  memory: 0", `3: sidecar "a": memory: found the number 0, which is 0 whole MB; expected ` + mb},
			{"- name: a\n  command: b\n  memory: -1", `3: sidecar "a": memory: found the number -1; expected a size above zero`},
			{"- name: a\n  command: b\n  memory: 1.5", `3: sidecar "a": memory: found the number 1.5; expected ` + mb},
			{"- name: a\n  command: b\n  memory: lots", `3: sidecar "a": memory: found "lots"; expected ` + size},
			{"- name: a\n  command: b\n  memory: ''", `3: sidecar "a": memory: found ""; expected ` + size},
			{"- name: a\n  command: b\n  memory: true", `3: sidecar "a": memory: found the boolean true; expected ` + mb},
			{"- name: a\n  command: b\n  memory: !!binary 128", `3: sidecar "a": memory: found !!binary "128"; expected ` + mb},
			{"- name: a\n  command: b\n  memory: [1]", `3: sidecar "a": memory: found a list; expected ` + mb},
			{"- name: a\n  command: b\n  memory: {m: 1}", `3: sidecar "a": memory: found a mapping; expected ` + mb},
			{"- name: a\n  command: b\n  memory: 3000T", `3: sidecar "a": memory: found "3000T"; expected at most 2147483647M`},
		} {
			it("refuses "+strings.ReplaceAll(firstRunes(broken.content), "\n", `\n`), func() {
				definitions, err := read(broken.content)
				Expect(err).To(MatchError("sidecars.yml:" + broken.problem))
				Expect(err).To(BeAssignableToTypeOf(sidecar.Problems{}))
				Expect(len(definitions)).To(BeNumerically("<=", 2))
			})
		}

		it("names all problems at once, by line", func() {
			_, err := read(`sidecars:
- name: web
  memory: none
- command: 1
  process_types: []
- 5
- name: a
  memory: 0
  command: [x]
  unknown: true
version: 1
`)
			Expect(err).To(MatchError(`sidecars.yml:2: sidecar "web": found no command; expected the key command
sidecars.yml:2: sidecar "web": found the name of a process type; expected another name, such as "web-sidecar": the platform would mix up the two
sidecars.yml:3: sidecar "web": memory: found "none"; expected a size such as 128M or 1G (units B, K, M, G, T), or a bare number of MB
sidecars.yml:4: sidecar: found no name; expected the key name
sidecars.yml:4: sidecar: command: found the number 1; expected text, which here needs quotes: "1"
sidecars.yml:5: sidecar: process_types: found an empty list; expected at least one process type, such as [web]
sidecars.yml:6: sidecar: found the number 5; expected a mapping with the key name
sidecars.yml:8: sidecar "a": memory: found the number 0, which is 0 whole MB; expected a whole number of MB above 0, such as 128 or 128M
sidecars.yml:9: sidecar "a": command: found a list; expected text
sidecars.yml:10: sidecar "a": found the key "unknown"; expected one of the keys ` + sidecar.AppKeys + `
sidecars.yml:11: document: found the key "version"; expected the one key sidecars`))
		})

		it("names the problems of each source, in the sources' order", func() {
			_, _, err := sidecar.Resolve(sidecar.Request{
				Sources: []sidecar.Source{{Name: "z.yml", Content: []byte("- a\n- b")}, {Name: "SIDECARS", Content: []byte("- c")}},
			})
			Expect(err).To(MatchError(`z.yml:1: sidecar: found "a"; expected a mapping with the key name
z.yml:2: sidecar: found "b"; expected a mapping with the key name
SIDECARS:1: sidecar: found "c"; expected a mapping with the key name`))
		})

		it("names a problem once that an alias leads to many times", func() {
			_, err := read("- &a {x: 1}\n- *a\n- *a\n")
			var problems sidecar.Problems
			Expect(errors.As(err, &problems)).To(BeTrue())
			Expect(problems).To(HaveLen(2))
		})

		for _, endless := range []string{"- &a {<<: *a}", "- &a {<<: [*a, *a]}", "- &a {name: b, command: c, <<: *a}"} {
			it("gives up on "+endless, func() {
				_, err := read(endless)
				Expect(err).To(MatchError("sidecars.yml:1: size: found more than 20000 values; expected fewer, or aliases that repeat less"))
			})
		}

		it("gives up on a variable that contains itself", func() {
			_, _, err := sidecar.Resolve(sidecar.Request{
				Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- {name: a, command: b}")}},
				Environ: []string{"SIDECAR_A_ENV=&a {<<: *a}"},
			})
			Expect(err).To(MatchError("SIDECAR_A_ENV:1: size: found more than 20000 values; expected fewer, or aliases that repeat less"))
		})

		for _, self := range []string{"&a [*a]", "&a {sidecars: *a}", "- &a {name: *a}", "- {name: a, command: b, process_types: &a [*a]}", "- &a {? *a : 1}"} {
			it("refuses "+self, func() {
				_, err := read(self)
				Expect(err).To(BeAssignableToTypeOf(sidecar.Problems{}))
			})
		}

		it("shows no more of a long value than tells which one is meant", func() {
			_, err := read("- " + strings.Repeat("ü", 1000))
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar: found "` + strings.Repeat("ü", 60) + `…"; expected a mapping with the key name`))
		})

		it("reads a document of just the greatest size, and none above it", func() {
			content := "- {name: a, command: b}\n#" + strings.Repeat("x", sidecar.MaxDocumentSize)
			Expect(read(content[:sidecar.MaxDocumentSize])).To(HaveLen(1))
			_, err := read(content[:sidecar.MaxDocumentSize+1])
			Expect(err).To(MatchError("sidecars.yml: size: found more than 131072 bytes; expected a smaller document"))
		})
	})
}

// firstRunes keeps the name of a spec short.
func firstRunes(text string) string {
	return string([]rune(text)[:min(60, len([]rune(text)))])
}
