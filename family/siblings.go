package family

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// The lifecycle puts the buildpacks of a push into two directories, below a hash of
// what each is called: those that the platform has, and those that it downloads
// (buildpackapplifecycle, builder_config.go). Cloud Controller mounts those of the push
// alone, where they are named (cloud_controller_ng, buildpack_entry_generator.rb).
var (
	pools  = []string{"buildpacks", "buildpackdownloads"}
	hashed = regexp.MustCompile(`^([0-9a-f]{16}|[0-9a-f]{32})$`)
)

// Siblings are the other sidecar buildpacks that the lifecycle has put next to the
// buildpack with this root directory. There are none where it is not in a directory as
// the lifecycle makes them. One that cannot be read is left out: its own supply says so.
func Siblings(root string) []Buildpack {
	place := root
	// Run from source, it is in a directory with links to what describes it.
	if description, err := filepath.EvalSymlinks(filepath.Join(root, DescriptionFile)); err == nil {
		place = filepath.Dir(description)
	}
	if !hashed.MatchString(filepath.Base(place)) {
		place = filepath.Dir(place) // an archive with one directory that holds the buildpack
	}
	if !hashed.MatchString(filepath.Base(place)) {
		return nil
	}
	pool := filepath.Dir(place)
	directories := []string{pool}
	if slices.Contains(pools, filepath.Base(pool)) {
		directories = nil
		for _, name := range pools {
			directories = append(directories, filepath.Join(filepath.Dir(pool), name))
		}
	}
	var found []Buildpack
	for _, directory := range directories {
		entries, err := os.ReadDir(directory)
		if err != nil {
			continue // not every push has downloads
		}
		for _, entry := range entries {
			other := filepath.Join(directory, entry.Name())
			if other == place || !hashed.MatchString(entry.Name()) {
				continue
			}
			if buildpack, err := Read(os.DirFS(rootOf(other)), ""); err == nil {
				found = append(found, buildpack)
			}
		}
	}
	return found
}

// rootOf is the buildpack's root below the directory that it was unpacked into: that
// itself, or the one directory in it.
func rootOf(directory string) string {
	if _, err := os.Stat(filepath.Join(directory, "bin")); err == nil {
		return directory
	}
	if entries, err := os.ReadDir(directory); err == nil && len(entries) == 1 {
		return filepath.Join(directory, entries[0].Name())
	}
	return directory
}
