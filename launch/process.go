package launch

// A Declarer is what declares a sidecar, as far as it is known.
type Declarer struct {
	// Name is how the developer knows it, such as "java, the buildpack in position 1 of this push".
	// It is empty if there is no need to say it.
	Name string
	// ReadsSidecarsFile says that it is a sidecar buildpack, which takes a sidecar's memory from
	// sidecars.yml and from the app's environment.
	ReadsSidecarsFile bool
	// Manifest says that it is the app manifest.
	Manifest bool
}

// WebProcess is the process type that every app has.
const WebProcess = "web"

// A Process is one entry of launch.yml (CF-05) or of a staging result: a sidecar or an ordinary
// process.
type Process struct {
	// Type is the process type, or the sidecar's name, spaces included.
	Type    string
	Command string
	// Memory is limits.memory in MB; 0 means none.
	Memory int
	// SidecarFor lists the process types that a sidecar runs with; nil for an ordinary process. In
	// launch.yml a sidecar has at least one (CF-06); Cloud Controller accepts a sidecar without
	// any.
	SidecarFor []string
	// DeclaredBy is not in launch.yml: see NameDeclarers.
	DeclaredBy Declarer
}

// IsSidecar reports whether this is a sidecar, and not an ordinary process (CF-06).
func (p Process) IsSidecar() bool {
	return p.SidecarFor != nil
}
