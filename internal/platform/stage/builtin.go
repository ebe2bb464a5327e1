package stage

import (
	"io/fs"
	"os"
	"path/filepath"
)

// A Builtin is the embedded sidecar buildpack: the files that describe it, and one executable that
// is all of its programs, selected by the name that it is called by.
type Builtin struct {
	Files      fs.FS
	Executable string
	Programs   []string // their names in bin
	// Companions are the paths of the buildpack's other programs. Its supply finds them itself;
	// they need not exist.
	Companions []string
	// StandIn is the program that runs stand-ins for other buildpacks, called as standin.Program;
	// empty if there is none.
	StandIn string
}

// place writes the buildpack into a directory.
func (b Builtin) place(directory string) error {
	if err := os.CopyFS(directory, b.Files); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(directory, "bin"), 0o755); err != nil {
		return err
	}
	for _, name := range b.Programs {
		if err := os.Symlink(b.Executable, filepath.Join(directory, "bin", name)); err != nil {
			return err
		}
	}
	return nil
}
