package stage

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

func testCache(t *testing.T, context_ spec.G, it spec.S) {
	var (
		Expect                      = NewWithT(t).Expect
		archive, directory, outside string
	)

	it.Before(func() {
		archive, directory, outside = filepath.Join(t.TempDir(), "cache.tgz"), t.TempDir(), t.TempDir()
		platformtest.WriteFile(t, filepath.Join(outside, "id"), "the user's", 0o600)
	})

	it.After(func() {
		Expect(platformtest.Tree(t, outside)).To(Equal([]string{"-rw------- id"}))
		Expect(os.ReadFile(filepath.Join(outside, "id"))).To(Equal([]byte("the user's")))
	})

	pack := func(headers ...tar.Header) {
		t.Helper()
		var packed bytes.Buffer
		zipped := gzip.NewWriter(&packed)
		written := tar.NewWriter(zipped)
		for _, header := range headers {
			header.Mode = 0o644
			Expect(written.WriteHeader(&header)).To(Succeed())
			_, err := written.Write(make([]byte, header.Size))
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(errors.Join(written.Close(), zipped.Close())).To(Succeed())
		Expect(os.WriteFile(archive, packed.Bytes(), 0o600)).To(Succeed())
	}
	unpack := func() string {
		t.Helper()
		leftOut, err := unpackCache(t.Context(), archive, directory)
		Expect(err).NotTo(HaveOccurred())
		return leftOut
	}

	it("unpacks what the builder has packed: modes, times, links, and directories that are read-only", func() {
		source := t.TempDir()
		past := time.Unix(1e9, 0)
		platformtest.WriteFile(t, filepath.Join(source, "final/program"), "x", 0o755)
		platformtest.WriteFile(t, filepath.Join(source, "final/modules/file"), "y", 0o440)
		Expect(os.Link(filepath.Join(source, "final/program"), filepath.Join(source, "final/same"))).To(Succeed())
		Expect(os.Symlink("../program", filepath.Join(source, "final/modules/link"))).To(Succeed())
		Expect(os.Chtimes(filepath.Join(source, "final/program"), past, past)).To(Succeed())
		Expect(os.Chtimes(filepath.Join(source, "final/modules"), past, past)).To(Succeed())
		Expect(os.Chmod(filepath.Join(source, "final/modules"), 0o555)).To(Succeed())
		output, err := exec.Command("tar", "-czf", archive, "-C", source, ".").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))

		Expect(unpack()).To(BeEmpty())
		Expect(platformtest.Tree(t, directory)).To(Equal([]string{
			"drwxr-xr-x final", "dr-xr-xr-x final/modules", "-r--r----- final/modules/file", "Lrwxrwxrwx final/modules/link -> ../program", "-rwxr-xr-x final/program", "-rwxr-xr-x final/same",
		}))
		for _, name := range []string{"final/program", "final/modules"} {
			info, err := os.Stat(filepath.Join(directory, name))
			Expect(err).NotTo(HaveOccurred())
			Expect(info.ModTime()).To(BeTemporally("==", past), name)
		}
		Expect(os.ReadFile(filepath.Join(directory, "final/same"))).To(Equal([]byte("x")))
		for _, root := range []string{source, directory} {
			Expect(os.Chmod(filepath.Join(root, "final/modules"), 0o755)).To(Succeed()) // so that it can be removed
		}
	})

	it("makes a link to where buildpacks see the cache one within it", func() {
		pack(tar.Header{Name: "./final/deep/link", Typeflag: tar.TypeSymlink, Linkname: "/tmp/cache/final/file"})
		Expect(unpack()).To(BeEmpty())
		Expect(os.Readlink(filepath.Join(directory, "final/deep/link"))).To(Equal("../../final/file"))
	})

	it("leaves out what leads out of it, and says so", func() {
		pack(
			tar.Header{Name: "final/archives", Typeflag: tar.TypeSymlink, Linkname: outside},
			tar.Header{Name: "final/kept", Typeflag: tar.TypeReg, Size: 3},
		)
		Expect(unpack()).To(Equal(`Left out of the cache: "final/archives", a link to "` + outside + `", which leads out of it`))
		Expect(platformtest.Tree(t, directory)).To(Equal([]string{"drwxr-xr-x final", "-rw-r--r-- final/kept"}))
	})

	it("leaves out every other way out of it", func() {
		up, err := filepath.Rel(filepath.Join(directory, "final"), outside)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.Mkdir(filepath.Join(directory, "final"), 0o755)).To(Succeed())
		for _, headers := range [][]tar.Header{
			{{Name: "final/link", Typeflag: tar.TypeSymlink, Linkname: up}, {Name: "final/link/id", Typeflag: tar.TypeReg}},
			{{Name: "final", Typeflag: tar.TypeSymlink, Linkname: outside}},
			{{Name: "deep/er/link", Typeflag: tar.TypeSymlink, Linkname: "../.."}, {Name: "deep/er/link/out", Typeflag: tar.TypeSymlink, Linkname: "../../../" + filepath.Base(outside)}},
			{{Name: "deep/er/link", Typeflag: tar.TypeSymlink, Linkname: "../.."}, {Name: "out", Typeflag: tar.TypeSymlink, Linkname: "deep/er/link/../" + filepath.Base(outside)}},
			{{Name: "../" + filepath.Base(outside) + "/id", Typeflag: tar.TypeReg}},
			{{Name: filepath.Join(outside, "id"), Typeflag: tar.TypeReg}},
			{{Name: "final/hard", Typeflag: tar.TypeLink, Linkname: filepath.Join(outside, "id")}},
			{{Name: "final/pipe", Typeflag: tar.TypeFifo}},
			{{Name: "final/device", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 5}},
			{{Name: "final/empty", Typeflag: tar.TypeSymlink, Linkname: "/tmp/cache/../app"}},
		} {
			directory = t.TempDir()
			pack(headers...)
			Expect(unpack()).To(HavePrefix("Left out of the cache: "), "%v", headers)
			Expect(platformtest.Tree(t, directory)).NotTo(ContainElement(ContainSubstring(filepath.Base(outside))))
		}
	})

	it("names some of many", func() {
		headers := make([]tar.Header, 7)
		for i := range headers {
			headers[i] = tar.Header{Name: "/" + string(rune('a'+i)), Typeflag: tar.TypeReg}
		}
		pack(headers...)
		Expect(unpack()).To(HaveSuffix(`"/e", which is not in it; and 2 more`))
	})

	it("keeps neither the names nor the links of what it leaves out, of which a small archive can have gigabytes", func() {
		long := "../" + strings.Repeat("x", 900_000)
		headers := []tar.Header{{Name: "link", Typeflag: tar.TypeSymlink, Linkname: long}, {Name: strings.Repeat("y", 900_000), Typeflag: tar.TypeReg}}
		for range 300 {
			headers = append(headers, tar.Header{Name: long, Typeflag: tar.TypeReg, Format: tar.FormatPAX})
		}
		pack(headers...)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		leftOut, u := "", &cacheUnpacker{links: map[string]bool{}}
		var err error
		u.root, err = os.OpenRoot(directory)
		Expect(err).NotTo(HaveOccurred())
		defer u.root.Close()
		packed, err := os.Open(archive)
		Expect(err).NotTo(HaveOccurred())
		defer packed.Close()
		Expect(u.unpack(packed)).To(Succeed())
		leftOut = u.summary()
		runtime.GC()
		runtime.ReadMemStats(&after)
		Expect(leftOut).To(HaveSuffix("; and 297 more"))
		Expect(len(leftOut)).To(BeNumerically("<", 2000))
		Expect(int64(after.HeapAlloc)-int64(before.HeapAlloc)).To(BeNumerically("<", 32<<20), "they come to 270 MB")
		runtime.KeepAlive(u)
		Expect(platformtest.Tree(t, directory)).To(BeEmpty())
	})

	context_("failure cases", func() {
		it("ends where there is little but names", func() {
			pack(tar.Header{Name: "file", Typeflag: tar.TypeReg})
			packed, err := os.Open(archive)
			Expect(err).NotTo(HaveOccurred())
			defer packed.Close()
			u := &cacheUnpacker{entries: maxCacheEntries}
			Expect(u.unpack(packed)).To(MatchError("found more than 1000000 entries; expected fewer"))
		})

		it("refuses what is not a file, and does not wait", func() {
			Expect(syscall.Mkfifo(archive, 0o600)).To(Succeed())
			_, err := unpackCache(t.Context(), archive, directory)
			Expect(err).To(MatchError("failed to unpack the cache: " + archive + ": found a named pipe; expected a regular file"))
		})

		it("says what is to be done about one that is damaged", func() {
			platformtest.WriteFile(t, archive, "no archive", 0o644)
			_, err := unpackCache(t.Context(), archive, directory)
			Expect(err).To(MatchError("failed to unpack " + archive + ": found something that cannot be unpacked (gzip: invalid header); expected a cache that staging has written: remove it, and the app is staged without one"))
		})

		it("ends at what fits into a staging container", func() {
			u := &cacheUnpacker{size: maxBuildpackSize}
			Expect(u.file("file", &tar.Header{Size: 1}, nil)).To(MatchError("found more than 4096 MB in the archive; expected what fits into a staging container"))
		})

		it("stops when it is told to", func() {
			pack(tar.Header{Name: "file", Typeflag: tar.TypeReg, Size: 1 << 20})
			ctx, cancel := context.WithCancelCause(t.Context())
			reason := errors.New("interrupted")
			cancel(reason)
			_, err := unpackCache(ctx, archive, directory)
			Expect(err).To(MatchError(reason))
		})
	})
}
