// Package artifact describes the files that the buildpack installs, from what a sidecar or
// manifest.yml states of one to where its content goes.
package artifact

// An Artifact is one file that was published to be installed: an archive (tar, alone or
// compressed with gzip, xz, bzip2 or zstd, or zip) or a bare executable, which may be
// compressed, too. Its content tells which of these it is; a zip archive that begins with
// an executable, and runs as itself, is an archive if its URI ends in .zip.
type Artifact struct {
	// URI is where it was published: http, https or file.
	URI string
	// File is where a cached buildpack has a copy, relative to its root; empty if it has none.
	File string
	// Checksum is that of the file, and not of what is in it: the hexadecimal digits of its
	// SHA-256, or any other form that install.ParseChecksum reads.
	Checksum string
	// Strip is how many leading parts of each path in an archive are dropped, as
	// tar's --strip-components does.
	Strip int
	// Name is the file name that a bare executable gets.
	Name string
}
