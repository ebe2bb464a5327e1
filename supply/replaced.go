package supply

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// warnOfReplaced lists the sidecars of earlier buildpacks that the platform will not run because
// another one of these buildpacks declares something with the same name (CF-07). If this buildpack
// is the last, its finalize lists them for all buildpacks of the push.
func (s *Supplier) warnOfReplaced(neighbors []judge.Neighbor) error {
	followed, err := s.followed()
	if err != nil || !followed {
		return err
	}
	layers := make([]launch.Layer, len(neighbors))
	for i, n := range neighbors {
		layers[i] = launch.Layer{Position: i, Processes: n.Processes}
	}
	for _, r := range launch.Replacements(layers) {
		s.Log.Warning("%s. One of the two has to be given another name.", printable.Line(r.Message(func(position int) string { return neighbors[position].Name })))
	}
	return nil
}
