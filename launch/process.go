package launch

// A Declarer is who declares a sidecar, as far as it is known.
type Declarer struct {
	// Name is how the developer knows it, such as "java, the buildpack in position 1
	// of this push"; empty where it need not be said.
	Name string
	// ReadsSidecarsFile tells that it is a sidecar buildpack, which takes a sidecar's
	// memory from sidecars.yml and from the app's environment.
	ReadsSidecarsFile bool
	// Manifest tells that it is the app manifest.
	Manifest bool
}

// WebProcess is the process type that every app has.
const WebProcess = "web"

// A Process is one entry of launch.yml (CF-05) or of a staging result: a sidecar
// or an ordinary process.
type Process struct {
	// Type is the process type, or the sidecar's name, spaces included.
	Type    string
	Command string
	// Memory is limits.memory in MB; 0 is the same as absent.
	Memory int
	// SidecarFor are the process types that a sidecar runs with, and nil for an
	// ordinary process. In launch.yml a sidecar has at least one (CF-06); Cloud
	// Controller takes one without any.
	SidecarFor []string
	// DeclaredBy is not in launch.yml: see NameDeclarers.
	DeclaredBy Declarer
}

// IsSidecar tells a sidecar from a process (CF-06).
func (p Process) IsSidecar() bool {
	return p.SidecarFor != nil
}
