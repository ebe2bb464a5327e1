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
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// family finds the other sidecar buildpacks of the push: those that have run by what they left
// below the deps directory, the others by what they say about themselves. A buildpack without the
// record, such as an older version, counts as unrelated: it is unknown which sidecars it considers
// its own.
func (s *Supplier) family() (sidecar.Family, error) {
	relatives := sidecar.Family{Made: map[string]string{}, HasDependency: s.Dependencies.Has}
	earlier, err := s.earlierIndices()
	if err != nil {
		return relatives, err
	}
	for _, index := range earlier {
		directory := filepath.Join(s.Stager.DepsDir(), index)
		by, err := buildpackName(directory, index)
		if err != nil {
			return relatives, err
		}
		made, absent, err := s.madeBy(directory, by)
		if err != nil {
			return relatives, err
		}
		for _, name := range made {
			relatives.Made[name] = by
		}
		relatives.Absent = append(relatives.Absent, absent...)
	}
	followed, err := s.followed()
	if err != nil || !followed {
		return relatives, err
	}
	for _, sibling := range s.Siblings {
		relative := sibling.Relative()
		relative.Name = printable.Name(relative.Name)
		relatives.Later = append(relatives.Later, relative)
	}
	return relatives, nil
}

// madeBy returns the names of the sidecars that an earlier buildpack of the family has made, and of
// those that it knows and that this app does not get. A record of an unknown version is ignored;
// the sidecars in the buildpack's launch.yml are its own in any version.
func (s *Supplier) madeBy(directory, buildpack string) (made, absent []string, err error) {
	record, err := family.ReadRecord(directory)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("%s: %w", buildpack, err)
	case record.Version == family.RecordVersion:
		return record.Sidecars, record.Absent, nil
	}
	s.Log.Info("%s has a %s of version %d; this buildpack knows version %d, and leaves to it what its launch.yml declares.",
		buildpack, family.RecordFile, record.Version, family.RecordVersion)
	processes, err := launch.Read(filepath.Join(directory, launch.FileName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("failed to read the launch.yml of %s: %w", buildpack, err)
	}
	for _, p := range processes {
		if p.IsSidecar() {
			made = append(made, p.Type)
		}
	}
	return made, nil, nil
}

// writeIdentity records the buildpack's name, for the app's list of buildpacks (CF-04), and the
// names of its sidecars, for other sidecar buildpacks.
func (s *Supplier) writeIdentity(verdict judge.Verdict) error {
	version, err := s.Stager.BuildpackVersion()
	if err != nil {
		return fmt.Errorf("failed to write config.yml: %w", err)
	}
	output, err := s.copySBOM()
	if err != nil {
		return fmt.Errorf("failed to copy %s: %w", sbomFile, err)
	}
	content, err := yaml.Marshal(struct {
		Name    string         `yaml:"name"`
		Version string         `yaml:"version"`
		Config  map[string]any `yaml:"config"`
		Output  map[string]any `yaml:"output_metadata,omitempty"`
	}{s.Identity.ID, version, map[string]any{}, output})
	if err == nil {
		err = os.WriteFile(filepath.Join(s.Stager.DepDir(), "config.yml"), content, 0o644) //nolint:gosec // as libbuildpack writes it
	}
	if err != nil {
		return fmt.Errorf("failed to write config.yml: %w", err)
	}
	if len(verdict.Sidecars)+len(verdict.Absent) == 0 {
		return nil
	}
	record := family.Record{Version: family.RecordVersion, ID: s.Identity.ID, Name: s.Identity.Name}
	for _, d := range verdict.Sidecars {
		record.Sidecars = append(record.Sidecars, d.Name)
	}
	for _, a := range verdict.Absent {
		record.Absent = append(record.Absent, a.Name)
	}
	return record.Write(s.Stager.DepDir())
}
