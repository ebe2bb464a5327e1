package render_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testWrite(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *place
	)

	it.Before(func() { p = newPlace(t) })

	write := func(names ...string) {
		t.Helper()
		var files []render.File
		for _, name := range names {
			files = append(files, inline(name, "content of "+name))
		}
		p.start(render.Spec{Files: files})
	}
	// written are the paths below the directory of the files.
	written := func() (names []string) {
		Expect(filepath.WalkDir(p.files(""), func(path string, _ os.DirEntry, err error) error {
			name, _ := filepath.Rel(p.files(""), path)
			if name != "." {
				names = append(names, name)
			}
			return err
		})).To(Succeed())
		return names
	}

	it("removes what a former start has left and nothing asks for any more", func() {
		write("a", "b/c", "b/d/e", "f")
		write("b/d/e", "f/g", "h")
		Expect(written()).To(Equal([]string{"b", "b/d", "b/d/e", "f", "f/g", "h"}))
		write("b", "h")
		Expect(written()).To(Equal([]string{"b", "h"}))
		Expect(p.read("b")).To(Equal("content of b"))
		write()
		Expect(written()).To(BeEmpty())
	})

	it("gives a file a new inode, so that a reader has the old content or the new one, whole", func() {
		write("a")
		old, err := os.Open(p.files("a"))
		Expect(err).NotTo(HaveOccurred())
		defer old.Close()
		p.start(render.Spec{Files: []render.File{inline("a", "new")}})
		content := make([]byte, 64)
		n, err := old.Read(content)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(content[:n])).To(Equal("content of a"))
		Expect(p.read("a")).To(Equal("new"))
	})

	it("makes modes private again, whatever the umask and whatever they were", func() {
		defer syscall.Umask(syscall.Umask(0))
		write("a/b")
		Expect(os.Chmod(p.files(""), 0o777)).To(Succeed())
		Expect(os.Chmod(p.files("a"), 0o777)).To(Succeed())
		Expect(os.Chmod(p.files("a/b"), 0o666)).To(Succeed())
		write("a/b")
		for path, mode := range map[string]os.FileMode{"": 0o700, "a": 0o700, "a/b": 0o600} {
			info, err := os.Lstat(p.files(path))
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode().Perm()).To(Equal(mode), path)
		}
	})

	context("with something planted", func() {
		var outside string

		it.Before(func() {
			outside = p.path("outside")
			p.write("outside/kept", "the user's")
			write("a", "d/b")
		})
		it.After(func() {
			Expect(os.ReadDir(outside)).To(HaveLen(1))
			Expect(os.ReadFile(outside + "/kept")).To(BeEquivalentTo("the user's"))
		})
		// plant puts a link, or something else, in the place of what is there.
		plant := func(name string, put func(path string) error) {
			Expect(os.RemoveAll(p.files(name))).To(Succeed())
			Expect(put(p.files(name))).To(Succeed())
		}

		for what, put := range testtable.Sorted(map[string]func(path string) error{
			"a link to a file":      func(path string) error { return os.Symlink(outside+"/kept", path) },
			"a link to a directory": func(path string) error { return os.Symlink(outside, path) },
			"a link to nothing":     func(path string) error { return os.Symlink(outside+"/made", path) },
			"a relative link":       func(path string) error { return os.Symlink("..", path) },
			"a named pipe":          func(path string) error { return syscall.Mkfifo(path, 0o600) },
			"a directory":           func(path string) error { return os.MkdirAll(path+"/x/y", 0o700) },
			"a hard link":           func(path string) error { return os.Link(outside+"/kept", path) },
		}) {
			it("replaces "+what+" in the place of a file or of a directory of the files, and removes it elsewhere", func() {
				for _, name := range []string{"a", "d", "d/b", "other"} {
					plant(name, put)
					write("a", "d/b")
					Expect(written()).To(Equal([]string{"a", "d", "d/b"}))
					Expect(p.read("a") + p.read("d/b")).To(Equal("content of acontent of d/b"))
					info, err := os.Lstat(p.files("a"))
					Expect(err).NotTo(HaveOccurred())
					Expect(info.Mode()).To(BeEquivalentTo(0o600))
				}
			})
		}

		for _, name := range []string{"deps/0/run", "deps/0/run/files", "deps/0/run/files/1"} {
			it("refuses a link in the place of "+name, func() {
				Expect(os.RemoveAll(p.path(name))).To(Succeed())
				Expect(os.Symlink(outside, p.path(name))).To(Succeed())
				r := p.run("files", render.Spec{Files: []render.File{inline("a", "s3cret")}})
				Expect(r).To(Equal(result{1, "", "[sidecar-render] agent: failed to make the directory of the files: " + p.path(name) +
					": found a symbolic link; expected a directory, and no link to one\n"}))
			})
		}
	})

	context("failure cases", func() {
		it("refuses a directory that is not the buildpack's", func() {
			for _, directory := range []string{p.path("app"), p.path("deps"), p.path("deps/0"), "/", "relative"} {
				p.environ = append(p.environ, "SIDECAR_FILES="+directory)
				Expect(p.run("files", render.Spec{Files: []render.File{inline("a", "x")}}).stderr).To(Equal(
					"[sidecar-render] agent: found the directory " + directory + " in SIDECAR_FILES; expected one below " + p.path("deps/0") + "\n"))
			}
			Expect(p.path("deps/0/run")).To(BeADirectory())
		})
	})
}
