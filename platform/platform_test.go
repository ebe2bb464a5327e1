package platform

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testWorkspace(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("is made in the platform's temporary directory and removed with all that is in it", func() {
		p := &Platform{TempDir: t.TempDir()}
		directory, remove, err := p.workspace("staging")
		Expect(err).NotTo(HaveOccurred())
		Expect(filepath.Dir(directory)).To(Equal(p.TempDir))
		Expect(filepath.Base(directory)).To(HavePrefix("sidecar-staging-"))

		write(t, filepath.Join(directory, "cache/module/file"), "x", 0o444)
		Expect(os.Chmod(filepath.Join(directory, "cache/module"), 0o555)).To(Succeed())
		Expect(os.Chmod(filepath.Join(directory, "cache"), 0)).To(Succeed())
		Expect(remove()).To(Succeed())
		Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
	})

	context("failure cases", func() {
		it("says that there is no place for it", func() {
			_, _, err := (&Platform{TempDir: filepath.Join(t.TempDir(), "none")}).workspace("staging")
			Expect(err).To(MatchError(ContainSubstring("failed to make a place to work in: ")))
		})
	})
}

func testLifecycle(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("is the two programs of a directory", func() {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "builder"), "x", 0o755)
		write(t, filepath.Join(dir, "launcher"), "x", 0o755)
		t.Chdir(filepath.Dir(dir))

		found, err := LifecycleIn(filepath.Base(dir))
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(Equal(Lifecycle{
			Builder:  Program{Path: filepath.Join(dir, "builder"), Name: "builder"},
			Launcher: Program{Path: filepath.Join(dir, "launcher"), Name: "launcher"},
		}))
		Expect(found.Builder.command("-a", "b").Args).To(Equal([]string{"builder", "-a", "b"}))
	})

	context("failure cases", func() {
		it("names the program that is missing", func() {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "builder"), "x", 0o755)
			_, err := LifecycleIn(dir)
			Expect(err).To(MatchError(ContainSubstring(filepath.Join(dir, "launcher"))))
			Expect(err).To(MatchError(os.ErrNotExist))
		})

		it("names the program that cannot be run", func() {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "builder"), "x", 0o644)
			_, err := LifecycleIn(dir)
			Expect(err).To(MatchError(ContainSubstring(filepath.Join(dir, "builder"))))
			Expect(err).To(MatchError(os.ErrPermission))
		})
	})
}
