// Package sidecar defines sidecars: how each source declares them, their defaults, and the
// platform's rules that they have to follow.
//
// The table in fields.go lists the fields, each with a kind that says how its value is read. A
// decoder turns a document into declarations by that table. ResolveApp finds the documents, merges
// their declarations, and makes Definitions of them.
// documents, merges what they declare, and makes a Definition of it.
package sidecar

import (
	"path"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A Definition is one sidecar, complete and valid.
type Definition struct {
	// Name is unique among the app's sidecars. Any character is allowed (CF-27).
	Name string
	// Command is run by bash in the app's directory. It is only empty if Executable says what to
	// run.
	Command string
	// ProcessTypes are the process types that the sidecar runs with: at least one, without
	// duplicates (CF-28).
	ProcessTypes []string
	// Memory is reserved for the sidecar in the container of each of its processes; 0 reserves none
	// (CF-29).
	Memory memory.Size
	// Package is what the buildpack installs for the sidecar; it is zero if the app contains the
	// executable.
	Package Package
	// Binding selects the bound service that the sidecar is for. Without that service, the app does
	// not get the sidecar. It is nil if there is no such service.
	Binding *bindings.Selector
	// Service is the name of that service.
	Service string
	// Bound are the values in Supervision.Env that come from elsewhere, by the variable's name. In
	// Supervision.Env they are empty.
	Bound map[string]BoundValue
	// Files are written before the sidecar starts, below the directory in $SIDECAR_FILES.
	Files []File
	// FilesFrom is the source of Files, like Supervision.EnvFrom.
	FilesFrom string
	// AppEnv are environment variables for the processes that the sidecar runs with, in the order
	// of the declaration.
	AppEnv []appstart.Variable
	// AppEnvFrom is the variable of the app's environment that sets AppEnv, like
	// Supervision.EnvFrom.
	AppEnvFrom string
	// HoldApp delays the app's own command until the sidecar is ready.
	HoldApp bool
	// EnforceMemory ends the sidecar when it uses more memory than is reserved for it.
	EnforceMemory bool
	// Proxy routes the app's traffic to the sidecar.
	Proxy bool
	// Supervision is the supervisor's input, except for the name and what depends on other
	// sidecars. Its zero value asks for nothing.
	Supervision supervision.Spec
	// At is where the sidecar was named.
	At Position
}

// A Package is what the buildpack installs for a sidecar. At most one of Dependency and the
// artifact's URI is set; if neither is, the package is one of the buildpack's own programs.
type Package struct {
	// Executable is the path of the program within the dependency or the artifact, or its file name
	// among the buildpack's own programs. It may be empty if there is a command, for files that are
	// not executable.
	Executable string
	// Dependency is the name of a dependency in the buildpack's manifest.yml.
	Dependency string
	// Version selects versions of the dependency, such as 1.2.x; empty means the buildpack's
	// default.
	Version string
	// Artifact is the file. The sidecar sets its URI and checksum, and how many parts of paths to
	// strip; for a dependency, only the latter.
	Artifact artifact.Artifact
}

// NeedsRendering reports whether anything is made from bound services or the configuration before
// each start.
func (d Definition) NeedsRendering() bool { return len(d.Bound)+len(d.Files) > 0 }

// AppNeedsConfig reports whether AppEnv gives the app a value of the configuration.
func (d Definition) AppNeedsConfig() bool {
	return slices.ContainsFunc(d.AppEnv, func(v appstart.Variable) bool { return v.Config != "" })
}

// NeedsInstall reports whether the buildpack installs anything at all.
func (p Package) NeedsInstall() bool { return p != Package{} }

// NeedsDownload reports whether the package has to be fetched and unpacked.
func (p Package) NeedsDownload() bool { return p.Dependency != "" || p.Artifact.URI != "" }

// Name returns the executable's name in the bin directory, or nothing if there is no executable.
func (p Package) Name() string {
	if p.Executable == "" {
		return ""
	}
	return path.Base(p.Executable)
}

// A BoundValue is the value of a variable that comes from a bound service or from the app's
// configuration, and is read when the sidecar starts. Either Binding or Config is set.
type BoundValue struct {
	// Binding is the path of a credential: keys with dots between.
	Binding string
	// Config is a key of the configuration that the sidecar config-server serves.
	Config string
	// Of selects the service; nil means the sidecar's own.
	Of *bindings.Selector
	// Default is the value if there is no such credential or key; if it is nil, that is an error.
	Default *string
	// At is the position of the value.
	At Position
}
