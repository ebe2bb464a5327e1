package regularfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

const patient = time.Minute

// unusual are the things other than regular files that a test can put into the place
// of one, and what a message says of each.
var unusual = []struct {
	name, found string
	make        func(path string) error
}{
	{"a directory", "a directory", func(path string) error { return os.Mkdir(path, 0o755) }},
	{"a named pipe", "a named pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }},
	{"a socket", "a socket", func(path string) error { return syscall.Mknod(path, syscall.S_IFSOCK|0o600, 0) }},
	{"a link to a device", "a device", func(path string) error { return os.Symlink("/dev/zero", path) }},
	{"a link to a named pipe", "a named pipe", func(path string) error {
		if err := syscall.Mkfifo(path+".pipe", 0o600); err != nil {
			return err
		}
		return os.Symlink(filepath.Base(path)+".pipe", path)
	}},
}

func testRead(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect          = NewWithT(t).Expect
		Eventually      = NewWithT(t).Eventually
		directory, path string
		root            *os.Root
	)

	it.Before(func() {
		directory = t.TempDir()
		path = filepath.Join(directory, "file")
		var err error
		root, err = os.OpenRoot(directory)
		Expect(err).NotTo(HaveOccurred())
	})

	it.After(func() { Expect(root.Close()).To(Succeed()) })

	write := func(content string) {
		t.Helper()
		Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
	}
	opened := func(open func() (fs.File, error)) ([]byte, error) { return readAndClose("", 10, open) }
	ways := []struct {
		name string
		read func(limit int64) ([]byte, error)
	}{
		{"Read", func(limit int64) ([]byte, error) { return Read(path, limit) }},
		{"ReadIn", func(limit int64) ([]byte, error) { return ReadIn(root, "file", limit) }},
		{"ReadFS of a directory", func(limit int64) ([]byte, error) { return ReadFS(os.DirFS(directory), "file", limit) }},
		{"ReadFS of FS", func(limit int64) ([]byte, error) { return ReadFS(FS(root), "file", limit) }},
		{"Open", func(int64) ([]byte, error) { return opened(func() (fs.File, error) { return Open(path) }) }},
		{"OpenIn", func(int64) ([]byte, error) { return opened(func() (fs.File, error) { return OpenIn(root, "file") }) }},
		{"Open of FS", func(int64) ([]byte, error) { return opened(func() (fs.File, error) { return FS(root).Open("file") }) }},
	}
	it("reads text without a byte order mark, and from a pipe that a shell makes", func() {
		path := filepath.Join(t.TempDir(), "text")
		Expect(os.WriteFile(path, []byte("\ufeffA=1\n"), 0o600)).To(Succeed())
		Expect(ReadText(path, 9)).To(BeEquivalentTo("A=1\n"))

		pipe := path + ".pipe"
		Expect(syscall.Mkfifo(pipe, 0o600)).To(Succeed())
		written := make(chan error, 1)
		go func() { written <- os.WriteFile(pipe, []byte("B=2\n"), 0o600) }()
		Expect(ReadText(pipe, 9)).To(BeEquivalentTo("B=2\n"))
		Expect(<-written).To(Succeed())
	})

	for _, way := range ways {
		name, read := way.name, way.read
		context(name, func() {
			it("reads a file of exactly as many bytes as are allowed", func() {
				write("0123456789")
				Expect(read(10)).To(Equal([]byte("0123456789")))
			})

			it("reads an empty file", func() {
				write("")
				Expect(read(10)).To(BeEmpty())
			})

			it("follows a symbolic link", func() {
				write("content")
				Expect(os.Rename(path, path+".real")).To(Succeed())
				Expect(os.Symlink("file.real", path)).To(Succeed())
				Expect(read(10)).To(Equal([]byte("content")))
			})

			it("says that there is none, as package os does", func() {
				_, err := read(10)
				Expect(err).To(MatchError(fs.ErrNotExist))
				if !strings.Contains(name, "FS") { // a file system says what it was asked for
					Expect(err).To(MatchError(HaveSuffix("file: there is no such file")))
				}
			})

			for _, refused := range unusual {
				it("refuses "+refused.name+", and does not wait", func() {
					Expect(refused.make(path)).To(Succeed())
					result := make(chan error, 1)
					go func() {
						_, err := read(10)
						result <- err
					}()
					var err error
					Eventually(result, patient).Should(Receive(&err))
					if name == "Open of FS" && refused.found == "a directory" {
						Expect(err).To(MatchError(syscall.EISDIR)) // a file system has directories
						return
					}
					if escaped := err.Error(); strings.Contains(escaped, "escapes") {
						Expect(name).NotTo(BeElementOf("Read", "Open", "ReadFS of a directory")) // a root is not left, not even for a device
						return
					}
					Expect(err).To(MatchError(MatchRegexp("file: found " + refused.found + "; expected a regular file")))
				})
			}
		})
	}

	context("limits", func() {
		for _, way := range ways {
			if !strings.HasPrefix(way.name, "Read") {
				continue
			}
			it("refuses a larger file: "+way.name, func() {
				write("01234567890")
				_, err := way.read(10)
				Expect(err).To(MatchError(HaveSuffix("file: found 11 bytes; expected a regular file of at most 10 bytes")))
			})
		}

		it("refuses a sparse file of terabytes by its size", func() {
			write("")
			Expect(os.Truncate(path, 1<<40)).To(Succeed())
			_, err := Read(path, 1<<20)
			Expect(err).To(MatchError(path + ": found 1048576 MB; expected a regular file of at most 1 MB"))
		})

		it("ends at the limit where a file states no size", func() {
			_, err := Read("/proc/self/status", 8)
			Expect(err).To(MatchError("/proc/self/status: found more than 8 bytes; expected a regular file of at most 8 bytes"))
		})

		it("prints kibibytes", func() {
			write(strings.Repeat("x", 3<<10))
			_, err := Read(path, 2<<10)
			Expect(err).To(MatchError(path + ": found 3 KB; expected a regular file of at most 2 KB"))
		})

		it("reads a file system that is not a directory", func() {
			files := fstest.MapFS{"file": {Data: []byte("content")}, "pipe": {Mode: fs.ModeNamedPipe}}
			Expect(ReadFS(files, "file", 10)).To(Equal([]byte("content")))
			_, err := ReadFS(files, "pipe", 10)
			Expect(err).To(MatchError("pipe: found a named pipe; expected a regular file of at most 10 bytes"))
			_, err = ReadFS(files, "file", 6)
			Expect(err).To(MatchError("file: found 7 bytes; expected a regular file of at most 6 bytes"))
		})
	})

	it("does not wait for a named pipe that takes the file's place after it was looked at", func() {
		write("content")
		replacing := func(name string) (fs.FileInfo, error) {
			info, err := os.Stat(name)
			Expect(os.Remove(name)).To(Succeed())
			Expect(syscall.Mkfifo(name, 0o600)).To(Succeed())
			return info, err
		}
		result := make(chan error, 1)
		go func() {
			_, err := open(path, anySize, replacing, os.OpenFile)
			result <- err
		}()
		Eventually(result, patient).Should(Receive(MatchError(path + ": found a named pipe; expected a regular file")))
	})

	it("leaves no file open", func() {
		before, err := os.ReadDir("/proc/self/fd")
		Expect(err).NotTo(HaveOccurred())
		write("01234567890")
		for range 10 {
			_, _ = Read(path, 20)
			_, _ = Read(path, 5)
			_, _ = ReadFS(FS(root), "file", 20)
		}
		after, err := os.ReadDir("/proc/self/fd")
		Expect(err).NotTo(HaveOccurred())
		Expect(after).To(HaveLen(len(before)))
	})
}
