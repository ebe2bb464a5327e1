package dependency

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry/libbuildpack"
)

// overrideFile is where another buildpack of the push says, for a buildpack's
// language, which versions and files it is to use instead of its own.
const overrideFile = "override.yml"

// override does what libbuildpack's ApplyOverride is meant to; that one keeps the
// entry that it should replace.
func (d *Dependencies) override(language, depsDir string) error {
	files, err := filepath.Glob(filepath.Join(depsDir, "*", overrideFile))
	if err != nil {
		return fmt.Errorf("failed to look for %s: %w", overrideFile, err)
	}
	for _, file := range files {
		var overrides map[string]libbuildpack.Manifest
		if err := libbuildpack.NewYAML().Load(file, &overrides); err != nil {
			return fmt.Errorf("failed to read the %s of buildpack %s: %w", overrideFile, filepath.Base(filepath.Dir(file)), err)
		}
		for _, stated := range overrides[language].DefaultVersions {
			d.defaults = slices.DeleteFunc(d.defaults, func(known libbuildpack.Dependency) bool { return known.Name == stated.Name })
			d.defaults = append(d.defaults, stated)
		}
		for _, stated := range overrides[language].ManifestEntries {
			d.entries = slices.DeleteFunc(d.entries, func(known libbuildpack.ManifestEntry) bool { return known.Dependency == stated.Dependency })
			d.entries = append(d.entries, stated)
		}
	}
	return nil
}
