package install_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

// testCompare unpacks archives with the programs tar and unzip, too. The installer
// must unpack the same as these, or say why it does not.
func testCompare(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *site
	)

	it.Before(func() { s = newSite(t) })

	tool := entry{name: "bin/tool", content: "#!/bin/sh\n", mode: 0o755}
	text := entry{name: "bin/text", content: strings.Repeat("text ", 5000), mode: 0o644}
	symlink := func(name, target string) entry {
		return entry{name: name, link: target, kind: tar.TypeSymlink, mode: 0o777}
	}
	hardlink := func(name, target string) entry {
		return entry{name: name, link: target, kind: tar.TypeLink, mode: 0o755}
	}
	file := func(name, content string) entry { return entry{name: name, content: content, mode: 0o755} }

	for _, archive := range []struct {
		name    string
		pack    func() []byte
		refused string // why; empty: it is unpacked
	}{
		{"bytes behind the gzip stream", func() []byte { return append(gzipOf(tarOf(tool, text)), "a signature\n"...) }, ""},
		{"one byte behind the gzip stream", func() []byte { return append(gzipOf(tarOf(tool, text)), '\n') }, ""},
		{"zeros behind the gzip stream", func() []byte { return append(gzipOf(tarOf(tool, text)), make([]byte, 1000)...) }, ""},
		{"bytes behind the gzip stream of a tar without an end", func() []byte { return append(gzipOf(tarOf(tool)[:1024]), "a signature\n"...) }, ""},
		{"bytes behind the bzip2 stream", func() []byte { return append(pipe(t, tarOf(tool, text), "bzip2"), "a signature\n"...) }, ""},
		{"one byte behind the bzip2 stream", func() []byte { return append(pipe(t, tarOf(tool, text), "bzip2"), '\n') }, ""},
		{"padding behind the xz stream", func() []byte { return append(pipe(t, tarOf(tool, text), "xz"), make([]byte, 64)...) }, ""},
		{"padding between xz streams", func() []byte {
			all := tarOf(tool, text)
			first := append(pipe(t, all[:700], "xz"), make([]byte, 8)...)
			return append(first, pipe(t, all[700:], "xz")...)
		}, ""},
		{"bytes behind the xz stream", func() []byte { return append(pipe(t, tarOf(tool, text), "xz"), "a signature\n"...) }, ""},
		{"bytes behind the zstd frame", func() []byte { return append(pipe(t, tarOf(tool, text), "zstd"), "a signature\n"...) }, ""},
		{"gzip members", func() []byte {
			all := tarOf(tool, text)
			return append(append(gzipOf(all[:700]), gzipOf(nil)...), gzipOf(all[700:])...)
		}, ""},
		{"zstd frames with one to skip between", func() []byte {
			all := tarOf(tool, text)
			skipped := append(pipe(t, all[:700], "zstd"), "\x50\x2a\x4d\x18\x03\x00\x00\x00abc"...)
			return append(skipped, pipe(t, all[700:], "zstd")...)
		}, ""},
		{"zstd with the largest window", func() []byte { return pipe(t, tarOf(tool, text), "zstd", "--ultra", "-22", "--long=27") }, ""},
		{"a second archive behind the end", func() []byte { return append(tarOf(tool), tarOf(text)...) }, ""},
		{"a tar without an end", func() []byte { return tarOf(tool, text)[:3*512+(25000+511)/512*512] }, ""},
		{"GNU's label and incremental directories", func() []byte {
			source := t.TempDir()
			must(os.MkdirAll(filepath.Join(source, "bin"), 0o755))
			must(os.WriteFile(filepath.Join(source, "bin", "tool"), []byte("x"), 0o755))
			snapshot := filepath.Join(t.TempDir(), "snapshot")
			return pipe(t, nil, "tar", "-c", "--label=release", "--listed-incremental="+snapshot, "-C", source, "bin")
		}, ""},
		{"checksums of signed bytes", func() []byte { return signedChecksum(tarOf(file("größe", "x"))) }, ""},
		{"names and sizes in pax records", func() []byte {
			return tarOf(file(strings.Repeat("lang/", 30)+strings.Repeat("n", 120), "x"), symlink("l", strings.Repeat("weit/", 40)+"weg"))
		}, ""},

		{"a file twice", func() []byte { return tarOf(file("x", "first"), file("x", "last")) }, ""},
		{"a symbolic link in the place of a file", func() []byte { return tarOf(tool, file("x", "x"), symlink("x", "bin/tool")) }, ""},
		{"a symbolic link in the place of another", func() []byte { return tarOf(tool, symlink("x", "none"), symlink("x", "bin/tool")) }, ""},
		{"a symbolic link in the place of an empty directory", func() []byte { return tarOf(tool, entry{name: "x/", mode: 0o755}, symlink("x", "bin/tool")) }, ""},
		{"a hard link in the place of a file", func() []byte { return tarOf(tool, file("x", "x"), hardlink("x", "bin/tool")) }, ""},
		{"a hard link in the place of a symbolic link", func() []byte { return tarOf(tool, symlink("x", "bin"), hardlink("x", "bin/tool")) }, ""},
		{"a hard link twice", func() []byte { return tarOf(tool, hardlink("x", "bin/tool"), hardlink("x", "bin/tool")) }, ""},
		{"a hard link to itself", func() []byte { return tarOf(tool, hardlink("bin/tool", "bin/tool")) }, ""},
		{"a hard link to a symbolic link", func() []byte { return tarOf(tool, symlink("x", "bin/tool"), hardlink("y", "x")) }, ""},
		{"a file in the place of a symbolic link", func() []byte { return tarOf(tool, symlink("x", "bin/tool"), file("x", "new")) }, ""},
		{"a file in the place of an empty directory, and one below it", func() []byte {
			return tarOf(entry{name: "x/", mode: 0o755}, file("x", "new"), entry{name: "x/", mode: 0o755}, file("x/y", "y"))
		}, ""},
		{"a directory in the place of a symbolic link", func() []byte { return tarOf(tool, symlink("x", "bin"), entry{name: "x/", mode: 0o755}) }, ""},
		{"a directory in the place of a file", func() []byte { return tarOf(file("x", "x"), entry{name: "x/", mode: 0o755}) }, ""},
		{"a contiguous file", func() []byte { return tarOf(tool, entry{name: "x", kind: tar.TypeCont, mode: 0o755}) }, ""},

		{"a path through a symbolic link", func() []byte { return tarOf(tool, symlink("x", "bin"), file("x/y", "y")) }, `entry "x/y" of the archive: found a path through the symbolic link "x"; expected a path of directories`},
		{"an absolute path", func() []byte { return tarOf(tool, file("/x", "x")) }, `entry "/x" of the archive: found an absolute path; expected a path below the archive's root`},
		{"lzma", func() []byte { return pipe(t, tarOf(tool, text), "xz", "--format=lzma") }, "found a file compressed with lzma; expected a tar archive, alone or compressed with gzip, xz, bzip2 or zstd, a zip archive, or the program itself"},
	} {
		it("unpacks or refuses as tar does: "+archive.name, func() {
			compare(t, s, "archive.tar", archive.pack(), archive.refused, func(path, into string) *exec.Cmd {
				return exec.Command("tar", "--warning=none", "-xf", path, "-C", into)
			})
		})
	}

	// written is an archive that the program zip has written.
	written := func(options ...string) func() []byte {
		return func() []byte {
			source, archive := t.TempDir(), filepath.Join(t.TempDir(), "archive.zip")
			must(os.MkdirAll(filepath.Join(source, "bin"), 0o755))
			must(os.WriteFile(filepath.Join(source, "bin", "tool"), []byte(strings.Repeat("#!/bin/sh\n", 1000)), 0o755))
			command := exec.Command("zip", append(options, "-qr", archive, "bin")...)
			command.Dir = source
			output, err := command.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			content, err := os.ReadFile(archive)
			Expect(err).NotTo(HaveOccurred())
			return content
		}
	}
	for _, archive := range []struct {
		name    string
		pack    func() []byte
		refused string
	}{
		{"backslashes, from Windows", func() []byte {
			return zipWith(zip.FileHeader{Name: `agent-1.0\`}, zip.FileHeader{Name: `agent-1.0\bin\agent`}, zip.FileHeader{Name: `agent-1.0\empty\`})
		}, ""},
		{"backslashes and slashes, from Windows", func() []byte { return zipWith(zip.FileHeader{Name: `a\b/c`}, zip.FileHeader{Name: `a\b`}) }, ""},
		{"backslashes, from Unix", func() []byte { return zipWith(zip.FileHeader{Name: `a\b`, CreatorVersion: 3 << 8}) }, ""},
		{"a way up with backslashes", func() []byte { return zipWith(zip.FileHeader{Name: `a\..\..\b`}) }, `entry "a/../../b" of the archive: found a path that leads out of the archive; expected a path below the archive's root`},
		{"an absolute path with a backslash", func() []byte { return zipWith(zip.FileHeader{Name: `\b`}) }, `entry "/b" of the archive: found an absolute path; expected a path below the archive's root`},
		{"sizes behind the content", written("-fd"), ""},
		{"64-bit sizes", written("-fz"), ""},
		{"stored, not compressed", written("-0"), ""},
		{"bzip2", written("-Z", "bzip2"), ""},
		{"a password", written("--password", "x"), `entry "bin/tool" of the archive: found an encrypted file; expected an archive without a password`},
		{"a method that is unknown", func() []byte {
			packed := zipOf(tool)
			binary.LittleEndian.PutUint16(packed[8:], 9)
			binary.LittleEndian.PutUint16(packed[bytes.LastIndex(packed, []byte("PK\x01\x02"))+10:], 9)
			return packed
		}, `entry "bin/tool" of the archive: found a file compressed by the method Deflate64; expected deflate, as zip programs take by default, bzip2, xz or zstd`},
		{"a program in front of it", func() []byte { return append([]byte("#!/bin/sh\nexec unzip \"$0\"\n"), zipOf(tool, text)...) }, ""},
		{"a mark for splitting in front of it", func() []byte { return append([]byte("PK\x07\x08"), zipOf(tool, text)...) }, ""},
		{"a mark that it is not split in front of it", func() []byte { return append([]byte("PK00"), zipOf(tool, text)...) }, ""},
		{"a comment", func() []byte {
			packed := append(zipOf(tool, text), "a comment"...)
			binary.LittleEndian.PutUint16(packed[len(packed)-len("a comment")-2:], uint16(len("a comment")))
			return packed
		}, ""},
		{"bytes behind the end", func() []byte { return append(zipOf(tool, text), "a signature\n"...) }, ""},
		{"a file twice", func() []byte { return zipOf(file("x", "first"), file("x", "last")) }, ""},
		{"a symbolic link", func() []byte { return zipOf(tool, symlink("x", "bin/tool")) }, ""},
	} {
		it("unpacks or refuses as unzip does: "+archive.name, func() {
			compare(t, s, "archive.zip", archive.pack(), archive.refused, func(path, into string) *exec.Cmd {
				return exec.Command("unzip", "-o", "-q", "-P", "x", path, "-d", into)
			})
		})
	}

	it("unpacks a zip archive with what newer programs compress with", func() {
		for method, program := range map[uint16]string{93: "zstd", 95: "xz"} {
			s = newSite(t)
			content := []byte(strings.Repeat("#!/bin/sh\n", 1000))
			var archive bytes.Buffer
			w := zip.NewWriter(&archive)
			packed := pipe(t, content, program)
			f, err := w.CreateRaw(&zip.FileHeader{Name: "tool", Method: method, CRC32: crc32.ChecksumIEEE(content), UncompressedSize64: uint64(len(content)), CompressedSize64: uint64(len(packed))})
			must(err)
			_, err = f.Write(packed)
			must(errors.Join(err, w.Close()))
			Expect(s.installFile(archive.Bytes(), artifact.Artifact{})).To(Succeed())
			Expect(s.installed()).To(ConsistOf(HaveSuffix(sumOf(content).String())))
		}
	})

	it("says what is damaged in a file of a zip archive that newer programs have compressed", func() {
		var archive bytes.Buffer
		w := zip.NewWriter(&archive)
		for method, name := range map[uint16]string{12: "bzip2", 93: "zstd", 95: "xz"} {
			f, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: method, CRC32: 1, UncompressedSize64: 7, CompressedSize64: 7})
			must(err)
			_, err = io.WriteString(f, "garbage")
			must(err)
		}
		must(w.Close())
		Expect(s.installFile(archive.Bytes(), artifact.Artifact{})).To(MatchError(MatchRegexp(`entry "(bzip2|zstd|xz)" of the archive: `)))
	})

	it("leaves a program alone that has a zip archive behind it, unless its name says that it is one", func() {
		program := append([]byte("#!/usr/bin/env python3\n"), zipOf(tool)...)
		Expect(s.installFile(program, artifact.Artifact{Name: "tool"})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{"tool -rwxr-xr-x " + sumOf(program).String()}))
	})

	it("unpacks a bare executable that something follows", func() {
		program := noise(100_000)
		for _, packed := range [][]byte{gzipOf(program), pipe(t, program, "xz"), pipe(t, program, "bzip2"), pipe(t, program, "zstd")} {
			s = newSite(t)
			Expect(s.installFile(append(packed, "a signature\n"...), artifact.Artifact{Name: "tool"})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{"tool -rwxr-xr-x " + sumOf(program).String()}))
		}
	})

	context("formats that are not unpacked", func() {
		for _, format := range []struct{ head, found string }{
			{"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n", "a Debian package"},
			{"\xed\xab\xee\xdb\x03\x00\x00\x00", "an RPM package"},
			{"!<arch>\nx.o/            0           0     0     100644  4         `\n", "an ar archive"},
			{"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive"},
			{"Rar!\x1a\x07\x01\x00", "a RAR archive"},
			{"MSCF\x00\x00\x00\x00", "a cabinet file of Windows"},
			{"070701000000", "a cpio archive"},
			{"\x1f\x9d\x90", "a file compressed with compress (.Z)"},
			{"\x04\x22\x4d\x18\x64\x40", "a file compressed with lz4"},
			{"LZIP\x01", "a file compressed with lzip"},
		} {
			it("refuses "+format.found+", alone and compressed", func() {
				for _, content := range [][]byte{[]byte(format.head), gzipOf([]byte(format.head))} {
					err := s.installFile(content, artifact.Artifact{Name: "tool"})
					var refused *install.FormatError
					Expect(errors.As(err, &refused)).To(BeTrue(), "%v", err)
					Expect(refused.Found).To(Equal(format.found))
					Expect(err).To(MatchError(ContainSubstring("/artifact: found " + format.found + "; expected ")))
					Expect(refused.Want).To(ContainSubstring("the program itself"))
				}
			})
		}
	})
}

