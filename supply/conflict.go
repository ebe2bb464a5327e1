package supply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// refuseTakenNames refuses a sidecar whose name the app's Procfile or an
// earlier buildpack's launch.yml has already given to something else: the
// lifecycle would let one replace the other without a word (PR-07).
func (s *Supplier) refuseTakenNames(sidecars []sidecar.Definition) error {
	if len(sidecars) == 0 {
		return nil
	}
	taken, err := s.takenNames()
	if err != nil {
		return err
	}
	var problems sidecar.Problems
	for _, d := range sidecars {
		if by, ok := taken[d.Name]; ok {
			problems = append(problems, sidecar.Problem{
				At: d.At, What: fmt.Sprintf("sidecar %q", d.Name),
				Found: "a name that is taken by " + by, Want: "another name: the platform would run only one of the two",
			})
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// takenNames maps each name that is in use to who uses it.
func (s *Supplier) takenNames() (map[string]string, error) {
	taken := map[string]string{}
	for _, p := range s.procfile() {
		taken[p.Type] = "a process type of the app's Procfile"
	}
	indices, err := s.earlierIndices()
	if err != nil {
		return nil, err
	}
	for _, index := range indices {
		directory := filepath.Join(s.Stager.DepsDir(), index)
		owner := fmt.Sprintf("the launch.yml of %s", buildpackName(directory, index))
		processes, err := launch.Read(filepath.Join(directory, launch.FileName))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("failed to read %s: %w", owner, err)
		}
		for _, p := range processes {
			taken[p.Type] = owner
		}
	}
	return taken, nil
}

// procfile is what the app's Procfile declares. One that cannot be read is left
// to the lifecycle to refuse, which reads it last.
func (s *Supplier) procfile() []launch.Process {
	content, err := os.ReadFile(filepath.Join(s.Stager.BuildDir(), launch.Procfile))
	if err != nil {
		return nil
	}
	processes, err := launch.ParseProcfile(content)
	if err != nil {
		s.Log.Warning("%s; staging will fail on it", err)
	}
	return processes
}

// buildpackName is how the developer knows a buildpack: by the name in its
// config.yml (PR-04), if it has left one, and by its place in the push.
func buildpackName(directory, index string) string {
	place := fmt.Sprintf("the buildpack in position %s of this push", index)
	content, err := os.ReadFile(filepath.Join(directory, "config.yml"))
	if err != nil {
		return place
	}
	var config struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(content, &config); err != nil || config.Name == "" {
		return place
	}
	return fmt.Sprintf("%s, %s", config.Name, place)
}
