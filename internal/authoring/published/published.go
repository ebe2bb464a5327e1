// Package published inspects a published file for an author who wants to install it: its
// checksum, its size, and the programs in it.
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

// A File is what was found at a URI. Its JSON is part of a stable form.
type File struct {
	// URI is the requested one, without user, password and query.
	URI    string `json:"uri"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes
	// Archive tells an archive from a bare program.
	Archive bool `json:"archive"`
	// Files is how many files it has, and Unpacked what they come to, in bytes.
	Files    int   `json:"files"`
	Unpacked int64 `json:"unpacked"`
	// Directory is the one in which all of an archive is, at its top; empty if there is none.
	Directory string `json:"directory,omitempty"`
	// Executables are what can be run, and what is marked as such, in the order of their paths.
	Executables []Executable `json:"executables"`

	regular []string     // the paths of all regular files
	others  []Executable // what all the other regular files are
}

// Look fetches and unpacks a file as staging would, to a directory that is removed again. An
// archive that staging would refuse is an error here, too.
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

// unpack unpacks a file that has been written.
func unpack(ctx context.Context, installer *install.Installer, file *os.File, downloaded artifact.Artifact, directory string) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return installer.Unpack(ctx, file, downloaded, directory)
}

// Checksum fetches a file, looks at nothing of it, and returns its SHA-256 as hexadecimal digits.
func Checksum(ctx context.Context, installer *install.Installer, uri string) (string, error) {
	downloaded, err := installer.Download(ctx, uri, io.Discard)
	return downloaded.SHA256, err
}

// fileName is the last part of a URI's path, which a bare program gets as its name.
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

// isBare tells a bare program, which is unpacked to the one file with its name.
func (f *File) isBare(name string) bool {
	return len(f.regular) == 1 && f.regular[0] == name
}

// Has tells whether a program of this path is there, when strip leading parts of each path are
// dropped. A bare program has every name.
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

// Program is what the program of this path is, by the rules of Has. It is false if it is not known.
func (f *File) Program(program string, strip int) (Executable, bool) {
	for _, e := range slices.Concat(f.Executables, f.others) {
		if !f.Archive || Stripped(e.Path, strip) == path.Clean(program) {
			return e, true
		}
	}
	return Executable{}, false
}

// IsPage tells a page of HTML, such as a login, that a server sends instead of the file.
func (f *File) IsPage() bool {
	e, ok := f.Program("", 0)
	return ok && !f.Archive && e.Kind == executable.Page
}

// Paths are those of all regular files, in their order.
func (f *File) Paths() []string { return slices.Clone(f.regular) }

// Stripped is a path without its leading parts, or empty.
func Stripped(name string, strip int) string {
	for range strip {
		_, name, _ = strings.Cut(name, "/")
	}
	return name
}