// compare unpacks an archive by a program and by the installer. The archive has the
// ending of a name by which the installer may know it.
func compare(t *testing.T, s *site, name string, archive []byte, refused string, program func(path, into string) *exec.Cmd) {
	t.Helper()
	Expect := NewWithT(t).Expect
	source, theirs := filepath.Join(t.TempDir(), name), t.TempDir()
	Expect(os.WriteFile(source, archive, 0o600)).To(Succeed())
	output, _ := program(source, theirs).CombinedOutput() // the status also tells of warnings
	err := s.install(t.Context(), artifact.Artifact{URI: "file://" + source, Checksum: sumOf(archive).String(), Name: "tool"})
	if refused != "" {
		Expect(err).To(MatchError("failed to install file://" + source + ": " + refused))
		return
	}
	Expect(err).NotTo(HaveOccurred())
	// An archive that states no modes is unpacked with none, where only root can look.
	opened, err := exec.Command("chmod", "-R", "u+rwX", theirs).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(opened))
	expected := modeless(list(t, theirs))
	Expect(expected).NotTo(BeEmpty(), string(output))
	Expect(modeless(s.installed())).To(Equal(expected))
}

// modeless leaves out the modes of what list has found, but the type.
func modeless(lines []string) []string {
	mode := regexp.MustCompile(` ([-d])[-a-zA-Z]{9}`)
	for i := range lines {
		lines[i] = mode.ReplaceAllString(lines[i], " $1")
	}
	return lines
}

// zipWith makes a zip archive whose entries have their names and creators written as
// they are.
func zipWith(headers ...zip.FileHeader) []byte {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, header := range headers {
		f, err := w.CreateRaw(&header)
		must(err)
		_, err = f.Write(nil)
		must(err)
	}
	must(w.Close())
	return archive.Bytes()
}

// signedChecksum writes the first header's checksum as the programs do that take
// bytes for signed numbers.
func signedChecksum(archive []byte) []byte {
	copy(archive[148:156], "        ")
	var sum int
	for _, b := range archive[:512] {
		sum += int(int8(b))
	}
	copy(archive[148:156], []byte(octal(sum)+"\x00 "))
	return archive
}

func octal(n int) string {
	digits := []byte("000000")
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%8)
		n /= 8
	}
	return string(digits)
}
