// Package published inspects a published file for an author who wants to install it: its checksum,
// its size, and its programs.
package published

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/executable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

// A File describes the file at a URI. Its JSON is stable.
type File struct {
	// URI is the requested URI, without user, password and query.
	URI    string `json:"uri"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes
	// Archive is true for an archive, and false for a bare program.
	Archive bool `json:"archive"`
	// Files is the number of files in an archive, and Unpacked their total size in bytes.
	Files    int   `json:"files"`
	Unpacked int64 `json:"unpacked"`
	// Directory is the top directory with everything else in an archive, which Automatic drops;
	// empty if there is none.
	Directory string `json:"directory,omitempty"`
	// Executables are programs, and other files that are marked as executable, sorted by path.
	Executables []Executable `json:"executables"`

	// Strip is how many leading parts of an archive's paths were dropped. Without them, nothing may
	// be left.
	Strip int `json:"-"`

	regular []string          // the paths of all regular files
	others  []Executable      // all other regular files
	links   map[string]string // the paths of symbolic links, and where they lead
}

// Automatic is the strip that drops the directory with all of an archive's files, if there is one.
const Automatic = -1

// Look downloads and unpacks a file as staging would, into a temporary directory, dropping the
// first strip parts of an archive's paths. An archive that staging would refuse is an error here,
// too.
func Look(ctx context.Context, installer *install.Installer, uri string, strip int) (file File, err error) {
	name, err := fileName(uri)
	if err != nil {
		return File{}, err
	}
	work, err := os.MkdirTemp("", "sidecar-checksum-*")
	if err != nil {
		return File{}, fmt.Errorf("failed to make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	local, err := os.Create(filepath.Join(work, "file"))
	if err != nil {
		return File{}, fmt.Errorf("failed to make a file: %w", err)
	}
	defer func() { err = errors.Join(err, local.Close()) }()
	downloaded, err := installer.Download(ctx, uri, local)
	if err != nil {
		return File{}, err
	}
	d := download{local, artifact.Artifact{URI: uri, Checksum: downloaded.SHA256, Name: name}, installer.Limits}
	if file, err = d.unpacked(ctx, filepath.Join(work, "content"), max(strip, 0)); err != nil {
		return File{}, err
	}
	if strip == Automatic && file.Directory != "" {
		directory := file.Directory
		if file, err = d.unpacked(ctx, filepath.Join(work, "stripped"), 1); err != nil {
			return File{}, err
		}
		file.Directory = directory
	}
	file.URI, file.SHA256, file.Size = install.Redact(uri), downloaded.SHA256, downloaded.Size
	return file, nil
}

// A download is a downloaded file.
type download struct {
	file   *os.File
	of     artifact.Artifact
	limits install.Limits
}

// unpacked unpacks a download into a new directory, and describes its content.
func (d download) unpacked(ctx context.Context, directory string, strip int) (File, error) {
	d.of.Strip = strip
	dropping := ""
	if strip > 0 {
		dropping = fmt.Sprintf(" with strip %d", strip)
	}
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return File{}, err
	}
	unpacker := &install.Installer{Limits: d.limits} // each counts what it unpacks
	if err := unpacker.Unpack(ctx, d.file, d.of, directory); err != nil {
		return File{}, fmt.Errorf("failed to unpack %s%s: %w", install.Redact(d.of.URI), dropping, err)
	}
	file := File{links: map[string]string{}}
	if err := file.describe(directory); err != nil {
		return File{}, fmt.Errorf("failed to inspect %s: %w", install.Redact(d.of.URI), err)
	}
	if file.Archive = !file.isBare(d.of.Name); file.Archive {
		file.Strip = strip
	}
	return file, nil
}

// Checksum downloads a file, and returns its SHA-256 in hexadecimal digits, without inspecting the
// file.
func Checksum(ctx context.Context, installer *install.Installer, uri string) (string, error) {
	downloaded, err := installer.Download(ctx, uri, io.Discard)
	return downloaded.SHA256, err
}

// fileName returns the last part of a URI's path, which becomes the name of a bare program.
func fileName(uri string) (string, error) {
	parsed, err := url.Parse(uri)
	if err != nil {
		return "", errors.New("found a URI that cannot be read; expected http, https or file, with a path")
	}
	name := path.Base(parsed.Path)
	if name == "." || name == "/" || name == ".." {
		return "", fmt.Errorf("found the URI %s without a path; expected that of a file", install.Redact(uri))
	}
	return name, nil
}

// isBare reports whether this is a bare program, which unpacks to the only file of this name.
func (f *File) isBare(name string) bool {
	return len(f.regular) == 1 && f.regular[0] == name
}

// Has reports whether there is a file with this path, if necessary through links. A bare program
// has each name without a slash: staging calls it so.
func (f *File) Has(name string) bool {
	name = path.Clean(name)
	if !f.Archive {
		return !strings.Contains(name, "/")
	}
	return slices.Contains(f.regular, f.resolve(name))
}

// HasDirectory reports whether there is a directory with this path and files in it.
func (f *File) HasDirectory(name string) bool {
	below := f.resolve(path.Clean(name)) + "/"
	return slices.ContainsFunc(f.regular, func(file string) bool { return strings.HasPrefix(file, below) })
}

// Program returns the file with this path, by the rules of Has; false if there is none.
func (f *File) Program(name string) (Executable, bool) {
	if !f.Has(name) {
		return Executable{}, false
	}
	for _, e := range slices.Concat(f.Executables, f.others) {
		if !f.Archive || e.Path == f.resolve(path.Clean(name)) {
			return e, true
		}
	}
	return Executable{}, false
}

// IsPage reports whether this is an HTML page, such as a login, that a server sends instead of the
// file.
func (f *File) IsPage() bool {
	e, ok := f.Program("page")
	return ok && !f.Archive && e.Kind == executable.Page
}

// Paths returns the sorted paths of all regular files.
func (f *File) Paths() []string { return slices.Clone(f.regular) }
