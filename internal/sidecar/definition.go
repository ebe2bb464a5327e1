// Package sidecar knows what a sidecar is: how it is written down in each of
// the places that may declare one, what it defaults to, and which rules of the
// platform it has to keep.
//
// The table in fields.go has each field with the kind of its value, which says how that is
// read. A decoder reads a document into declarations by the table. ResolveApp finds the
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
	// Command is run by bash in the app's directory. It is empty only where
	// Executable says what to run.
	Command string
	// ProcessTypes are the process types that the sidecar runs with, at least one,
	// none twice (CF-28).
	ProcessTypes []string
	// Memory is what is reserved for the sidecar in the container of each of
	// its processes; 0 reserves none (CF-29).
	Memory memory.Size
	// Package is what the buildpack installs for it; the zero value if the app
	// contains the executable.
	Package Package
	// Binding selects the bound service that it is for, without which the app does not have
	// it; nil where it has none of its own.
	Binding *bindings.Selector
	// Service is the name of that service.
	Service string
	// Bound are the values of variables of Supervision.Env that come from elsewhere, by
	// the variable's name. In Supervision.Env they are empty.
	Bound map[string]BoundValue
	// Files are written before it starts, below the directory in $SIDECAR_FILES.
	Files []File
	// FilesFrom is what states Files, as EnvFrom of Supervision does.
	FilesFrom string
	// AppEnv are environment variables for the processes that it runs with, in
	// the order in which they are stated.
	AppEnv []appstart.Variable
	// AppEnvFrom is the variable of the app's environment that states AppEnv, as
	// EnvFrom of Supervision does.
	AppEnvFrom string
	// HoldApp has the app's own command wait until the sidecar is ready.
	HoldApp bool
	// EnforceMemory ends it when it has more memory than is reserved for it.
	EnforceMemory bool
	// Proxy has it receive the app's traffic.
	Proxy bool
	// Supervision is what its supervisor is told, but for the name and what depends on
	// other sidecars. Its zero value asks for nothing.
	Supervision supervision.Spec
	// At is where the sidecar was named.
	At Position
}

// A Package is what the buildpack installs for a sidecar. At most one of Dependency and
// the artifact's URI is set; where neither is, it is one of the buildpack's own programs.
type Package struct {
	// Executable is the path of what runs: below what the dependency or the artifact
	// holds, or its file name among the buildpack's own programs. It may be empty
	// where a command is stated, for files that are not executable.
	Executable string
	// Dependency is the name of a dependency in the buildpack's manifest.yml.
	Dependency string
	// Version is which versions of the dependency will do, such as 1.2.x; empty is
	// the buildpack's default.
	Version string
	// Artifact is the file. The sidecar states its URI and checksum, and how many parts of
	// paths to strip; of a dependency the latter only.
	Artifact artifact.Artifact
}

// NeedsRendering tells whether something is made of bound services or the configuration before each start.
func (d Definition) NeedsRendering() bool { return len(d.Bound)+len(d.Files) > 0 }

// AppNeedsConfig tells whether the app gets a value of the configuration by AppEnv.
func (d Definition) AppNeedsConfig() bool {
	return slices.ContainsFunc(d.AppEnv, func(v appstart.Variable) bool { return v.Config != "" })
}

// NeedsInstall reports whether the buildpack installs anything at all.
func (p Package) NeedsInstall() bool { return p != Package{} }

// NeedsDownload reports whether it has to be fetched and unpacked.
func (p Package) NeedsDownload() bool { return p.Dependency != "" || p.Artifact.URI != "" }

// Name is the executable's name in the bin directory, or empty where there is no
// executable.
func (p Package) Name() string {
	if p.Executable == "" {
		return ""
	}
	return path.Base(p.Executable)
}

// A BoundValue is the value of a variable that comes from a bound service or from the app's
// configuration, and is read when the sidecar starts. One of Binding and Config is set.
type BoundValue struct {
	// Binding is the path of a credential, with dots between its keys.
	Binding string
	// Config is a key of the configuration that the sidecar config-server has.
	Config string
	// Of selects the service; nil is the sidecar's own.
	Of *bindings.Selector
	// Default is the value where there is no such credential or key; nil makes an error of that.
	Default *string
	// At is where it was stated.
	At Position
}
