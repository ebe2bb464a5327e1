package supply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// profileDirectory contains the scripts that every process of the app sources before its command
// (CF-15). The name is the same in this package and below the deps directory.
const profileDirectory = "profile.d"

const binDirectory = "bin"

// launchDirectories returns the directories for launch.yml: the buildpack's own, and
// unpaddedDirectory.
func (s *Supplier) launchDirectories() []string {
	directories := []string{s.Stager.DepDir()}
	if directory, ok := s.unpaddedDirectory(); ok {
		directories = append(directories, directory)
	}
	return directories
}

// unpaddedDirectory returns the directory for a copy of launch.yml. With ten buildpacks or more,
// their directories have padded names (CF-02), 00 for the first, but the lifecycle still looks for
// each launch.yml below the plain number, and would not find it. That directory belongs to no
// buildpack.
func (s *Supplier) unpaddedDirectory() (string, bool) {
	index, err := strconv.Atoi(s.Stager.DepsIdx())
	unpadded := strconv.Itoa(index)
	return filepath.Join(s.Stager.DepsDir(), unpadded), err == nil && unpadded != s.Stager.DepsIdx()
}

// clearCopy removes the copy that an earlier run left, and its directory.
func (s *Supplier) clearCopy(deps *os.Root) error {
	directory, ok := s.unpaddedDirectory()
	if !ok {
		return nil
	}
	unpadded := filepath.Base(directory)
	root, err := regularfile.OpenDirectoryIn(deps, unpadded)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.RemoveAll(launch.FileName); err != nil {
		return err
	}
	if err := deps.Remove(unpadded); err != nil && !errors.Is(err, syscall.ENOTEMPTY) {
		return err
	}
	return nil
}

// followed reports whether other buildpacks come later in the push: the lifecycle makes the
// directories of all buildpacks before it runs the first (buildpackapplifecycle,
// buildpackrunner/runner.go, makeDirectories).
func (s *Supplier) followed() (bool, error) {
	indices, err := s.indices()
	if err != nil {
		return false, err
	}
	own, err := strconv.Atoi(s.Stager.DepsIdx())
	return len(indices) > 0 && indices[len(indices)-1].position > own, err
}

// earlierIndices returns the indices of the buildpacks before this one, in their order.
func (s *Supplier) earlierIndices() ([]string, error) {
	own, err := strconv.Atoi(s.Stager.DepsIdx())
	if err != nil {
		return nil, fmt.Errorf("failed to read the buildpack's index: %w", err)
	}
	indices, err := s.indices()
	if err != nil {
		return nil, err
	}
	var earlier []string
	for _, index := range indices {
		if index.position < own {
			earlier = append(earlier, index.name)
		}
	}
	return earlier, nil
}

// An index is the name of a buildpack's own deps directory, and the number in it.
type index struct {
	name     string
	position int
}

// indices returns those of the push's buildpacks, as far as their deps directories exist, in their
// order: all names are padded to the same width (CF-02).
func (s *Supplier) indices() ([]index, error) {
	entries, err := os.ReadDir(s.Stager.DepsDir())
	if err != nil {
		return nil, fmt.Errorf("failed to list the deps directory: %w", err)
	}
	var indices []index
	for _, entry := range entries {
		position, err := strconv.Atoi(entry.Name())
		if err == nil && len(entry.Name()) == len(s.Stager.DepsIdx()) {
			indices = append(indices, index{entry.Name(), position})
		}
	}
	return indices, nil
}
