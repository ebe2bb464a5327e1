package install_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

func testHostile(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *site
	)

	it.Before(func() {
		s = newSite(t)
	})

	// refused makes sure that an archive is, with the name of the file.
	refused := func(archive []byte) error {
		t.Helper()
		err := s.installFile(archive, artifact.Artifact{Name: "program"})
		Expect(err).To(MatchError(MatchRegexp(`^failed to install file:///.*/artifact: `)))
		var wrong *install.ChecksumError
		Expect(errors.As(err, &wrong)).To(BeFalse(), "its checksum is the stated one")
		return err
	}

	// entryRefused makes sure that an archive is, and returns the name of the entry
	// that is to blame.
	entryRefused := func(archive []byte) (name, found string) {
		t.Helper()
		var blamed *install.EntryError
		err := refused(archive)
		Expect(errors.As(err, &blamed)).To(BeTrue(), fmt.Sprint(err))
		Expect(err.Error()).To(ContainSubstring(": " + blamed.Error()))
		Expect(blamed.Error()).To(HavePrefix(fmt.Sprintf("entry %q", blamed.Entry)[:min(len(blamed.Entry), 200)]))
		Expect(blamed.Error()).To(ContainSubstring(fmt.Sprintf(" of the archive: found %s; expected ", blamed.Found)))
		return blamed.Entry, blamed.Found
	}

	good := entry{name: "good", content: "good", mode: 0o755}

	const (
		leads    = "a path that leads out of the archive"
		absolute = "an absolute path"
	)
	for _, hostile := range []struct {
		name    string
		entries []entry
		found   string
		tarOnly bool
	}{
		{name: "a path up", entries: []entry{{name: "../x", content: "x"}}, found: leads},
		{name: "a path down and up", entries: []entry{{name: "a/../../x", content: "x"}}, found: leads},
		{name: "a path up and down, though it stays inside", entries: []entry{{name: "a/../x", content: "x"}}, found: leads},
		{name: "a path to a directory up", entries: []entry{{name: "../d/"}}, found: leads},
		{name: "a path of dots", entries: []entry{{name: ".."}}, found: leads},
		{name: "an absolute path", entries: []entry{{name: "/x", content: "x"}}, found: absolute},
		{name: "an absolute path to a directory", entries: []entry{{name: "/d/"}}, found: absolute},
		{name: "a path with slashes before it", entries: []entry{{name: "//x", content: "x"}}, found: absolute},
		{name: "a symbolic link with a path up", entries: []entry{{name: "../l", link: "x", kind: tar.TypeSymlink}}, found: leads},

		{name: "an absolute symbolic link", entries: []entry{{name: "l", link: "/etc/passwd", kind: tar.TypeSymlink}}, found: `a symbolic link to "/etc/passwd"`},
		{name: "a symbolic link up", entries: []entry{{name: "d/l", link: "../../x", kind: tar.TypeSymlink}}, found: `a symbolic link to "../../x"`},
		{name: "a symbolic link down and up", entries: []entry{{name: "l", link: "a/../../x", kind: tar.TypeSymlink}}, found: `a symbolic link to "a/../../x"`},
		{name: "a symbolic link to nothing", entries: []entry{{name: "l", link: "", kind: tar.TypeSymlink}}, found: `a symbolic link to ""`},
		{name: "a symbolic link out by way of another", entries: []entry{
			{name: "d/e/up", link: "../..", kind: tar.TypeSymlink}, {name: "link", link: "d/e/up/../x", kind: tar.TypeSymlink},
		}, found: `a symbolic link to "d/e/up/../x"`},
		{name: "a file through a symbolic link", entries: []entry{
			{name: "d/"}, {name: "l", link: "d", kind: tar.TypeSymlink}, {name: "l/x", content: "x"},
		}, found: `a path through the symbolic link "l"`},
		{name: "a file through a symbolic link further up", entries: []entry{
			{name: "a/l", link: ".", kind: tar.TypeSymlink}, {name: "a/l/b/c/x", content: "x"},
		}, found: `a path through the symbolic link "a/l"`},
		{name: "a symbolic link through a symbolic link", entries: []entry{
			{name: "a/b/"}, {name: "l", link: "a/b", kind: tar.TypeSymlink}, {name: "l/m", link: "x", kind: tar.TypeSymlink},
		}, found: `a path through the symbolic link "l"`},

		{name: "a setuid program", entries: []entry{{name: "x", content: "x", mode: 0o4755}}, found: "a setuid or setgid program"},
		{name: "a device", entries: []entry{{name: "null", kind: tar.TypeChar}}, found: "a device"},
		{name: "a FIFO", entries: []entry{{name: "fifo", kind: tar.TypeFifo}}, found: "a named pipe"},

		{name: "a setgid program", entries: []entry{{name: "x", content: "x", mode: 0o2755}}, found: "a setuid or setgid program", tarOnly: true},
		{name: "a block device", entries: []entry{{name: "disk", kind: tar.TypeBlock}}, found: "a device", tarOnly: true},
		{name: "something unknown", entries: []entry{{name: "x", kind: 'Z'}}, found: "something of an unknown kind", tarOnly: true},
		{name: "a hard link out", entries: []entry{{name: "l", link: "../../canary", kind: tar.TypeLink}}, found: `a hard link to "../../canary"`, tarOnly: true},
		{name: "an absolute hard link", entries: []entry{{name: "l", link: "/etc/passwd", kind: tar.TypeLink}}, found: `a hard link to "/etc/passwd"`, tarOnly: true},
		{name: "a hard link to what is not there", entries: []entry{{name: "l", link: "later", kind: tar.TypeLink}}, found: `a hard link to "later"`, tarOnly: true},
		{name: "a hard link to a directory", entries: []entry{{name: "d/"}, {name: "l", link: "d", kind: tar.TypeLink}}, found: `a hard link to "d"`, tarOnly: true},
		{name: "a hard link to the root", entries: []entry{{name: "l", link: ".", kind: tar.TypeLink}}, found: `a hard link to "."`, tarOnly: true},
		{name: "a hard link through a symbolic link", entries: []entry{
			{name: "s", link: ".", kind: tar.TypeSymlink}, {name: "s/l", link: "good", kind: tar.TypeLink},
		}, found: `a path through the symbolic link "s"`, tarOnly: true},
	} {
		pack := map[string]func(...entry) []byte{"tar": tarOf, "zip": zipOf}
		for _, format := range []string{"tar", "zip"} {
			if format == "zip" && hostile.tarOnly {
				continue
			}
			it("refuses "+hostile.name+" in a "+format, func() {
				entries := append([]entry{good}, hostile.entries...)
				name, found := entryRefused(pack[format](entries...))
				Expect(name).To(Equal(entries[len(entries)-1].name))
				Expect(found).To(Equal(hostile.found))
			})
		}
	}

	for _, clash := range []struct {
		name    string
		entries []entry
		message string
	}{
		{"a file, then a file behind it", []entry{{name: "x", content: "x"}, {name: "x/y", content: "y"}}, "entry \"x/y\" of the archive: file exists"},
		{"a directory, then a file of its name", []entry{{name: "x/y", content: "y"}, {name: "x", content: "x"}}, "entry \"x\" of the archive: file exists"},
		{"a directory with a file in it, then a symbolic link of its name", []entry{{name: "x/y", content: "y"}, {name: "x", link: "y", kind: tar.TypeSymlink}}, "entry \"x\" of the archive: file exists"},
		{"a name too long for a file", []entry{{name: strings.Repeat("n", 300), content: "x"}}, "file name too long"},
	} {
		it("refuses "+clash.name, func() {
			Expect(refused(tarOf(clash.entries...))).To(MatchError(HaveSuffix(clash.message)))
			Expect(refused(zipOf(clash.entries...))).To(MatchError(HaveSuffix(clash.message)))
		})
	}

	it("refuses a name with a NUL byte in a zip", func() {
		name, found := entryRefused(zipOf(good, entry{name: "a\x00/../../b", content: "x"}))
		Expect(name).To(Equal("a\x00/../../b"))
		Expect(found).To(Equal("a name with a NUL byte"))
	})

	it("refuses paths that lead out also where their beginning is stripped", func() {
		for _, archive := range [][]byte{tarOf(entry{name: "../../x", content: "x"}), tarOf(entry{name: "a/l", link: "../x", kind: tar.TypeSymlink})} {
			Expect(s.installFile(archive, artifact.Artifact{Strip: 1})).To(MatchError(ContainSubstring("; expected ")))
		}
	})

	it("does not fill the screen with a name", func() {
		err := refused(tarOf(entry{name: "../" + strings.Repeat("x/", 1000) + "x", content: "x"}))
		Expect(len(err.Error())).To(BeNumerically("<", 600))
		err = refused(tarOf(entry{name: "l", link: "/" + strings.Repeat("x", 3000), kind: tar.TypeSymlink}))
		Expect(len(err.Error())).To(BeNumerically("<", 600))
	})

	it("refuses a name of 100,000 characters", func() {
		_, found := entryRefused(tarOf(entry{name: strings.Repeat("x", 100_000), content: "x"}))
		Expect(found).To(Equal("a path that is too long or too deep"))
		_, found = entryRefused(zipOf(entry{name: strings.Repeat("x", 60_000), content: "x"}))
		Expect(found).To(Equal("a path that is too long or too deep"))
	})

	it("refuses 10,000 directories in each other, by one entry or by many", func() {
		_, found := entryRefused(tarOf(entry{name: strings.Repeat("d/", 10_000) + "x", content: "x"}))
		Expect(found).To(Equal("a path that is too long or too deep"))

		var entries []entry
		for depth := 1; depth < 400; depth++ {
			entries = append(entries, entry{name: strings.Repeat("d/", depth)})
		}
		name, _ := entryRefused(tarOf(entries...))
		Expect(len(name)).To(BeNumerically("<", 2*300))
	})

	context("when an archive is too much", func() {
		it("ends at the limit of entries, soon and with little memory", func() {
			for _, many := range []struct {
				limit int
				write func(*tar.Writer, int) error
			}{
				{install.DefaultLimits.Entries, func(w *tar.Writer, _ int) error {
					return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./"})
				}},
				{2000, func(w *tar.Writer, i int) error { // fewer, for the time that files take
					return w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprint("f", i%50, "/", i)})
				}},
			} {
				s.installer.Limits.Entries = many.limit
				archive := filepath.Join(t.TempDir(), "archive")
				writeGzip(archive, func(w io.Writer) {
					archive := tar.NewWriter(w)
					for i := range many.limit * 3 / 2 {
						must(many.write(archive, i))
					}
					must(archive.Close())
				})
				content, err := os.ReadFile(archive)
				Expect(err).NotTo(HaveOccurred())
				peak := peakOf(func() {
					Expect(refused(content)).To(MatchError(HaveSuffix(fmt.Sprintf("found more than %d entries; expected fewer", many.limit))))
				})
				Expect(peak).To(BeNumerically("<", 64<<20))
			}
		})

		it("ends at the limit of entries that only change the reader", func() {
			s.installer.Limits.Entries = 100
			entries := make([]entry, 101)
			for i := range entries {
				entries[i] = entry{name: "global", content: "x", kind: tar.TypeXGlobalHeader}
			}
			Expect(refused(tarOf(entries...))).To(MatchError(HaveSuffix("found more than 100 entries; expected fewer")))
		})

		it("ends at the limit of entries of a zip", func() {
			s.installer.Limits.Entries = 100
			entries := make([]entry, 101)
			for i := range entries {
				entries[i] = entry{name: fmt.Sprint(i)}
			}
			name, found := entryRefused(zipOf(entries...))
			Expect(name).To(Equal("100"))
			Expect(found).To(Equal("more than 100 entries"))
		})

		for _, lie := range []struct {
			name string
			end  func(records int, size, at uint32) []byte
		}{
			{"that says so", func(records int, size, at uint32) []byte { return zipEnd(uint16(records), size, at, nil) }},
			{"that says that it is short", func(records int, _, at uint32) []byte { return zipEnd(uint16(records), 46, at, nil) }},
			{"that has another end in its comment", func(records int, size, at uint32) []byte {
				return zipEnd(uint16(records), size, at, []byte("PK\x05\x06"))
			}},
		} {
			it("does not make a list of many entries of a zip "+lie.name, func() {
				const records = 500_000
				var archive bytes.Buffer
				archive.Write(zipOf(good)[:64]) // begins like one
				at := uint32(archive.Len())
				record := make([]byte, 47)
				copy(record, "PK\x01\x02")
				record[28], record[46] = 1, 'x' // a name of one byte
				archive.Write(bytes.Repeat(record, records))
				archive.Write(lie.end(records, records*47, at))
				content := archive.Bytes()
				peak := peakOf(func() {
					Expect(refused(content)).To(MatchError(HaveSuffix("found a list of more than 1000 entries in the archive; expected fewer")))
				})
				Expect(peak).To(BeNumerically("<", 32<<20))
			})
		}

		it("does not believe a zip that claims millions and has one", func() {
			archive := zipOf(good)
			end := len(archive) - 22
			for _, at := range []int{8, 9, 10, 11} {
				archive[end+at] = 0xfe
			}
			Expect(refused(archive)).To(MatchError(ContainSubstring("failed to unpack: ")))
		})

		for _, bomb := range []struct {
			name string
			pack func() []byte
			what string
		}{
			{"a tar", func() []byte { return gzipOf(tarOf(entry{name: "zeros", content: strings.Repeat("\x00", 12<<20)})) }, "zeros"},
			{"a zip", func() []byte { return zipOf(entry{name: "zeros", content: strings.Repeat("\x00", 12<<20)}) }, "zeros"},
			{"a bare executable", func() []byte { return gzipOf(append([]byte("#!"), make([]byte, 12<<20)...)) }, "program"},
			{"many files", func() []byte {
				return gzipOf(tarOf(entry{name: "1", content: strings.Repeat("\x00", 6<<20)}, entry{name: "zeros", content: strings.Repeat("\x00", 6<<20)}))
			}, "zeros"},
		} {
			it("ends at the limit of bytes in "+bomb.name, func() {
				s.installer.Limits.Bytes = 8 << 20
				name, found := entryRefused(bomb.pack())
				Expect(name).To(Equal(bomb.what))
				Expect(found).To(Equal("more than 8 MB to unpack"))
			})
		}

		it("counts what was installed before, and nothing that was not", func() {
			s.installer.Limits.Bytes = 8 << 20
			archive := func(megabytes int) []byte {
				return gzipOf(tarOf(entry{name: "zeros", content: strings.Repeat("\x00", megabytes<<20), mode: 0o644}))
			}
			Expect(s.installFile(archive(5), artifact.Artifact{})).To(Succeed())
			s.before = list(t, s.base)
			s.directory = filepath.Join(s.base, "parent", "second")
			Expect(refused(archive(4))).To(MatchError(HaveSuffix(
				`entry "zeros" of the archive: found more than 8 MB to unpack; expected less, for all sidecars together: it has to fit into a staging container`)))
			Expect(s.installFile(archive(3), artifact.Artifact{})).To(Succeed())
		})

		it("unpacks one layer only", func() {
			inner := gzipOf(make([]byte, 20<<20))
			Expect(s.installFile(gzipOf(inner), artifact.Artifact{Name: "program"})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{"program -rwxr-xr-x " + sumOf(inner).String()}))
		})

		it("ends soon where there is a bomb behind the end of a tar", func() {
			s.installer.Limits.Bytes = 8 << 20
			Expect(s.installFile(append(gzipOf(tarOf(good)), gzipOf(make([]byte, 40<<20))...), artifact.Artifact{})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{`good -rwxr-xr-x "good"`}))
		})

		it("does not read a file that is longer than any archive may be", func() {
			s.installer.Limits.Bytes = 1 << 20
			Expect(refused(append(tarOf(good), make([]byte, 8<<20)...))).To(MatchError(HaveSuffix("found a file of 8 MB; expected at most 1 MB")))
		})

		it("ends at the limit of bytes in the holes of a sparse file", func() {
			source := t.TempDir()
			Expect(os.WriteFile(filepath.Join(source, "sparse"), nil, 0o600)).To(Succeed())
			Expect(os.Truncate(filepath.Join(source, "sparse"), 1<<30)).To(Succeed())
			for _, format := range []string{"gnu", "posix"} {
				name, _ := entryRefused(pipe(t, nil, "tar", "--sparse", "--format="+format, "-c", "-C", source, "sparse"))
				Expect(name).To(Equal("sparse"))
			}
		})

		it("refuses a zip with a size that is not true", func() {
			archive := zipOf(entry{name: "zeros", content: strings.Repeat("\x00", 1<<20)})
			list := bytes.LastIndex(archive, []byte("PK\x01\x02"))
			for _, size := range []uint32{0, 10, 1<<20 + 1, 1<<32 - 2} {
				binary.LittleEndian.PutUint32(archive[list+24:], size)
				Expect(refused(archive)).To(MatchError(ContainSubstring("zeros")))
			}
		})

		it("refuses a zstd file that asks for a window of 2 GB", func() {
			archive := pipe(t, append(tarOf(good), noise(1<<20)...), "zstd", "--long=31", "--single-thread")
			// The window is at 5: an exponent of 2 above 10, and a mantissa.
			Expect(archive[4]&0x20).To(BeZero(), "it has a window")
			archive[5] = (31 - 10) << 3
			peak := peakOf(func() {
				Expect(refused(archive)).To(MatchError(ContainSubstring("failed to unpack: window size exceeded")))
			})
			Expect(peak).To(BeNumerically("<", 64<<20))
		})

		it("refuses an xz file that asks for a dictionary of 4 GB", func() {
			archive := pipe(t, tarOf(good), "xz", "--check=crc32")
			// The block's header is at 12: its size, its flags, the filter, the size of
			// its properties, the dictionary, padding, a checksum.
			Expect(archive[14:16]).To(Equal([]byte{0x21, 1}))
			archive[16] = 40
			size := (int(archive[12]) + 1) * 4
			binary.LittleEndian.PutUint32(archive[12+size-4:], crc32.ChecksumIEEE(archive[12:12+size-4]))
			peak := peakOf(func() { Expect(refused(archive)).To(MatchError(ContainSubstring("failed to unpack: xz: "))) })
			Expect(peak).To(BeNumerically("<", 64<<20))
		})
	})

	context("when an archive is damaged", func() {
		files := []entry{{name: "d/"}, good, {name: "d/noise", content: string(noise(5000)), mode: 0o644}, {name: "l", link: "good", kind: tar.TypeSymlink}}
		for _, format := range []struct {
			name string
			pack func() []byte
		}{
			{"tar", func() []byte { return tarOf(files...) }},
			{"tar.gz", func() []byte { return gzipOf(tarOf(files...)) }},
			{"tar.xz", func() []byte { return pipe(t, tarOf(files...), "xz") }},
			{"tar.bz2", func() []byte { return pipe(t, tarOf(files...), "bzip2") }},
			{"tar.zst", func() []byte { return pipe(t, tarOf(files...), "zstd") }},
			{"zip", func() []byte { return zipOf(files...) }},
		} {
			it("does not install half a "+format.name, func() {
				archive := format.pack()
				for end := 0; end < len(archive)-1024; end += max(len(archive)/40, 1) {
					err := s.installFile(archive[:end], artifact.Artifact{}) // a tar may end between its entries
					if broken := format.name != "tar" || end > 2048 && end < 2048+5000; !broken && err == nil {
						s = newSite(t)
						continue
					}
					Expect(err).To(MatchError(HavePrefix("failed to install file:///")), fmt.Sprintf("the first %d of %d bytes", end, len(archive)))
				}
			})

			it("survives wrong bytes in a "+format.name, func() {
				archive := format.pack()
				for at := 0; at < len(archive); at += max(len(archive)/60, 1) {
					damaged := bytes.Clone(archive)
					damaged[at] ^= 0xff
					s = newSite(t)
					if s.installFile(damaged, artifact.Artifact{}) == nil {
						s.installed()
					}
				}
			})
		}

		it("says that a file is empty", func() {
			Expect(refused(nil)).To(MatchError(HaveSuffix("the file is empty")))
			Expect(refused(gzipOf(nil))).To(MatchError(HaveSuffix("the file is empty")))
		})

		it("says that there is no archive behind the magic", func() {
			for _, magic := range []string{"\x1f\x8b", "\xfd7zXZ\x00", "BZh", "BZh9", "\x28\xb5\x2f\xfd", "\x28\xb5\x2f\xfd\x00\x00\x00\x00", "PK\x03\x04", "PK\x05\x06", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"} {
				Expect(refused([]byte(magic))).To(MatchError(ContainSubstring("failed to unpack: ")))
			}
		})

		it("says that what is compressed is a zip", func() {
			Expect(refused(gzipOf(zipOf(good)))).To(MatchError(ContainSubstring("found a zip archive that is compressed once more; expected a tar archive in it, or the zip archive alone")))
		})
	})

}

// zipEnd is the record at the end of a zip.
func zipEnd(records uint16, size, at uint32, comment []byte) []byte {
	end := []byte("PK\x05\x06\x00\x00\x00\x00")
	end = binary.LittleEndian.AppendUint16(end, records)
	end = binary.LittleEndian.AppendUint16(end, records)
	end = binary.LittleEndian.AppendUint32(end, size)
	end = binary.LittleEndian.AppendUint32(end, at)
	end = binary.LittleEndian.AppendUint16(end, uint16(len(comment)))
	return append(end, comment...)
}

func writeGzip(path string, write func(io.Writer)) {
	file, err := os.Create(path)
	must(err)
	w, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
	must(err)
	write(w)
	must(w.Close())
	must(file.Close())
}

// peakOf is how much the heap grows at most while something runs, in bytes.
func peakOf(run func()) int64 {
	heap := func() int64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	runtime.GC()
	before, peak := heap(), int64(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		run()
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return max(peak, heap()-before)
		case <-tick.C:
			peak = max(peak, heap()-before)
		}
	}
}
