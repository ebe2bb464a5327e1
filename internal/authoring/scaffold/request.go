package scaffold

import "github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"

// A Request has an author's choices for a new buildpack.
type Request struct {
	// Name is the buildpack's name, and Directory the path of the new repository.
	Name, Directory string
	// URI is the address of the sidecar's program; empty for a program in the repository.
	URI string
	// Version is the version of the file at URI; empty for the version in the URI's path.
	Version string
	// Strip is how many leading parts of paths in the archive to drop; negative to choose it
	// automatically.
	Strip int
	// Binary is the path of the program in the archive, after Strip; empty for the only program.
	Binary string
	// Command is the sidecar's command; empty to run the program without arguments.
	Command string
	// Memory is the memory to reserve, such as 64M.
	Memory string
	// Binding is the name, label or tag of a service whose apps get the sidecar; if empty, apps
	// must name the sidecar.
	Binding string
	// Agents are files of the archive that runtimes load into apps.
	Agents []Agent
	// WithoutGo makes a buildpack without Go code, from the programs of the release at the URI
	// Programs.
	WithoutGo bool
	Programs  string
	// Module is the module that the buildpack requires, in ModuleVersion; Replace is the directory
	// of a checkout to use instead, or empty.
	Module, ModuleVersion, Replace string
}

// An OptionError is an error in a command line option or its value.
type OptionError struct {
	Option  string // such as --memory
	Problem string // what was found, and what was expected
}

func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

// appMemory returns the memory of the example's containers, of which the sidecar reserves a part:
// Memory must be a valid size.
func (r Request) appMemory() (memory.Size, error) {
	const least, app = memory.Size(512), memory.Size(256) // MB
	reserved, err := memory.Parse(r.Memory)
	return max(least, min(reserved, memory.Max-app)+app), err
}
