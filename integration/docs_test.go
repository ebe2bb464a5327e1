package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testDocs follows what the pages say of the repository's own files.
func testDocs(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	var (
		link = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
		// path is a file of the repository in backquotes.
		path = regexp.MustCompile("`([a-z][A-Za-z0-9_-]*(?:/[A-Za-z0-9_.-]+)+\\.(?:go|sh|yml|tsv))`")
	)
	pages := func(patterns ...string) []string {
		t.Helper()
		list := exec.Command("git", append([]string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}, patterns...)...)
		list.Dir = built.root
		output, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		files := strings.FieldsFunc(string(output), func(r rune) bool { return r == 0 })
		Expect(files).NotTo(BeEmpty())
		return files
	}
	read := func(page string) string {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(built.root, page))
		Expect(err).NotTo(HaveOccurred())
		return string(content)
	}

	it("links to files that are there", func() {
		for _, page := range pages("*.md") {
			for _, found := range link.FindAllStringSubmatch(read(page), -1) {
				if !strings.Contains(found[1], ":") {
					Expect(filepath.Join(built.root, filepath.Dir(page), found[1])).To(BeAnExistingFile(), "linked to by %s", page)
				}
			}
		}
	})

	it("has each package in the page on the architecture", func() {
		content := read("docs/architecture.md")
		for name := range rooms {
			name = strings.TrimPrefix(name, "internal/")
			if name, _, _ = strings.Cut(name, "/"); name == "" {
				continue
			}
			found := strings.Contains(content, "`"+name+"`") || strings.Contains(content, "`"+name+"/`")
			Expect(found).To(BeTrue(), "the page does not have the package %s: add it to the table", name)
		}
	})

	it("names files of the code that are there", func() {
		for _, page := range pages("CONTRIBUTING.md", "docs/architecture.md") {
			named := path.FindAllStringSubmatch(read(page), -1)
			Expect(named).NotTo(BeEmpty(), page)
			for _, found := range named {
				Expect(filepath.Join(built.root, found[1])).To(BeAnExistingFile(), "named in %s", page)
			}
		}
	})
}
