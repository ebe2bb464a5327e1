package install

import (
	"bytes"
	"fmt"
)

// A FormatError says that a file has a format that is not supported.
type FormatError struct {
	Found string // for example "a 7z archive"
	Want  string
}

func (e *FormatError) Error() string { return fmt.Sprintf("found %s; expected %s", e.Found, e.Want) }

const (
	wantArchive = "a tar archive, alone or compressed with gzip, xz, bzip2 or zstd, a zip archive, or the program itself"
	wantContent = "the program itself, or a tar or zip archive with it: a package is installed by a package manager, which a container has not; "
)

// packed lists formats that no program has and that are not unpacked here, by their first bytes.
var packed = []struct {
	magic string
	FormatError
}{
	{"!<arch>\ndebian-binary", FormatError{"a Debian package", wantContent + "unpack it with dpkg-deb --extract, and pack what is needed of it"}},
	{"\xed\xab\xee\xdb", FormatError{"an RPM package", wantContent + "unpack it with rpm2cpio and cpio, and pack what is needed of it"}},
	{"!<arch>\n", FormatError{"an ar archive", wantArchive}},
	{"7z\xbc\xaf\x27\x1c", FormatError{"a 7z archive", wantArchive}},
	{"Rar!\x1a\x07", FormatError{"a RAR archive", wantArchive}},
	{"MSCF\x00\x00\x00\x00", FormatError{"a cabinet file of Windows", wantArchive}},
	{"xar!\x00", FormatError{"an installer package of macOS", wantArchive}},
	{"070701", FormatError{"a cpio archive", wantArchive}},
	{"070702", FormatError{"a cpio archive", wantArchive}},
	{"070707", FormatError{"a cpio archive", wantArchive}},
	{"\xc7\x71", FormatError{"a cpio archive", wantArchive}},
	{"LZIP", FormatError{"a file compressed with lzip", wantArchive}},
	{"\x04\x22\x4d\x18", FormatError{"a file compressed with lz4", wantArchive}},
	{"\x1f\x9d", FormatError{"a file compressed with compress (.Z)", wantArchive}},
	{"\x5d\x00\x00", FormatError{"a file compressed with lzma", wantArchive}},
	{"\x89LZO\x00\r\n\x1a\n", FormatError{"a file compressed with lzop", wantArchive}},
}

// checkFormat rejects files that cannot be programs, and would have to be unpacked.
func checkFormat(head []byte) error {
	for _, p := range packed {
		if bytes.HasPrefix(head, []byte(p.magic)) {
			return &p.FormatError
		}
	}
	return nil
}
