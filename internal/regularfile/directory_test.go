package regularfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testDirectory(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect                = NewWithT(t).Expect
		Eventually            = NewWithT(t).Eventually
		parent, path, outside string
		root                  *os.Root
	)

	it.Before(func() {
		parent, outside = t.TempDir(), t.TempDir()
		path = filepath.Join(parent, "directory")
		Expect(os.WriteFile(filepath.Join(outside, "file"), []byte("the user's"), 0o600)).To(Succeed())
		var err error
		root, err = os.OpenRoot(parent)
		Expect(err).NotTo(HaveOccurred())
	})

	it.After(func() { Expect(root.Close()).To(Succeed()) })

	ways := []struct {
		name string
		open func() (*os.Root, error)
	}{
		{"OpenDirectory", func() (*os.Root, error) { return OpenDirectory(path) }},
		{"OpenDirectory, with a slash at its end", func() (*os.Root, error) { return OpenDirectory(path + "/") }},
		{"OpenDirectoryIn", func() (*os.Root, error) { return OpenDirectoryIn(root, "directory") }},
		{"MakeDirectoryIn", func() (*os.Root, error) { return MakeDirectoryIn(root, "directory") }},
		{"CheckDirectory", func() (*os.Root, error) { return nil, CheckDirectory(path) }},
	}
	for _, way := range ways {
		context(way.name, func() {
			it("opens a directory", func() {
				Expect(os.Mkdir(path, 0o755)).To(Succeed())
				opened, err := way.open()
				Expect(err).NotTo(HaveOccurred())
				if opened != nil {
					Expect(opened.WriteFile("file", nil, 0o600)).To(Succeed())
					Expect(filepath.Join(path, "file")).To(BeARegularFile())
					Expect(opened.Close()).To(Succeed())
				}
			})

			for _, planted := range []struct {
				found string
				make  func() error
			}{
				{"a symbolic link", func() error { return os.Symlink(outside, path) }},
				{"a symbolic link", func() error { return os.Symlink(".", path) }},
				{"a symbolic link", func() error { return os.Symlink("nowhere", path) }},
				{"a named pipe", func() error { return syscall.Mkfifo(path, 0o600) }},
				{"a regular file", func() error { return os.WriteFile(path, nil, 0o600) }},
			} {
				it("refuses "+planted.found+", and does not wait", func() {
					Expect(planted.make()).To(Succeed())
					result := make(chan error, 1)
					go func() {
						_, err := way.open()
						result <- err
					}()
					Eventually(result, patient).Should(Receive(MatchError(path + ": found " + planted.found + "; expected a directory, and no link to one")))
				})
			}
		})
	}

	it("creates a missing directory, or says that it is missing", func() {
		_, err := OpenDirectory(path)
		Expect(err).To(MatchError(fs.ErrNotExist))
		made, err := MakeDirectoryIn(root, "directory")
		Expect(err).NotTo(HaveOccurred())
		Expect(made.Close()).To(Succeed())
		Expect(path).To(BeADirectory())
	})

	it("refuses a directory that replaces the one just checked", func() {
		Expect(os.Mkdir(path, 0o755)).To(Succeed())
		_, err := openDirectory(path, os.Lstat, func(string) (*os.Root, error) { return os.OpenRoot(outside) })
		Expect(err).To(MatchError(path + ": found something else than a moment before; expected a directory, and no link to one"))
	})

	it("clears a directory of all that is in it, and of nothing that links lead to", func() {
		Expect(os.MkdirAll(filepath.Join(path, "below", "deep"), 0o755)).To(Succeed())
		Expect(os.Symlink(outside, filepath.Join(path, "link"))).To(Succeed())
		Expect(os.Symlink(filepath.Join(outside, "file"), filepath.Join(path, "below", "link"))).To(Succeed())
		Expect(syscall.Mkfifo(filepath.Join(path, "pipe"), 0o600)).To(Succeed())
		opened, err := OpenDirectory(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(Clear(opened)).To(Succeed())
		Expect(opened.Close()).To(Succeed())
		Expect(os.ReadDir(path)).To(BeEmpty())
		Expect(os.ReadFile(filepath.Join(outside, "file"))).To(Equal([]byte("the user's")))
	})
}
