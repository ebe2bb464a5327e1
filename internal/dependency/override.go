package dependency

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry/libbuildpack"
	"gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// overrideFile is where another buildpack of the push sets the versions and files of a buildpack
// with this language.
const overrideFile = "override.yml"

// maxOverride is the maximum size of one, in bytes.
const maxOverride = 1 << 20

// override does what libbuildpack's ApplyOverride is meant to do; that one keeps the entry that it
// should replace.
func (d *Dependencies) override(language, depsDir string) error {
	files, err := filepath.Glob(filepath.Join(depsDir, "*", overrideFile))
	if err != nil {
		return fmt.Errorf("failed to look for %s: %w", overrideFile, err)
	}
	for _, file := range files {
		stated, err := readOverride(file, language)
		if err != nil {
			return fmt.Errorf("failed to read the %s of buildpack %s: %w", overrideFile, filepath.Base(filepath.Dir(file)), err)
		}
		d.replace(stated)
	}
	return nil
}

// readOverride reads the part for one language, and ignores the parts for others.
func readOverride(file, language string) (libbuildpack.Manifest, error) {
	var languages map[string]any
	var stated libbuildpack.Manifest
	content, err := regularfile.Read(file, maxOverride)
	if err != nil {
		return stated, err
	}
	if err := yaml.Unmarshal(content, &languages); err != nil {
		return stated, yamlerror.Wrap("", content, err)
	}
	if languages[language] == nil {
		return stated, nil
	}
	if content, err = yaml.Marshal(languages[language]); err == nil {
		err = yaml.Unmarshal(content, &stated)
	}
	if err != nil {
		return stated, yamlerror.Wrap("", content, err)
	}
	for _, e := range stated.ManifestEntries {
		if e.Dependency.Name == "" || e.Dependency.Version == "" || e.URI == "" || e.SHA256 == "" {
			return stated, fmt.Errorf("found the dependency %q %q without all that it needs; expected name, version, uri, sha256 and cf_stacks", e.Dependency.Name, e.Dependency.Version)
		}
	}
	return stated, nil
}

func (d *Dependencies) replace(by libbuildpack.Manifest) {
	for _, stated := range by.DefaultVersions {
		d.defaults = slices.DeleteFunc(d.defaults, func(known libbuildpack.Dependency) bool { return known.Name == stated.Name })
		d.defaults = append(d.defaults, stated)
	}
	for _, stated := range by.ManifestEntries {
		if d.packaged != "" && len(stated.CFStacks) == 0 {
			stated.CFStacks = []string{d.packaged}
		}
		d.entries = slices.DeleteFunc(d.entries, func(known libbuildpack.ManifestEntry) bool { return known.Dependency == stated.Dependency })
		d.entries = append(d.entries, stated)
	}
}
