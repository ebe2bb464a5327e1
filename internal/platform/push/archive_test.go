package push

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

func testArchive(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect            = NewWithT(t).Expect
		dir, destination  string
		outside, verbatim string
	)

	it.Before(func() {
		dir = t.TempDir()
		destination = filepath.Join(dir, "work", "app")
		Expect(os.MkdirAll(destination, 0o755)).To(Succeed())
		outside = filepath.Join(dir, "outside")
		verbatim = platformtest.WriteFile(t, filepath.Join(outside, "file"), "untouched", 0o600)
	})

	push := func(items ...platformtest.ZipEntry) error {
		t.Helper()
		return CopyApp(t.Context(), platformtest.WriteZip(t, filepath.Join(dir, "app.zip"), "", items...), destination)
	}

	it("unpacks files, all of which can be run, directories and symbolic links", func() {
		Expect(push(
			platformtest.Entry("META-INF/", fs.ModeDir|0o755, ""),
			platformtest.Entry("META-INF/MANIFEST.MF", 0o644, "Main-Class: App\n"),
			platformtest.Entry("./bin/server", 0o600, "program"),
			platformtest.Entry("closed", 0, "c"),
			platformtest.Entry("link", fs.ModeSymlink|0o777, "bin/server"),
			platformtest.Entry("dangling", fs.ModeSymlink|0o777, "none"),
			platformtest.Entry("empty/", fs.ModeDir|0o700, ""),
		)).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{
			"drwxr-xr-x META-INF", "-rwxr--r-- META-INF/MANIFEST.MF", "drwxr-xr-x bin", "-rwxr--r-- bin/server", "-rwxr--r-- closed",
			"Lrwxrwxrwx dangling -> none", "drwxr-xr-x empty", "Lrwxrwxrwx link -> bin/server",
		}))
		Expect(os.ReadFile(filepath.Join(destination, "link"))).To(Equal([]byte("program")))
	})

	it("unpacks a jar with a program in front of it", func() {
		jar := platformtest.WriteZip(t, filepath.Join(dir, "app.jar"), "#!/bin/sh\nexec java -jar \"$0\"\n", platformtest.Entry("App.class", 0o644, "x"))
		Expect(CopyApp(t.Context(), jar, destination)).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{"-rwxr--r-- App.class"}))
	})

	it("leaves out what a push does", func() {
		Expect(push(platformtest.Entry(".cfignore", 0o644, "*.log\n"), platformtest.Entry("a.log", 0o644, ""), platformtest.Entry("manifest.yml", 0o644, ""), platformtest.Entry(".git/config", 0o644, ""), platformtest.Entry("a", 0o644, ""))).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{"-rwxr--r-- a"}))
	})

	it("takes the last of two entries of one name", func() {
		Expect(push(platformtest.Entry("a", 0o644, "a longer one"), platformtest.Entry("a", 0o644, "last"))).To(Succeed())
		Expect(os.ReadFile(filepath.Join(destination, "a"))).To(Equal([]byte("last")))
	})

	it("leaves no file open, and nothing in the system's temporary directory", func() {
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		before := platformtest.OpenFiles(t)
		Expect(push(platformtest.Entry("a", 0o644, "x"))).To(Succeed())
		Expect(platformtest.OpenFiles(t)).To(Equal(before))
		Expect(os.ReadDir(temp)).To(BeEmpty())
	})

	context("failure cases", func() {
		for _, hostile := range []struct {
			name  string
			items []platformtest.ZipEntry
			error string
		}{
			{"a way up", []platformtest.ZipEntry{platformtest.Entry("../outside/file", 0o644, "x")}, "path escapes from parent"},
			{"a way up further in", []platformtest.ZipEntry{platformtest.Entry("a/../../outside/file", 0o644, "x")}, "path escapes from parent"},
			{"an absolute name", []platformtest.ZipEntry{platformtest.Entry("/etc/file", 0o644, "x")}, "path escapes from parent"},
			{"a file through a symbolic link", []platformtest.ZipEntry{platformtest.Entry("link", fs.ModeSymlink|0o777, "../../outside"), platformtest.Entry("link/file", 0o644, "x")}, "path escapes from parent"},
			{"a file through an absolute one", []platformtest.ZipEntry{platformtest.Entry("link", fs.ModeSymlink|0o777, "OUTSIDE"), platformtest.Entry("link/file", 0o644, "x")}, "path escapes from parent"},
			{"a file in the place of a symbolic link", []platformtest.ZipEntry{platformtest.Entry("link", fs.ModeSymlink|0o777, "../../outside/file"), platformtest.Entry("link", 0o644, "x")}, "path escapes from parent"},
			{"a symbolic link through another", []platformtest.ZipEntry{platformtest.Entry("link", fs.ModeSymlink|0o777, "../../outside"), platformtest.Entry("link/evil", fs.ModeSymlink|0o777, "file")}, "path escapes from parent"},
			{"a directory through a symbolic link", []platformtest.ZipEntry{platformtest.Entry("link", fs.ModeSymlink|0o777, "../../outside"), platformtest.Entry("link/evil/", fs.ModeDir|0o755, "")}, "path escapes from parent"},
			{"a chain of symbolic links", []platformtest.ZipEntry{platformtest.Entry("a", fs.ModeSymlink|0o777, ".."), platformtest.Entry("b", fs.ModeSymlink|0o777, "a/.."), platformtest.Entry("b/outside/file", 0o644, "x")}, "path escapes from parent"},
			{"a file below a file", []platformtest.ZipEntry{platformtest.Entry("a", 0o644, "x"), platformtest.Entry("a/b", 0o644, "x")}, "file exists"},
			{"a named pipe", []platformtest.ZipEntry{platformtest.Entry("pipe", fs.ModeNamedPipe|0o644, "")}, "it is neither a file, a directory nor a symbolic link; a push takes no other"},
			{"a device", []platformtest.ZipEntry{platformtest.Entry("disk", fs.ModeDevice|0o644, "")}, "it is neither a file, a directory nor a symbolic link; a push takes no other"},
			{"no name", []platformtest.ZipEntry{platformtest.Entry("", 0o644, "x")}, `entry "": `},
		} {
			it("refuses "+hostile.name+", and writes nothing outside", func() {
				for i := range hostile.items {
					if hostile.items[i].Content == "OUTSIDE" {
						hostile.items[i].Content = outside
					}
				}
				err := push(hostile.items...)
				Expect(err).To(MatchError(HavePrefix("failed to unpack the app " + filepath.Join(dir, "app.zip") + ": entry ")))
				Expect(err).To(MatchError(ContainSubstring(hostile.error)))
				Expect(platformtest.Tree(t, outside)).To(Equal([]string{"-rw------- file"}))
				Expect(os.ReadFile(verbatim)).To(Equal([]byte("untouched")))
			})
		}

		it("refuses an archive that comes to more than a package may, before it unpacks anything", func() {
			const refusal = "the app package is invalid: Package may not be larger than 1073741824 bytes; leave files out of it by .cfignore"
			for _, sizes := range [][]uint64{{1<<30 + 1}, {1 << 29, 1 << 29, 1}, {1 << 63, 1 << 63, 1}} {
				path := platformtest.ClaimZip(t, filepath.Join(dir, "bomb.zip"), sizes...)
				Expect(CopyApp(t.Context(), path, destination)).To(MatchError("failed to unpack the app " + path + ": " + refusal))
				_, err := OpenApp(path)
				Expect(err).To(MatchError("failed to open the app " + path + ": " + refusal))
				Expect(platformtest.Tree(t, destination)).To(BeEmpty())
			}
		})

		it("refuses an entry that holds more than it states", func() {
			path := platformtest.ClaimZip(t, filepath.Join(dir, "lie.zip"), 10)
			Expect(CopyApp(t.Context(), path, destination)).To(MatchError(HavePrefix("failed to unpack the app " + path + `: entry "0": `)))
			info, err := os.Stat(filepath.Join(destination, "0"))
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Size()).To(BeNumerically("<=", 64<<10), "it has ended soon")
		})

		it("refuses a directory that comes to more than a package may", func() {
			source := filepath.Join(dir, "source")
			platformtest.WriteFile(t, filepath.Join(source, "a"), "x", 0o644)
			platformtest.WriteFile(t, filepath.Join(source, "b"), "", 0o644)
			Expect(os.Truncate(filepath.Join(source, "b"), 1<<30)).To(Succeed())
			Expect(CopyApp(t.Context(), source, destination)).To(MatchError(HavePrefix("failed to copy the app: the app package is invalid: Package may not be larger than 1073741824 bytes")))
			Expect(filepath.Join(destination, "b")).NotTo(BeAnExistingFile())
			platformtest.WriteFile(t, filepath.Join(source, ".cfignore"), "b\n", 0o644)
			Expect(CopyApp(t.Context(), source, filepath.Join(dir, "work", "other"))).To(Succeed(), "what is ignored does not count")
		})

		for _, content := range []string{"", "PK", "PK\x03\x04 and no more", "text"} {
			it("refuses a file that is not an archive", func() {
				path := platformtest.WriteFile(t, filepath.Join(dir, "app.txt"), content, 0o644)
				Expect(CopyApp(t.Context(), path, destination)).To(MatchError("failed to unpack the app " + path + ": it is neither a directory nor a zip archive"))
			})
		}

		it("refuses an archive that is damaged", func() {
			path := platformtest.WriteZip(t, filepath.Join(dir, "app.zip"), "", platformtest.Entry("a", 0o644, "some content that is compressed"))
			content, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			content[35] ^= 0xff
			platformtest.WriteFile(t, path, string(content), 0o644)
			Expect(CopyApp(t.Context(), path, destination)).To(MatchError(HavePrefix("failed to unpack the app " + path + `: entry "a": `)))
		})
	})
}
