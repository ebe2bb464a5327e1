package sidecar_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testFiles(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("reads templates, templates in files, and files as they are", func() {
		definitions, err := read("- name: a\n  command: x\n  files:\n    agent.yaml: |\n      key: {{ binding \"k\" }}\n    empty: ''\n    conf/b: {template: config/b.tmpl}\n    rules/c d: {from: policies/c}\n")
		Expect(err).NotTo(HaveOccurred())
		text, empty := "key: {{ binding \"k\" }}\n", ""
		at := func(line int) sidecar.Position { return sidecar.Position{Source: "sidecars.yml", Line: line} }
		Expect(definitions[0].Files).To(Equal([]sidecar.File{
			{Path: "agent.yaml", Template: &text, At: at(4)}, {Path: "empty", Template: &empty, At: at(6)},
			{Path: "conf/b", TemplateFile: "config/b.tmpl", At: at(7)}, {Path: "rules/c d", Copy: "policies/c", At: at(8)},
		}))
		Expect(definitions[0]).To(And(HaveField("NeedsSupervisor()", true), HaveField("NeedsRendering()", true), HaveField("FilesFrom", "")))
		Expect(definitions[0].Summary()).To(Equal([]string{"file agent.yaml", "file empty", "file conf/b", "file rules/c d"}))
	})

	it("takes those of a catalog from the buildpack, until another source states its own", func() {
		request := sidecar.Request{Catalog: catalog(t, "[[metadata.sidecars]]\nname = \"a\"\ncommand = \"run\"\ndefault = true\nfiles = {\"b\" = {from = \"conf/b\"}, \"a/c\" = \"text\"}\n")}
		definitions, _, err := sidecar.Resolve(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions[0].Files).To(HaveExactElements(And(HaveField("Path", "b"), HaveField("InBuildpack", true), HaveField("Copy", "conf/b")), HaveField("Path", "a/c")))
		request.Environ = []string{"SIDECAR_A_FILES={b: {from: mine}}"}
		definitions, _, err = sidecar.Resolve(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions[0]).To(And(HaveField("Files", HaveExactElements(And(HaveField("Copy", "mine"), HaveField("InBuildpack", false)))), HaveField("FilesFrom", "SIDECAR_A_FILES")))
	})

	context("failure cases", func() {
		const wantPath = "; expected a path below $SIDECAR_FILES, such as conf/agent.yaml, without .., quotes and control characters"
		for _, wrong := range []struct{ files, message string }{
			{"[a]", "files: found no mapping; expected a mapping of paths to templates"},
			{"{/etc/passwd: x}", `files: found the path "/etc/passwd"` + wantPath},
			{"{../a: x}", `files: found the path "../a"` + wantPath},
			{"{a/../../b: x}", `files: found the path "a/../../b"` + wantPath},
			{"{a//b: x}", `files: found the path "a//b"` + wantPath},
			{"{.: x}", `files: found the path "."` + wantPath},
			{"{'': x}", `files: found the path ""` + wantPath},
			{"{a/: x}", `files: found the path "a/"` + wantPath},
			{`{"a\nb": x}`, `files: found the path "a\nb"` + wantPath},
			{"{5: x, 5: y}", `files: found the key "5" a second time, first on line 1; expected each key once`},
			{"{a: x, a/b: y}", `files: found "a" and "a/b", of which one would be a directory; expected paths that are files all`},
			{"{a/b/c: x, a/b: y}", `files: found "a/b/c" and "a/b", of which one would be a directory; expected paths that are files all`},
			{"{a: [s3cret]}", "files: a: found a list; expected the text of a template, or a mapping with the key from or template"},
			{"{a: 5}", "files: a: found the number 5; expected the text of a template, or a mapping with the key from or template"},
			{"{a: {}}", "files: a: found 0 keys; expected one of the keys from (a file as it is) and template"},
			{"{a: {from: x, template: y}}", "files: a: found 2 keys; expected one of the keys from (a file as it is) and template"},
			{"{a: {form: x}}", `files: a: found the key "form"; did you mean from? Expected one of the keys from (a file as it is) and template`},
			{"{a: {from: ../x}}", `files: a: from: found "../x"; expected the path of a file of the app, such as config/agent.yaml.tmpl`},
			{"{a: {template: /x}}", `files: a: template: found "/x"; expected the path of a file of the app, such as config/agent.yaml.tmpl`},
			{"{a: {from: [x]}}", "files: a: from: found a list; expected text"},
			{"{a: " + strings.Repeat("x", 64<<10+1) + "}", "files: a: found 65537 bytes; expected at most 65536, or a file of the app: {template: PATH}"},
			{"{" + manyFiles(65) + "}", "files: found 65 files; expected at most 64"},
		} {
			it(fmt.Sprintf("refuses %.40s", wrong.files), func() {
				_, err := read("- {name: a, command: x, files: " + wrong.files + "}")
				Expect(err).To(MatchError(`sidecars.yml:1: sidecar "a": ` + wrong.message))
			})
		}
	})
}

func manyFiles(number int) string {
	var files []string
	for i := range number {
		files = append(files, fmt.Sprintf("f%d: x", i))
	}
	return strings.Join(files, ", ")
}
