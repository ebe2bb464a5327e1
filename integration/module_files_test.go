package integration_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	modulefiles "golang.org/x/mod/module"
)

// sourceFiles are the files of the repository, separated by slashes: those that git knows or would take,
// or all where the repository is not a checkout.
func sourceFiles(t *testing.T) (files []string) {
	t.Helper()
	Expect := NewWithT(t).Expect
	if _, err := os.Lstat(filepath.Join(built.root, ".git")); err == nil {
		list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
		list.Dir = built.root
		output, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		return strings.FieldsFunc(string(output), func(r rune) bool { return r == 0 })
	}
	Expect(filepath.WalkDir(built.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == ".build" {
				return fs.SkipDir
			}
			return nil
		}
		name, err := filepath.Rel(built.root, path)
		files = append(files, filepath.ToSlash(name))
		return err
	})).To(Succeed())
	return files
}

// testModuleFiles holds the names of the repository's files to what Go allows: go get refuses a module
// for one name that is not allowed.
func testModuleFiles(t *testing.T, _ spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("has only files whose names Go allows in a module", func() {
		files := sourceFiles(t)
		Expect(files).To(ContainElements("go.mod", "scripts/package.sh"))
		for _, name := range files {
			Expect(modulefiles.CheckFilePath(name)).To(Succeed())
		}
	})

	it("has no two files or directories whose names differ only in case", func() {
		known := map[string]string{}
		for _, name := range sourceFiles(t) {
			for part := name; part != "."; part = filepath.ToSlash(filepath.Dir(part)) {
				folded := strings.ToLower(part)
				other, found := known[folded]
				Expect(found && other != part).To(BeFalse(), "%s and %s", part, other)
				known[folded] = part
			}
		}
		Expect(known).To(HaveKey("go.mod"))
	})
}
