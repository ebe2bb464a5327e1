package family

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// The lifecycle puts the buildpacks of a push into two directories, below a hash of each name:
// those that the platform has, and those that it downloads (buildpackapplifecycle,
// builder_config.go). If the push names buildpacks, Cloud Controller only mounts these
// (cloud_controller_ng, buildpack_entry_generator.rb).
var (
	pools  = []string{"buildpacks", "buildpackdownloads"}
	hashed = regexp.MustCompile(`^([0-9a-f]{16}|[0-9a-f]{32})$`)
)

// Siblings returns the other sidecar buildpacks that the lifecycle has put next to the buildpack
// with this root directory; none if the directory is not one of the lifecycle's. It skips
// unreadable ones, whose own supply reports the error.
func Siblings(root string) []Buildpack {
	var found []Buildpack
	for _, other := range others(root) {
		if buildpack, err := Read(os.DirFS(other), ""); err == nil {
			found = append(found, buildpack)
		}
	}
	return found
}

// Languages returns the key language of the manifest.yml of the other buildpacks next to it, such
// as java; some may have none.
func Languages(root string) []string {
	var languages []string
	for _, other := range others(root) {
		var manifest struct {
			Language string `yaml:"language"`
		}
		content, err := regularfile.Read(filepath.Join(other, ManifestFile), maxDescription)
		if err == nil && yaml.Unmarshal(content, &manifest) == nil && manifest.Language != "" {
			languages = append(languages, manifest.Language)
		}
	}
	return languages
}

// Neighbors returns the number of other buildpacks next to it: those of the push or, if it names
// none, all that the platform asks.
func Neighbors(root string) int { return len(others(root)) }

// others returns the root directories of the buildpacks next to it.
func others(root string) []string {
	place := root
	// A buildpack that runs from source is in a directory with links to its files.
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
	var found []string
	for _, directory := range directories {
		entries, err := os.ReadDir(directory)
		if err != nil {
			continue // one of the directories may be missing
		}
		for _, entry := range entries {
			other := filepath.Join(directory, entry.Name())
			if other == place || !hashed.MatchString(entry.Name()) {
				continue
			}
			found = append(found, rootOf(other))
		}
	}
	return found
}

// rootOf returns a buildpack's root below the directory that it was unpacked into: that directory,
// or the only one in it.
func rootOf(directory string) string {
	if _, err := os.Stat(filepath.Join(directory, "bin")); err == nil {
		return directory
	}
	if entries, err := os.ReadDir(directory); err == nil && len(entries) == 1 {
		return filepath.Join(directory, entries[0].Name())
	}
	return directory
}
