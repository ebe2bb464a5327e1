// Package executable finds out from a file's content whether Linux can run it, and what it is if
// not.
package executable

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// headSize is how much of a file is read, in bytes, in addition to the parts that its ELF header
// points to.
const headSize = 4 << 10

// Inspect reads the parts that it needs of a file's content. arch is Go's name of the architecture,
// such as amd64. The error is an *Error if the file cannot be run.
func Inspect(content io.ReaderAt, arch string) (Info, error) {
	head := make([]byte, headSize)
	n, err := content.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return Info{}, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return inspectELF(content, head, arch)
	case bytes.HasPrefix(head, []byte("#!")):
		return inspectScript(head)
	default:
		return Info{}, other(head)
	}
}

// Page is the Found of an Error if a server has sent a page instead of the file.
const Page = "a page of HTML, as of a login or an error"

const wantUnpack = "the program that is in it"

// magics are the first bytes of files that are not programs for Linux.
var magics = []struct {
	magic string
	Error
}{
	{"\xfe\xed\xfa\xce", Error{Found: "a program for macOS", Want: wantProgram}},
	{"\xfe\xed\xfa\xcf", Error{Found: "a program for macOS", Want: wantProgram}},
	{"\xce\xfa\xed\xfe", Error{Found: "a program for macOS", Want: wantProgram}},
	{"\xcf\xfa\xed\xfe", Error{Found: "a program for macOS", Want: wantProgram}},
	{"MZ", Error{Found: "a program for Windows", Want: wantProgram}},
	{"\x00asm", Error{Found: "a WebAssembly module", Want: wantProgram}},
	{"PK\x03\x04", Error{Found: "a zip archive or a jar", Want: "the program that is in it, or for a jar a command such as java -jar"}},
	{"\x1f\x8b", Error{Found: "a file compressed with gzip", Want: wantUnpack}},
	{"\xfd7zXZ\x00", Error{Found: "a file compressed with xz", Want: wantUnpack}},
	{"BZh", Error{Found: "a file compressed with bzip2", Want: wantUnpack}},
	{"\x28\xb5\x2f\xfd", Error{Found: "a file compressed with zstd", Want: wantUnpack}},
	{"7z\xbc\xaf\x27\x1c", Error{Found: "a 7z archive", Want: wantUnpack}},
	{"!<arch>\ndebian-binary", Error{Found: "a Debian package", Want: wantUnpack}},
	{"\xed\xab\xee\xdb", Error{Found: "an RPM package", Want: wantUnpack}},
	{"!<arch>\n", Error{Found: "a library for linking", Want: wantProgram}},
	{"version https://git-lfs.github.com/", Error{Found: "a pointer of Git LFS", Want: "the file itself: run git lfs pull"}},
	{"\xef\xbb\xbf#!", Error{Found: "a script with a byte order mark in front of its #!", Want: "the file without its first three bytes: save it as UTF-8 without BOM"}},
	{"\xff\xfe", Error{Found: "text in UTF-16", Want: "a script in UTF-8"}},
	{"\xfe\xff", Error{Found: "text in UTF-16", Want: "a script in UTF-8"}},
}

// other describes a file that is neither an ELF file nor a script.
func other(head []byte) error {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return &m.Error
		}
	}
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	isMarkup := func(beginning string) bool { return bytes.HasPrefix(text, []byte(beginning)) }
	switch {
	case len(head) == 0:
		return &Error{Found: "an empty file", Want: wantProgram}
	case bytes.HasPrefix(head, []byte("\xca\xfe\xba\xbe")):
		return universal(head)
	case isMarkup("<!doctype html"), isMarkup("<html"), isMarkup("<head"), isMarkup("<body"):
		return &Error{Found: Page, Want: wantProgram}
	case isMarkup("<?xml"), isMarkup("<!doctype"):
		return &Error{Found: "a document of XML", Want: wantProgram}
	case isText(head):
		return &Error{Found: "text without #! and an interpreter in its first line", Want: "a first line such as #!/bin/sh", Uncertain: true}
	default:
		return &Error{Found: "data of an unknown kind", Want: wantProgram, Uncertain: true}
	}
}

// universal distinguishes a macOS program for several processors from a Java class, which begins
// with the same bytes: the next number is a small number of programs in one, and a version of at
// least 45 in the other.
func universal(head []byte) error {
	const countEnd, firstClassVersion = 8, 45
	if len(head) >= countEnd && head[countEnd-1] >= firstClassVersion {
		return &Error{Found: "a class of Java", Want: "a command such as java -cp"}
	}
	return &Error{Found: "a program for macOS", Want: wantProgram}
}

// isText reports whether this is text. Its last character may be incomplete.
func isText(head []byte) bool {
	for len(head) > 0 {
		char, size := utf8.DecodeRune(head)
		switch {
		case char == utf8.RuneError && size == 1 && len(head) >= utf8.UTFMax:
			return false
		case char < ' ' && char != '\t' && char != '\n' && char != '\r' && char != '\f' && char != '\x1b':
			return false
		}
		head = head[size:]
	}
	return true
}
