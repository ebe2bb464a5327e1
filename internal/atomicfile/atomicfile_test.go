package atomicfile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
)

func testWrite(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect          = NewWithT(t).Expect
		directory, path string
	)

	it.Before(func() {
		directory = t.TempDir()
		path = filepath.Join(directory, "file")
	})
	names := func() (names []string) {
		entries, err := os.ReadDir(directory)
		Expect(err).NotTo(HaveOccurred())
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return names
	}

	for _, mode := range []fs.FileMode{0o600, 0o666} {
		it("writes a file with the mode that is asked for, in the place of another", func() {
			Expect(os.WriteFile(path, []byte("old"), 0o400)).To(Succeed())
			Expect(atomicfile.Write(path, []byte("new"), mode)).To(Succeed())
			Expect(os.ReadFile(path)).To(BeEquivalentTo("new"))
			info, err := os.Lstat(path)
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode()).To(Equal(mode))
			Expect(names()).To(Equal([]string{"file"}))
		})
	}

	it("replaces a link and leaves what it leads to", func() {
		target := filepath.Join(t.TempDir(), "target")
		Expect(os.WriteFile(target, []byte("old"), 0o644)).To(Succeed())
		Expect(os.Symlink(target, path)).To(Succeed())
		Expect(atomicfile.Write(path, []byte("new"), 0o644)).To(Succeed())
		Expect(os.ReadFile(target)).To(BeEquivalentTo("old"))
		Expect(os.ReadFile(path)).To(BeEquivalentTo("new"))
	})

	context("failure cases", func() {
		it("leaves nothing behind where the file cannot be replaced", func() {
			Expect(os.Mkdir(path, 0o755)).To(Succeed())
			Expect(atomicfile.Write(path, nil, 0o644)).To(MatchError(fs.ErrExist))
			Expect(names()).To(Equal([]string{"file"}))
		})

		it("says that there is no such directory", func() {
			Expect(atomicfile.Write(filepath.Join(directory, "none", "file"), nil, 0o644)).To(MatchError(fs.ErrNotExist))
		})
	})
}
