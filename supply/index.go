package supply

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// launchDirectories are the directories that launch.yml goes to: the
// buildpack's own. Where there are ten buildpacks or more, their directories
// have padded names (PR-02), 00 for the first, but the lifecycle goes on
// looking for each launch.yml below the plain number, and would not see it; so
// a copy goes there. No buildpack owns that directory then.
func (s *Supplier) launchDirectories() []string {
	directories := []string{s.Stager.DepDir()}
	index, err := strconv.Atoi(s.Stager.DepsIdx())
	if plain := strconv.Itoa(index); err == nil && plain != s.Stager.DepsIdx() {
		directories = append(directories, filepath.Join(s.Stager.DepsDir(), plain))
	}
	return directories
}

// earlierIndices are the indices of the buildpacks before this one, in their
// order.
func (s *Supplier) earlierIndices() ([]string, error) {
	own, err := strconv.Atoi(s.Stager.DepsIdx())
	if err != nil {
		return nil, fmt.Errorf("failed to read the buildpack's index: %w", err)
	}
	entries, err := os.ReadDir(s.Stager.DepsDir())
	if err != nil {
		return nil, fmt.Errorf("failed to list the deps directory: %w", err)
	}
	var indices []string
	for _, entry := range entries {
		index, err := strconv.Atoi(entry.Name())
		if err == nil && index < own && len(entry.Name()) == len(s.Stager.DepsIdx()) {
			indices = append(indices, entry.Name())
		}
	}
	return indices, nil
}
