package buildpack

// Hooks are an author's functions, which extend a buildpack. Each may be nil. If one returns an
// error, the push fails with its text, which should say what was found and what was expected. If
// one panics, the push fails with the hook's name, the value of the panic, and the line.
type Hooks struct {
	// Judged is called after the buildpack has chosen the app's sidecars, and before it writes
	// anything; also if there are no sidecars. It can refuse the app, warn, and add or change
	// sidecars (see Declare).
	Judged func(*Judged) error
	// Installed is called for an app with sidecars, once their programs and packages are
	// installed in the buildpack's deps directory. It can add files there.
	Installed func(*Installed) error
	// Launching is called for an app with sidecars, before launch.yml and the files that depend
	// on it are written. It can change commands, and add processes of the app.
	Launching func(*Launching) error
	// Program returns the path of one of the buildpack's own programs: supervise, sidecar-env,
	// sidecar-render, or one that the catalog names. It is called only if the program is not in
	// the directory of the running one; without the hook, this is an error. If several Hooks
	// have a Program, only the first one is called.
	Program func(name string) (path string, err error)
}

// Judged has the sidecars that the buildpack has chosen for an app, before it writes anything.
type Judged struct {
	Push
	// Sidecars are those that the app gets from this buildpack. Changes to this slice have no
	// effect; use Declare.
	Sidecars []Sidecar
	declared []string
}

// Declare adds a document in the format of sidecars.yml. It can add sidecars and change those of
// the catalog; for each field, the app's own value wins. "[{name: agent, enabled: false}]" leaves
// a sidecar out. After all Judged hooks, the buildpack chooses and checks the sidecars again,
// without calling these hooks again; an invalid document then fails the push. The document becomes
// part of the droplet, so it must not contain a secret.
func (j *Judged) Declare(document string) {
	j.declared = append(j.declared, document)
}

// Installed has the sidecars of an app, and the directory that they are installed in.
type Installed struct {
	Push
	// Sidecars are those that the app gets from this buildpack, at least one.
	Sidecars []Sidecar
	// Directory is the path of the buildpack's deps directory, DEPS_DIR/IDX (CF-03), to which a
	// hook may add files. All processes have its bin on PATH, and source its profile.d/*.sh
	// (CF-15, CF-16). When a process starts, the directory is elsewhere: see AtStart.
	Directory string
}

// Launching has the processes of an app, just before launch.yml is written.
type Launching struct {
	Push
	// Sidecars are those that the app gets from this buildpack, at least one.
	Sidecars []Sidecar
	// Processes are the entries of launch.yml (CF-05). A hook may change the Command of each;
	// that of a supervised sidecar must still begin with its supervisor. It may also append
	// processes, without SidecarFor and Memory, and of a type that no sidecar, line of the app's
	// Procfile, earlier buildpack or other added process has. All other changes are errors: for
	// them, use Declare in the hook Judged. If the last buildpack has a process of the same type,
	// that one replaces the added process (CF-07).
	Processes []Process
}

// A Sidecar is a sidecar that the buildpack gives an app, merged from all sources.
type Sidecar struct {
	// Name is unique in the app. It may have any characters.
	Name string
	// ProcessTypes are the process types that it runs with, at least one.
	ProcessTypes []string
	// Memory is the reserved memory in MB; 0 if it reserves none.
	Memory int
	// Dependency and Version are the name and version, in manifest.yml, of the dependency that
	// the sidecar runs; both empty if it runs none.
	Dependency, Version string
	// Package is the path of its unpacked files, relative to the buildpack's deps directory;
	// empty if nothing is unpacked for it.
	Package string
	// Service is the name of the bound service that enabled the sidecar (see the field binding),
	// or empty.
	Service string
}

// A Process is an entry of launch.yml.
type Process struct {
	// Type is the process type, or the name of a sidecar.
	Type string
	// Command is the command, which bash runs in the app's directory.
	Command string
	// Memory is the reserved memory of a sidecar in MB; 0 if it reserves none.
	Memory int
	// SidecarFor has the process types that a sidecar runs with; it is empty for a process.
	SidecarFor []string
}
