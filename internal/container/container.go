// Package container runs the programs of one instance, or of one staging, in a container
// of their own. Its init is their parent, and of all that they leave behind: it ends them
// when the container is destroyed, and when the program that made the container is gone,
// however that has ended. On Linux the container also has a mount namespace, in which
// its programs find what they would find on Cloud Foundry: their root at Home, and a
// temporary directory of their own at Tmp. All else of the machine is as it is outside:
// network, processes, users, and every other file.
package container

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Home and Tmp are where a container's programs see its root and its temporary
// directory, as Cloud Foundry's do (buildpackapplifecycle, builder_config.go; executor's
// work directory is the home of the user vcap).
const (
	Home = "/home/vcap"
	Tmp  = "/tmp"
)

// InitName is the name by which a program that makes containers is called to be the init
// of one: its main then hands over to Init.
const InitName = "container"

// A Spec is what a container is made of. Paths are absolute, and those of the machine.
type Spec struct {
	// Init is the file of the program that is the container's init, called InitName.
	Init string
	// Name is what the init shows in a list of processes.
	Name string
	// Root is the directory that is seen at Home; empty leaves what the machine has there.
	Root string
	// Tmp is the directory that is seen at Tmp.
	Tmp string
	// Visible are the files and directories of the machine that are to be seen at their
	// own paths even where these are below Home or Tmp. Paths that do not exist are left out,
	// and so are those that would cover a part of Root or Tmp.
	Visible []string
	// Sealed shuts in programs that are not trusted, in namespaces of their own: they are
	// no root user (root itself becomes 2000, the platform's vcap), see no other processes, can write nowhere but to Root and
	// Tmp, reach no sockets in /run, and have no network but a loopback interface of their
	// own. Where this machine does not allow that, New fails with ErrNotSealed.
	Sealed bool
	// Network leaves the machine's network to a sealed container.
	Network bool
	// Start starts the init, and Ended is told that it has ended and was waited for. Where
	// they are nil, no other code may wait for this program's children.
	Start func(*exec.Cmd) error
	Ended func(*exec.Cmd)
}

// ErrNotSealed is why a container could not be sealed. The error that wraps it says what
// the machine does not allow.
var ErrNotSealed = errors.New("this machine does not let programs be isolated")

// A Command is a program to be run in a container.
type Command struct {
	Path           string // as it is seen inside
	Args           []string
	Env            []string
	Dir            string   // as it is seen inside
	Stdout, Stderr *os.File // nil: not read
}

// Inside is the path by which a container's programs see what the machine has at a path.
func (c *Container) Inside(path string) string {
	if rest, ok := cutDirectory(c.spec.Root, path); ok && c.HomeError == nil {
		return filepath.Join(Home, rest)
	}
	if rest, ok := cutDirectory(c.spec.Tmp, path); ok && c.TmpError == nil {
		return filepath.Join(Tmp, rest)
	}
	return path
}

// cutDirectory is the rest of a path that is in a directory, or is that directory.
func cutDirectory(directory, path string) (rest string, ok bool) {
	if directory == "" {
		return "", false
	}
	if path == directory {
		return ".", true
	}
	return strings.CutPrefix(path, strings.TrimSuffix(directory, "/")+"/")
}

// exitStatus is a process's status as a shell reports it: 128 and the signal's number for
// one that a signal ended.
func exitStatus(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}
