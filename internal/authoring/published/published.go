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
	// Directory is the top directory with everything else in an archive; empty if there is none.
	Directory string `json:"directory,omitempty"`
	// Executables are programs, and other files that are marked as executable, sorted by path.
	Executables []Executable `json:"executables"`

	regular []string     // the paths of all regular files
	others  []Executable // all other regular files
}

// Look downloads and unpacks a file as staging would, into a temporary directory. An archive that
// staging would refuse is an error here, too.
func Look(ctx context.Context, installer *install.Installer, uri string) (file File, err error) {
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
	content := filepath.Join(work, "content")
	if err := unpack(ctx, installer, local, artifact.Artifact{URI: uri, Checksum: downloaded.SHA256, Name: name}, content); err != nil {
		return File{}, fmt.Errorf("failed to unpack %s: %w", install.Redact(uri), err)
	}
	file = File{URI: install.Redact(uri), SHA256: downloaded.SHA256, Size: downloaded.Size}
	if err := file.describe(content); err != nil {
		return File{}, fmt.Errorf("failed to inspect %s: %w", install.Redact(uri), err)
	}
	file.Archive = !file.isBare(name)
	return file, nil
}

// unpack unpacks a downloaded file.
func unpack(ctx context.Context, installer *install.Installer, file *os.File, downloaded artifact.Artifact, directory string) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return installer.Unpack(ctx, file, downloaded, directory)
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

// Has reports whether there is a program with this path after dropping strip leading parts of each
// path. A bare program has every path.
func (f *File) Has(program string, strip int) bool {
	if !f.Archive {
		return true
	}
	for _, name := range f.regular {
		if Stripped(name, strip) == path.Clean(program) {
			return true
		}
	}
	return false
}

// Program returns the program with this path, by the rules of Has; false if there is none.
func (f *File) Program(program string, strip int) (Executable, bool) {
	for _, e := range slices.Concat(f.Executables, f.others) {
		if !f.Archive || Stripped(e.Path, strip) == path.Clean(program) {
			return e, true
		}
	}
	return Executable{}, false
}

// IsPage reports whether this is an HTML page, such as a login, that a server sends instead of the
// file.
func (f *File) IsPage() bool {
	e, ok := f.Program("", 0)
	return ok && !f.Archive && e.Kind == executable.Page
}

// Paths returns the sorted paths of all regular files.
func (f *File) Paths() []string { return slices.Clone(f.regular) }

// Stripped returns a path without its leading parts, or "".
func Stripped(name string, strip int) string {
	for range strip {
		_, name, _ = strings.Cut(name, "/")
	}
	return name
}
