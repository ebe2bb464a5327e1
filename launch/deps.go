package launch

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// A Layer is what one buildpack of a push declares in its launch.yml.
type Layer struct {
	Position  int // from 0
	Processes []Process
	// Name is the buildpack's name in its config.yml (CF-04), or empty.
	Name string
	// Family says that it is a sidecar buildpack.
	Family bool
}

// Declarer returns the buildpack as the developer knows it.
func (l Layer) Declarer() Declarer {
	name := fmt.Sprintf("the buildpack in position %d of this push", l.Position)
	if l.Name != "" {
		name = printable.Name(l.Name) + ", " + name
	}
	return Declarer{Name: name, ReadsSidecarsFile: l.Family}
}

// NameDeclarers sets, for each sidecar of a staging result, the layer that declares it.
func NameDeclarers(staged []Process, layers []Layer) []Process {
	named := slices.Clone(staged)
	for i, s := range named {
		for _, layer := range layers {
			if s.IsSidecar() && slices.ContainsFunc(layer.Processes, func(p Process) bool { return p.Type == s.Type }) {
				named[i].DeclaredBy = layer.Declarer() // the last one wins (CF-07)
			}
		}
	}
	return named
}

// ReadDeps reads every launch.yml below a deps directory, in the order in which the lifecycle
// merges them. Like the lifecycle, it looks for each below the plain number, even if the names of
// the buildpacks' own directories are padded (CF-02).
func ReadDeps(directory string) ([]Layer, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, fmt.Errorf("failed to list the deps directory: %w", err)
	}
	var layers []Layer
	for _, entry := range entries {
		position, err := strconv.Atoi(entry.Name())
		if err != nil || strconv.Itoa(position) != entry.Name() || position < 0 {
			continue
		}
		processes, err := Read(filepath.Join(directory, entry.Name(), FileName))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			layers = append(layers, Layer{Position: position, Processes: processes})
		}
	}
	slices.SortFunc(layers, func(a, b Layer) int { return cmp.Compare(a.Position, b.Position) })
	return layers, nil
}

// MergeLayers merges all layers as the lifecycle does (CF-07).
func MergeLayers(layers []Layer) []Process {
	var merged []Process
	for _, layer := range layers {
		merged = Merge(merged, layer.Processes)
	}
	return merged
}

// A Replacement is a sidecar that does not run because a later buildpack declares another sidecar
// or a process with the same name (CF-07).
type Replacement struct {
	Name      string
	Of        int // position of the buildpack that declares the sidecar
	By        int // position of the buildpack whose declaration wins
	BySidecar bool
}

// Message says that the sidecar does not run, without a period at its end. buildpack returns the
// name of the buildpack at a position.
func (r Replacement) Message(buildpack func(position int) string) string {
	kind := "a process"
	if r.BySidecar {
		kind = "a sidecar"
	}
	return fmt.Sprintf("sidecar %q of %s does not run: %s declares %s of the same name, and the platform runs only the later one", r.Name, buildpack(r.Of), buildpack(r.By), kind)
}

// Replacements lists the sidecars that a later layer replaces.
func Replacements(layers []Layer) []Replacement {
	var all []Replacement
	for i, layer := range layers {
		for _, p := range layer.Processes {
			if !p.IsSidecar() {
				continue
			}
			for _, later := range slices.Backward(layers[i+1:]) {
				at := slices.IndexFunc(later.Processes, func(other Process) bool { return other.Type == p.Type })
				if at >= 0 {
					all = append(all, Replacement{p.Type, layer.Position, later.Position, later.Processes[at].IsSidecar()})
					break
				}
			}
		}
	}
	return all
}
