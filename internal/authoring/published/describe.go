package published

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/executable"
)

// An Executable is a program in an archive.
type Executable struct {
	Path string `json:"path"`
	// Kind describes it, such as "a program for linux/amd64".
	Kind string `json:"kind"`
	// Problem says why a container cannot run it; empty if it can.
	Problem string `json:"problem,omitempty"`
}

// Architecture is that of Cloud Foundry's stacks, independent of the author's machine.
const Architecture = "amd64"

// describe inspects the unpacked files.
func (f *File) describe(directory string) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close() // it was only read
	if err := fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Type()&fs.ModeSymlink != 0:
			f.links[name], err = root.Readlink(name)
			return err
		case entry.Type().IsRegular():
			return f.add(root, name)
		default:
			return nil
		}
	}); err != nil {
		return err
	}
	f.Directory = commonDirectory(f.regular)
	return nil
}

// add adds a regular file.
func (f *File) add(root *os.Root, name string) error {
	file, err := root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close() // it was only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	f.regular = append(f.regular, name)
	f.Files++
	f.Unpacked += info.Size()
	found, err := inspect(file, name)
	switch {
	case err != nil:
		return err
	case info.Mode()&0o111 == 0 && !strings.HasPrefix(found.Kind, ProgramFor):
		f.others = append(f.others, found)
	default:
		f.Executables = append(f.Executables, found)
	}
	return nil
}

// ProgramFor is the beginning of the kind of a compiled program.
const ProgramFor = "a program for "

// inspect finds out what a file is, and whether Linux can run it.
func inspect(file *os.File, name string) (Executable, error) {
	info, err := executable.Inspect(file, Architecture)
	var cannot *executable.Error
	switch {
	case errors.As(err, &cannot):
		return Executable{Path: name, Kind: cannot.Found, Problem: "expected " + cannot.Want}, nil
	case err != nil:
		return Executable{}, err
	case isScript(file):
		return Executable{Path: name, Kind: "a script for " + info.Interpreter + strings.TrimRight(" "+info.Lookup, " ")}, nil
	case info.Interpreter != "":
		return Executable{Path: name, Kind: fmt.Sprintf("%slinux/%s that needs %s", ProgramFor, Architecture, info.Interpreter)}, nil
	default:
		return Executable{Path: name, Kind: ProgramFor + "linux/" + Architecture + ", statically linked"}, nil
	}
}

func isScript(file *os.File) bool {
	var head [2]byte
	_, err := file.ReadAt(head[:], 0)
	return err == nil && string(head[:]) == "#!"
}

// commonDirectory returns the top directory that contains all files, or "".
func commonDirectory(names []string) string {
	var common string
	for i, name := range names {
		top, _, below := strings.Cut(name, "/")
		if !below || i > 0 && top != common {
			return ""
		}
		common = top
	}
	return common
}
