package regularfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testFS(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		files     fs.FS
	)

	it.Before(func() {
		directory = t.TempDir()
		Expect(os.MkdirAll(filepath.Join(directory, "below", "further"), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(directory, "below", "file"), []byte("content"), 0o600)).To(Succeed())
		root, err := os.OpenRoot(directory)
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { _ = root.Close() })
		files = FS(root)
	})

	it("is a file system as any other", func() {
		Expect(fstest.TestFS(files, "below/file", "below/further")).To(Succeed())
	})

	it("lists and describes what cannot be opened", func() {
		Expect(syscall.Mkfifo(filepath.Join(directory, "pipe"), 0o600)).To(Succeed())
		entries, err := fs.ReadDir(files, ".")
		Expect(err).NotTo(HaveOccurred())
		Expect(entries).To(HaveLen(2))
		info, err := fs.Stat(files, "pipe")
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode().Type()).To(Equal(fs.ModeNamedPipe))
	})

	it("reads links, and follows none out of the directory", func() {
		Expect(os.Symlink("below/file", filepath.Join(directory, "link"))).To(Succeed())
		Expect(fs.ReadLink(files, "link")).To(Equal("below/file"))
		Expect(ReadFS(files, "link", 10)).To(Equal([]byte("content")))
		Expect(os.Symlink("../outside", filepath.Join(directory, "out"))).To(Succeed())
		_, err := files.Open("out")
		Expect(err).To(MatchError(ContainSubstring("escapes")))
	})
}
