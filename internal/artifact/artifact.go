// Package artifact describes the files that the buildpack installs.
package artifact

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// An Artifact is a published file: an archive (tar, plain or compressed with gzip, xz, bzip2 or
// zstd, or zip) or a bare executable, which may be compressed, too. The content determines which of
// these it is; a zip archive that begins with an executable, and can run itself, is an archive if
// its URI ends with .zip. A Java archive stays one file: see JavaExtension.
type Artifact struct {
	// URI is the published address: http, https or file.
	URI string
	// File is the path of a cached buildpack's copy, relative to its root; empty if it has none.
	File string
	// Checksum is that of the file, not of its content: the hexadecimal digits of its SHA-256, or
	// another form that install.ParseChecksum reads.
	Checksum string
	// Strip is how many leading parts of each path in an archive to drop, like tar's
	// --strip-components.
	Strip int
	// Name is the file name of an installed bare executable, or of a Java archive.
	Name string
}

// JavaExtension returns the extension of a URI whose file is a Java archive: .jar or .war. Java loads
// these zip archives as they are, so they are not unpacked. It is empty for every other URI.
func (a Artifact) JavaExtension() string {
	parsed, err := url.Parse(a.URI)
	if err != nil {
		return ""
	}
	if extension := strings.ToLower(path.Ext(parsed.Path)); slices.Contains([]string{".jar", ".war"}, extension) {
		return extension
	}
	return ""
}
