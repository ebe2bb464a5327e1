package platform

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// An item is an entry of an archive; of a symbolic link, the content is what it
// leads to.
type item struct {
	name    string
	mode    fs.FileMode
	content string
}

// writeZip makes an archive with something in front of it.
func writeZip(t *testing.T, path, front string, items ...item) string {
	t.Helper()
	g := NewWithT(t)
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for _, i := range items {
		header := &zip.FileHeader{Name: i.name, Method: zip.Deflate}
		header.SetMode(i.mode)
		entry, err := archive.CreateHeader(header)
		g.Expect(err).NotTo(HaveOccurred())
		_, err = entry.Write([]byte(i.content))
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(archive.Close()).To(Succeed())
	return platformtest.WriteFile(t, path, front+buffer.String(), 0o644)
}

// claimZip makes an archive of 100 KB of zeros a file, called by their numbers, whose
// list states other sizes.
func claimZip(t *testing.T, path string, sizes ...uint64) string {
	t.Helper()
	g := NewWithT(t)
	var packed bytes.Buffer
	compressor, err := flate.NewWriter(&packed, flate.BestCompression)
	g.Expect(err).NotTo(HaveOccurred())
	_, err = compressor.Write(make([]byte, 100<<10))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(compressor.Close()).To(Succeed())
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for i, size := range sizes {
		entry, err := archive.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprint(i), Method: zip.Deflate, UncompressedSize64: size, CompressedSize64: uint64(packed.Len())})
		g.Expect(err).NotTo(HaveOccurred())
		_, err = entry.Write(packed.Bytes())
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(archive.Close()).To(Succeed())
	return platformtest.WriteFile(t, path, buffer.String(), 0o644)
}

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

	push := func(items ...item) error {
		t.Helper()
		return copyApp(t.Context(), writeZip(t, filepath.Join(dir, "app.zip"), "", items...), destination)
	}

	it("unpacks files, all of which can be run, directories and symbolic links", func() {
		Expect(push(
			item{"META-INF/", fs.ModeDir | 0o755, ""},
			item{"META-INF/MANIFEST.MF", 0o644, "Main-Class: App\n"},
			item{"./bin/server", 0o600, "program"},
			item{"closed", 0, "c"},
			item{"link", fs.ModeSymlink | 0o777, "bin/server"},
			item{"dangling", fs.ModeSymlink | 0o777, "none"},
			item{"empty/", fs.ModeDir | 0o700, ""},
		)).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{
			"drwxr-xr-x META-INF", "-rwxr--r-- META-INF/MANIFEST.MF", "drwxr-xr-x bin", "-rwxr--r-- bin/server", "-rwxr--r-- closed",
			"Lrwxrwxrwx dangling -> none", "drwxr-xr-x empty", "Lrwxrwxrwx link -> bin/server",
		}))
		Expect(os.ReadFile(filepath.Join(destination, "link"))).To(Equal([]byte("program")))
	})

	it("unpacks a jar with a program in front of it", func() {
		jar := writeZip(t, filepath.Join(dir, "app.jar"), "#!/bin/sh\nexec java -jar \"$0\"\n", item{"App.class", 0o644, "x"})
		Expect(copyApp(t.Context(), jar, destination)).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{"-rwxr--r-- App.class"}))
	})

	it("leaves out what a push does", func() {
		Expect(push(item{".cfignore", 0o644, "*.log\n"}, item{"a.log", 0o644, ""}, item{"manifest.yml", 0o644, ""}, item{".git/config", 0o644, ""}, item{"a", 0o644, ""})).To(Succeed())
		Expect(platformtest.Tree(t, destination)).To(Equal([]string{"-rwxr--r-- a"}))
	})

	it("takes the last of two entries of one name", func() {
		Expect(push(item{"a", 0o644, "a longer one"}, item{"a", 0o644, "last"})).To(Succeed())
		Expect(os.ReadFile(filepath.Join(destination, "a"))).To(Equal([]byte("last")))
	})

	it("leaves no file open, and nothing in the system's temporary directory", func() {
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		before := openFiles(t)
		Expect(push(item{"a", 0o644, "x"})).To(Succeed())
		Expect(openFiles(t)).To(Equal(before))
		Expect(os.ReadDir(temp)).To(BeEmpty())
	})

	context("failure cases", func() {
		for _, hostile := range []struct {
			name  string
			items []item
			error string
		}{
			{"a way up", []item{{"../outside/file", 0o644, "x"}}, "path escapes from parent"},
			{"a way up further in", []item{{"a/../../outside/file", 0o644, "x"}}, "path escapes from parent"},
			{"an absolute name", []item{{"/etc/file", 0o644, "x"}}, "path escapes from parent"},
			{"a file through a symbolic link", []item{{"link", fs.ModeSymlink | 0o777, "../../outside"}, {"link/file", 0o644, "x"}}, "path escapes from parent"},
			{"a file through an absolute one", []item{{"link", fs.ModeSymlink | 0o777, "OUTSIDE"}, {"link/file", 0o644, "x"}}, "path escapes from parent"},
			{"a file in the place of a symbolic link", []item{{"link", fs.ModeSymlink | 0o777, "../../outside/file"}, {"link", 0o644, "x"}}, "path escapes from parent"},
			{"a symbolic link through another", []item{{"link", fs.ModeSymlink | 0o777, "../../outside"}, {"link/evil", fs.ModeSymlink | 0o777, "file"}}, "path escapes from parent"},
			{"a directory through a symbolic link", []item{{"link", fs.ModeSymlink | 0o777, "../../outside"}, {"link/evil/", fs.ModeDir | 0o755, ""}}, "path escapes from parent"},
			{"a chain of symbolic links", []item{{"a", fs.ModeSymlink | 0o777, ".."}, {"b", fs.ModeSymlink | 0o777, "a/.."}, {"b/outside/file", 0o644, "x"}}, "path escapes from parent"},
			{"a file below a file", []item{{"a", 0o644, "x"}, {"a/b", 0o644, "x"}}, "file exists"},
			{"a named pipe", []item{{"pipe", fs.ModeNamedPipe | 0o644, ""}}, "it is neither a file, a directory nor a symbolic link; a push takes no other"},
			{"a device", []item{{"disk", fs.ModeDevice | 0o644, ""}}, "it is neither a file, a directory nor a symbolic link; a push takes no other"},
			{"no name", []item{{"", 0o644, "x"}}, `entry "": `},
		} {
			it("refuses "+hostile.name+", and writes nothing outside", func() {
				for i := range hostile.items {
					if hostile.items[i].content == "OUTSIDE" {
						hostile.items[i].content = outside
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
				path := claimZip(t, filepath.Join(dir, "bomb.zip"), sizes...)
				Expect(copyApp(t.Context(), path, destination)).To(MatchError("failed to unpack the app " + path + ": " + refusal))
				_, err := OpenApp(path)
				Expect(err).To(MatchError("failed to open the app " + path + ": " + refusal))
				Expect(platformtest.Tree(t, destination)).To(BeEmpty())
			}
		})

		it("refuses an entry that holds more than it states", func() {
			path := claimZip(t, filepath.Join(dir, "lie.zip"), 10)
			Expect(copyApp(t.Context(), path, destination)).To(MatchError(HavePrefix("failed to unpack the app " + path + `: entry "0": `)))
			info, err := os.Stat(filepath.Join(destination, "0"))
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Size()).To(BeNumerically("<=", 64<<10), "it has ended soon")
		})

		it("refuses a directory that comes to more than a package may", func() {
			source := filepath.Join(dir, "source")
			platformtest.WriteFile(t, filepath.Join(source, "a"), "x", 0o644)
			platformtest.WriteFile(t, filepath.Join(source, "b"), "", 0o644)
			Expect(os.Truncate(filepath.Join(source, "b"), 1<<30)).To(Succeed())
			Expect(copyApp(t.Context(), source, destination)).To(MatchError(HavePrefix("failed to copy the app: the app package is invalid: Package may not be larger than 1073741824 bytes")))
			Expect(filepath.Join(destination, "b")).NotTo(BeAnExistingFile())
			platformtest.WriteFile(t, filepath.Join(source, ".cfignore"), "b\n", 0o644)
			Expect(copyApp(t.Context(), source, filepath.Join(dir, "work", "other"))).To(Succeed(), "what is ignored does not count")
		})

		it("refuses a buildpack that no staging container has room for", func() {
			path := claimZip(t, filepath.Join(dir, "buildpack.zip"), 1<<32, 1)
			Expect(unzipBuildpack(t.Context(), path, destination)).To(MatchError("found more than 4096 MB in the archive; expected what fits into a staging container"))
			Expect(platformtest.Tree(t, destination)).To(BeEmpty())
		})

		for _, content := range []string{"", "PK", "PK\x03\x04 and no more", "text"} {
			it("refuses a file that is no archive", func() {
				path := platformtest.WriteFile(t, filepath.Join(dir, "app.txt"), content, 0o644)
				Expect(copyApp(t.Context(), path, destination)).To(MatchError("failed to unpack the app " + path + ": it is neither a directory nor a zip archive"))
			})
		}

		it("refuses an archive that is damaged", func() {
			path := writeZip(t, filepath.Join(dir, "app.zip"), "", item{"a", 0o644, "some content that is compressed"})
			content, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			content[35] ^= 0xff
			platformtest.WriteFile(t, path, string(content), 0o644)
			Expect(copyApp(t.Context(), path, destination)).To(MatchError(HavePrefix("failed to unpack the app " + path + `: entry "a": `)))
		})
	})
}
