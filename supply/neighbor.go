package supply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// neighbors reads what the buildpacks before this one have declared. An app without sidecars does
// not need it.
func (s *Supplier) neighbors() ([]judge.Neighbor, error) {
	indices, err := s.earlierIndices()
	if err != nil {
		return nil, err
	}
	var found []judge.Neighbor
	for _, index := range indices {
		directory := filepath.Join(s.Stager.DepsDir(), index)
		name, err := buildpackName(directory, index)
		if err != nil {
			return nil, err
		}
		processes, err := launch.Read(filepath.Join(directory, launch.FileName))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("failed to read the launch.yml of %s: %w", name, err)
		}
		_, err = os.Stat(filepath.Join(directory, family.RecordFile))
		found = append(found, judge.Neighbor{Name: name, Processes: processes, Family: err == nil})
	}
	return found, nil
}

// maxConfig limits how much of a config.yml is read, in bytes.
const maxConfig = 1 << 20

// buildpackName returns how the developer knows a buildpack: by the name in its config.yml (CF-04),
// if there is one, and by its position in the push. Anything but a regular file there is an error,
// since the lifecycle reads it whatever it is.
func buildpackName(directory, index string) (string, error) {
	buildpack := fmt.Sprintf("the buildpack in position %s of this push", index)
	content, err := regularfile.Read(filepath.Join(directory, "config.yml"), maxConfig)
	var other *regularfile.Error
	switch {
	case errors.As(err, &other):
		return "", fmt.Errorf("failed to read the config.yml of %s: %w", buildpack, err)
	case err != nil:
		return buildpack, nil
	}
	var config struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(content, &config); err != nil || config.Name == "" {
		return buildpack, nil
	}
	return fmt.Sprintf("%s, %s", printable.Name(config.Name), buildpack), nil
}
