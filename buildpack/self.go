package buildpack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// A layout locates the files of the buildpack that a program belongs to.
type layout struct {
	programs string // the directory with this program and those of the sidecars
	root     string // the directory with buildpack.toml and manifest.yml
}

// newLayout finds the buildpack by the program's own path: the platform calls programs by their
// full path.
func newLayout(program string) layout {
	programs := filepath.Dir(program)
	return layout{programs: programs, root: filepath.Dir(programs)}
}

// maxDescription is the maximum size in bytes of each of buildpack.toml, manifest.yml and VERSION.
const maxDescription = 1 << 20

func (s layout) manifest(log *libbuildpack.Logger) (*libbuildpack.Manifest, error) {
	// libbuildpack would read these even if they are not regular files.
	for _, name := range []string{"manifest.yml", "VERSION"} {
		if _, err := regularfile.Read(filepath.Join(s.root, name), maxDescription); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("failed to load the buildpack's %s: %w", name, err)
		}
	}
	manifest, err := libbuildpack.NewManifest(s.root, log, time.Now())
	if err != nil {
		return nil, fmt.Errorf("failed to load the buildpack's manifest.yml: %w", err)
	}
	return manifest, nil
}

// description returns the content of the buildpack's buildpack.toml.
func (s layout) description() ([]byte, error) {
	content, err := regularfile.Read(filepath.Join(s.root, family.DescriptionFile), maxDescription)
	if err != nil {
		return nil, fmt.Errorf("failed to read the buildpack's catalog: %w", err)
	}
	return content, nil
}

func (s layout) catalog() (sidecar.Catalog, error) {
	content, err := s.description()
	if err != nil {
		return sidecar.Catalog{}, err
	}
	return sidecar.ParseCatalog(sidecar.Source{Name: family.DescriptionFile, Content: content})
}

// identity returns the buildpack's own names.
func (s layout) identity(manifest *libbuildpack.Manifest) (family.Identity, error) {
	content, err := s.description()
	if err != nil {
		return family.Identity{}, err
	}
	return family.ReadIdentity(content, manifest.Language())
}

var indexPattern = regexp.MustCompile(`^[0-9]{1,4}$`)

// stager checks the arguments of supply and finalize: BUILD_DIR CACHE_DIR DEPS_DIR IDX, and
// PROFILE_DIR for finalize (CF-01).
func (s layout) stager(args []string, log *libbuildpack.Logger) (*libbuildpack.Stager, error) {
	if index := args[3]; !indexPattern.MatchString(index) {
		return nil, fmt.Errorf("IDX: found %q; expected the buildpack's number, such as 0 or 00", index)
	}
	var other *regularfile.Error
	if err := regularfile.CheckDirectory(args[2]); errors.As(err, &other) { // supply writes there
		return nil, fmt.Errorf("DEPS_DIR: %w", err)
	}
	for _, directory := range []struct{ name, path string }{{"BUILD_DIR", args[0]}, {"DEPS_DIR", args[2]}} {
		if info, err := os.Stat(directory.path); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s: found %q; expected a directory", directory.name, directory.path)
		}
	}
	manifest, err := s.manifest(log)
	if err != nil {
		return nil, err
	}
	return libbuildpack.NewStager(args, log, manifest), nil
}
