package buildpack

// Hooks are functions with which an author extends a buildpack. bin/supply calls each that is
// not nil, at its point. If one returns an error, the push fails with its text, which should
// say what was found and what would be right. If one panics, the push fails, too, with the name
// of the hook, what it panicked with, and the line.
type Hooks struct {
	// Judged is called after the buildpack has chosen the app's sidecars, even if there are
	// none, and before anything is written. It can refuse the app, warn, and amend.
	Judged func(*Judged) error
	// Installed is called for an app with sidecars, once their programs and packages are
	// below the buildpack's deps directory. It can add files there.
	Installed func(*Installed) error
	// Launching is called for an app with sidecars, before launch.yml is written and all
	// that follows from it. It can change commands, and add processes of the app.
	Launching func(*Launching) error
	// Program returns the path of one of the buildpack's own programs that is not next to
	// that which runs: supervise, sidecar-env, sidecar-render, and those that the catalog
	// names. Of several hooks, the first one that has it is asked. Without any, a missing
	// program is an error.
	Program func(name string) (path string, err error)
}

// Judged has the sidecars that the buildpack has chosen for an app, before anything is written.
type Judged struct {
	Push
	// Sidecars are those that the app gets from this buildpack. To change them changes
	// nothing: see Declare.
	Sidecars []Sidecar
	declared []string
}

// Declare adds a document in the form of sidecars.yml, which is read before the app's own: a
// list of sidecars by name. It can add sidecars, and amend those of the catalog; the app's
// own value of a field wins. "[{name: agent, enabled: false}]" leaves a sidecar out. After the
// hooks, everything is decided again, and checked by all rules; they are not called again.
// The document becomes part of the droplet, so it must hold no secret.
func (j *Judged) Declare(document string) {
	j.declared = append(j.declared, document)
}

// Installed is an app whose sidecars are installed.
type Installed struct {
	Push
	Sidecars []Sidecar
	// Directory is the path of the buildpack's deps directory, DEPS_DIR/IDX (CF-03). Files
	// may be added to it. Programs in bin are on the PATH of all processes, and *.sh in
	// profile.d is sourced by each (CF-15, CF-16). At the start of a process it is
	// elsewhere: see AtStart.
	Directory string
}

// Launching is an app for which launch.yml is about to be written.
type Launching struct {
	Push
	Sidecars []Sidecar
	// Processes are the entries of launch.yml (CF-05). The Command of each may be changed
	// (that of a supervised sidecar begins with its supervisor, and has to), and
	// processes be added: without SidecarFor and Memory, and of a type that no sidecar, no
	// line of the app's Procfile, no earlier buildpack and no other added process has. All other changes are
	// errors: use Declare in the hook Judged for them. What the last buildpack says of a
	// process of the same type replaces an added one (CF-07).
	Processes []Process
}

// A Sidecar is one that the buildpack gives an app, with the values of all of its sources.
type Sidecar struct {
	// Name is unique in the app. It may have any characters.
	Name string
	// ProcessTypes are the process types that it runs with, at least one.
	ProcessTypes []string
	// Memory is its reservation in MB; 0 is none.
	Memory int
	// Dependency is the name in manifest.yml of the dependency that it is installed from,
	// and Version its version. Both are empty for other sidecars.
	Dependency, Version string
	// Package is the path of its unpacked files, below the buildpack's deps directory; empty
	// where nothing is unpacked for it.
	Package string
	// Service is the name of the bound service that it is for, or empty.
	Service string
}

// A Process is an entry of launch.yml.
type Process struct {
	// Type is the process type, or the name of a sidecar.
	Type    string
	Command string
	// Memory is the limit of a sidecar in MB; 0 is none.
	Memory int
	// SidecarFor are the process types that a sidecar runs with, and nil for a process.
	SidecarFor []string
}
