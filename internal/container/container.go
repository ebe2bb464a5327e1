// Package container runs the programs of one instance, or of one staging, in a container. The
// container's init is the parent of these programs and of all their orphans: it ends them when the
// container is destroyed, or when the program that made it has ended, in whatever way. On Linux,
// the container also has a mount namespace, in which programs find the same paths as on Cloud
// Foundry: their root at Home, and their own temporary directory at Tmp. Everything else is shared
// with the machine: network, processes, users, and all other files.
package container

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Home and Tmp are the paths at which a container's programs see its root and its temporary
// directory, as on Cloud Foundry (buildpackapplifecycle, builder_config.go; executor's work
// directory is the home of the user vcap).
const (
	Home = "/home/vcap"
	Tmp  = "/tmp"
)

// InitName is the name by which a program is called to be a container's init: its main must then
// call Init.
const InitName = "container"

// A Spec describes a container. Paths are absolute, and those of the machine.
type Spec struct {
	// Init is the path of the program that is the container's init, called as InitName.
	Init string
	// Name is the init's name in a list of processes.
	Name string
	// Root is the directory that is seen at Home; if empty, the machine's own Home is seen.
	Root string
	// Tmp is the directory that is seen at Tmp.
	Tmp string
	// Visible are the machine's files and directories to show at their own paths even if these are
	// below Home or Tmp. It skips paths that do not exist, and those that would cover a part of
	// Root or Tmp.
	Visible []string
	// Sealed isolates untrusted programs in their own namespaces: they are not root (root itself
	// becomes 2000, the platform's vcap), see no other processes, can write only to Root and Tmp,
	// reach no sockets in /run, and have no network but their own loopback interface. If this
	// machine does not allow that, New fails with ErrNotSealed.
	Sealed bool
	// Network gives a sealed container the machine's network.
	Network bool
	// Start starts the init; Ended is called after it has ended and was waited for. If they are
	// nil, no other code may wait for this program's children.
	Start func(*exec.Cmd) error
	Ended func(*exec.Cmd)
}

// ErrNotSealed is the error if a container cannot be sealed. The error that wraps it says what the
// machine does not allow.
var ErrNotSealed = errors.New("this machine does not let programs be isolated")

// A Command is a program to run in a container.
type Command struct {
	Path           string // as seen inside
	Args           []string
	Env            []string
	Dir            string   // as seen inside
	Stdout, Stderr *os.File // nil to discard the output
}

// Inside returns the path at which a container's programs see one of the machine's paths.
func (c *Container) Inside(path string) string {
	if rest, ok := cutDirectory(c.spec.Root, path); ok && c.HomeError == nil {
		return filepath.Join(Home, rest)
	}
	if rest, ok := cutDirectory(c.spec.Tmp, path); ok && c.TmpError == nil {
		return filepath.Join(Tmp, rest)
	}
	return path
}

// cutDirectory returns the rest of a path that is in a directory, or is that directory.
func cutDirectory(directory, path string) (rest string, ok bool) {
	if directory == "" {
		return "", false
	}
	if path == directory {
		return ".", true
	}
	return strings.CutPrefix(path, strings.TrimSuffix(directory, "/")+"/")
}

// exitStatus returns a process's status as a shell reports it: 128 plus the signal's number if a
// signal ended it.
func exitStatus(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}
