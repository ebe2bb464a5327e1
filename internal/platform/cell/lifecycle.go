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

// A Lifecycle is the two programs with which Cloud Foundry stages and starts apps.
type Lifecycle struct {
	Builder  Executable
	Launcher Executable
}

// An Executable is the path of a program, and the name to call it by: one file may be several
// programs, selected by this name.
type Executable struct {
	Path string
	Name string
}

// LifecycleIn returns the lifecycle in a directory with the programs builder and launcher.
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
			return Lifecycle{}, fmt.Errorf("%s is not a program that this user may run: %w", program.Path, fs.ErrPermission)
		case err != nil:
			return Lifecycle{}, regularfile.Unread(program.Path, err)
		}
	}
	return lifecycle, nil
}

// Command returns a command that is not started yet; args exclude the program's name.
func (p Executable) Command(args ...string) isolated.Command {
	return isolated.Command{Path: p.Path, Args: append([]string{p.Name}, args...)}
}
