package stage

// A staging is one run of the builder. Its directories are those that the builder takes
// where it is told nothing, as on the platform, all of them below the directory that is
// /tmp there.
type staging struct {
	work string // the machine's directory for all of it
	tmp  string // the machine's directory that the builder sees as /tmp, where it can
	keys []string
	seen string // the path at which its programs see tmp, once it has a container
	// detect tells that none was named, so that the builder asks whether one accepts the app.
	detect bool
}
