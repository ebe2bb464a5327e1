package push

import (
	stdcontext "context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

func testBits(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect           = NewWithT(t).Expect
		app, destination string
	)

	it.Before(func() {
		app = filepath.Join(t.TempDir(), "my app")
		Expect(os.Mkdir(app, 0o755)).To(Succeed())
		destination = filepath.Join(t.TempDir(), "app")
		Expect(os.Mkdir(destination, 0o755)).To(Succeed())
	})

	add := func(path, content string) { platformtest.WriteFile(t, filepath.Join(app, path), content, 0o644) }

	it("copies files with their modes, directories, and symbolic links as they are", func() {
		platformtest.WriteFile(t, filepath.Join(app, "bin/run"), "#!/bin/sh\n", 0o755)
		platformtest.WriteFile(t, filepath.Join(app, "secret"), "s", 0o400)
		Expect(os.Mkdir(filepath.Join(app, "empty"), 0o700)).To(Succeed())
		Expect(os.Symlink("bin/run", filepath.Join(app, "link"))).To(Succeed())
		Expect(os.Symlink("/no/such/place", filepath.Join(app, "dangling"))).To(Succeed())
		Expect(os.Symlink("..", filepath.Join(app, "up"))).To(Succeed())

		Expect(CopyApp(t.Context(), app, destination)).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{
			"drwxr-xr-x bin", "-rwxr-xr-x bin/run", "Lrwxrwxrwx dangling -> /no/such/place", "drwxr-xr-x empty",
			"Lrwxrwxrwx link -> bin/run", "-rw------- secret", "Lrwxrwxrwx up -> ..",
		}))
		Expect(os.ReadFile(filepath.Join(destination, "bin/run"))).To(Equal([]byte("#!/bin/sh\n")))
	})

	it("leaves out what is never pushed, whatever .cfignore says", func() {
		add(".cfignore", "!.git\n!manifest.yml\n!.sidecar\n")
		for _, name := range []string{
			"manifest.yml", "manifest.yaml", ".gitignore", ".DS_Store", ".git/config", ".svn/x", ".hg/x", "_darcs/x", ".sidecar/app/droplet.tgz",
			"below/manifest.yml", "below/.git/x", "below/kept", ".gitkeep",
		} {
			add(name, "x")
		}
		Expect(CopyApp(t.Context(), app, destination)).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{"-rw-r--r-- .gitkeep", "drwxr-xr-x below", "-rw-r--r-- below/kept"}))
	})

	it("leaves out what .cfignore names, but for what it names again", func() {
		add(".cfignore", "# a comment\r\n\r\n*.log\r\n/build\r\nnode_modules/\r\n!kept.log\r\nlogs/*\r\n!logs/keep\r\n")
		for _, name := range []string{"a.log", "kept.log", "deep/b.log", "build/x", "deep/build/x", "deep/node_modules/x", "logs/a", "logs/keep"} {
			add(name, "x")
		}
		Expect(CopyApp(t.Context(), app, destination)).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{
			"drwxr-xr-x deep", "drwxr-xr-x deep/build", "-rw-r--r-- deep/build/x", "drwxr-xr-x deep/node_modules", "-rw-r--r-- kept.log", "drwxr-xr-x logs", "-rw-r--r-- logs/keep",
		}))
	})

	it("follows a symbolic link to the app itself", func() {
		add("file", "x")
		link := filepath.Join(t.TempDir(), "link")
		Expect(os.Symlink(app, link)).To(Succeed())
		Expect(CopyApp(t.Context(), link, destination)).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{"-rw-r--r-- file"}))
	})

	for _, through := range []string{"as it is", "through a symbolic link"} {
		it("leaves out the workspace that is in the app, and nothing else, named "+through, func() {
			add("tmp/kept", "x")
			temp := filepath.Join(app, "tmp")
			if through != "as it is" {
				link := filepath.Join(t.TempDir(), "link")
				Expect(os.Symlink(temp, link)).To(Succeed())
				temp = link
			}
			destination = filepath.Join(temp, "sidecar-staging-1", "app")
			Expect(os.MkdirAll(destination, 0o755)).To(Succeed())
			Expect(CopyApp(t.Context(), app, destination)).To(Succeed())
			Expect(platformtest.Tree(t, destination)).To(Equal([]string{"drwxr-xr-x tmp", "-rw-r--r-- tmp/kept"}))
		})
	}

	for _, named := range []string{"as it is", "in another spelling", "through a symbolic link", "by another hard link"} {
		it("leaves out a file that is excepted, named "+named, func() {
			add("config/secret", "x")
			add("config/kept", "x")
			other := t.TempDir()
			path := filepath.Join(app, "config", "secret")
			switch named {
			case "in another spelling":
				path = app + "/./config/../config/secret"
			case "through a symbolic link":
				Expect(os.Symlink(path, filepath.Join(other, "link"))).To(Succeed())
				path = filepath.Join(other, "link")
			case "by another hard link":
				Expect(os.Link(path, filepath.Join(app, "hard"))).To(Succeed())
			}
			Expect(CopyApp(t.Context(), app, destination, path, filepath.Join(app, "none"))).To(Succeed())
			Expect(platformtest.Tree(t, destination)).To(Equal([]string{"drwxr-xr-x config", "-rw-r--r-- config/kept"}))

			opened, err := OpenApp(app, path)
			Expect(err).NotTo(HaveOccurred())
			defer opened.Close()
			_, err = opened.Open("config/secret")
			Expect(err).To(MatchError(fs.ErrNotExist))
			Expect(opened.Stat("config/kept")).To(HaveField("Name()", "kept"))
		})
	}

	it("stops when the context ends", func() {
		platformtest.WriteFile(t, filepath.Join(app, "a"), "b", 0o644)
		ended, end := stdcontext.WithCancelCause(t.Context())
		end(errors.New("stopped"))
		Expect(CopyApp(ended, app, destination)).To(MatchError("failed to copy the app: stopped"))
	})

	context("failure cases", func() {
		it("says that there is no such app", func() {
			missing := filepath.Join(app, "none")
			Expect(CopyApp(t.Context(), missing, destination)).To(MatchError("failed to find the app: " + missing + ": there is no such file"))
		})

		it("refuses a Procfile that the builder would read for ever", func() {
			Expect(os.Symlink("/dev/zero", filepath.Join(app, "Procfile"))).To(Succeed())
			Expect(CopyApp(t.Context(), app, destination)).To(MatchError("failed to read the app's Procfile: Procfile: found a device; expected a regular file of at most 1 MB"))
		})

		it("says that a directory is empty, or all that is in it is left out", func() {
			Expect(CopyApp(t.Context(), app, destination)).To(MatchError("no app files found in '" + app + "'"))
			add(".cfignore", "*\n")
			add("file", "x")
			Expect(CopyApp(t.Context(), app, destination)).To(MatchError("no app files found in '" + app + "'"))
		})

		it("refuses a named pipe, without waiting for its writer", func() {
			pipe := filepath.Join(app, "pipe")
			Expect(syscall.Mkfifo(pipe, 0o644)).To(Succeed())
			Expect(CopyApp(t.Context(), app, destination)).To(MatchError("failed to copy the app: " + pipe + " is neither a file, a directory nor a symbolic link; a push takes no other"))
			Expect(CopyApp(t.Context(), pipe, destination)).To(MatchError("failed to unpack the app " + pipe + ": it is neither a directory nor a zip archive"))
		})

		it("says that .cfignore is a directory", func() {
			add(".cfignore/x", "x")
			Expect(CopyApp(t.Context(), app, destination)).To(MatchError("failed to read .cfignore: .cfignore: found a directory; expected a regular file of at most 1 MB"))
		})

		it("refuses a named pipe as .cfignore, without waiting for its writer", func() {
			add("file", "x")
			Expect(syscall.Mkfifo(filepath.Join(app, ".cfignore"), 0o644)).To(Succeed())
			const refusal = "failed to read .cfignore: .cfignore: found a named pipe; expected a regular file of at most 1 MB"
			Expect(CopyApp(t.Context(), app, destination)).To(MatchError(refusal))
			_, err := OpenApp(app)
			Expect(err).To(MatchError(refusal))
		})
	})
}
