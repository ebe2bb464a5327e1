package cell

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// A Lifecycle is the pair of programs with which Cloud Foundry stages and
// starts apps.
type Lifecycle struct {
	Builder  Executable
	Launcher Executable
}

// An Executable is a file that can be run, and the name by which it is called: one file
// may be several programs, and tells by the name which of them is meant.
type Executable struct {
	Path string
	Name string
}

// LifecycleIn is the lifecycle in a directory with the programs builder and
// launcher.
func LifecycleIn(directory string) (Lifecycle, error) {
	directory, err := filepath.Abs(directory)
	if err != nil {
		return Lifecycle{}, err
	}
	lifecycle := Lifecycle{
		Builder:  Executable{Path: filepath.Join(directory, "builder"), Name: "builder"},
		Launcher: Executable{Path: filepath.Join(directory, "launcher"), Name: "launcher"},
	}
	for _, program := range []Executable{lifecycle.Builder, lifecycle.Launcher} {
		switch _, err := exec.LookPath(program.Path); {
		case errors.Is(err, fs.ErrPermission):
			return Lifecycle{}, fmt.Errorf("%s is no program that this user may run: %w", program.Path, fs.ErrPermission)
		case err != nil:
			return Lifecycle{}, regularfile.Unread(program.Path, err)
		}
	}
	return lifecycle, nil
}

// Command is not yet started; its arguments are without the program's name.
func (p Executable) Command(args ...string) isolated.Command {
	return isolated.Command{Path: p.Path, Args: append([]string{p.Name}, args...)}
}
