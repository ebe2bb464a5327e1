package dryrun

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/packaged"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// appName is that of the app that is staged.
const appName = "sidecar-check"

// makeApp makes an app that asks for nothing but, of a buildpack of this family, for all
// sidecars of its catalog that it can provide without a download.
func makeApp(directory, buildpack string) (string, error) {
	files := map[string]string{"Procfile": "web: sleep 600\n", "readme.txt": "An app to stage.\n"}
	if sidecars := catalogSidecars(buildpack); len(sidecars) > 0 {
		files["sidecars.yml"] = "sidecars:\n- name: " + strings.Join(sidecars, "\n- name: ") + "\n"
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", fmt.Errorf("failed to make an app: %w", err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o644); err != nil {
			return "", fmt.Errorf("failed to make an app: %w", err)
		}
	}
	return directory, nil
}

const maxText = 4 << 20 // bytes of a file with settings

// catalogSidecars are the names of those in the buildpack itself.
func catalogSidecars(buildpack string) (names []string) {
	for _, entry := range catalog(buildpack) {
		if entry.Dependency == "" || packedIn(buildpack, entry.Dependency) {
			names = append(names, fmt.Sprintf("%q", entry.Name))
		}
	}
	return names
}

func catalog(buildpack string) []packaged.Entry {
	content, err := regularfile.Read(filepath.Join(buildpack, "buildpack.toml"), maxText)
	if err != nil {
		return nil
	}
	return packaged.Catalog(content)
}

// packedIn tells of a dependency whose file is in a package, as buildpack-packager notes it.
func packedIn(buildpack, dependency string) bool {
	content, err := regularfile.Read(filepath.Join(buildpack, "manifest.yml"), maxText)
	if err != nil {
		return false
	}
	var manifest struct {
		Dependencies []struct {
			Name string `yaml:"name"`
			File string `yaml:"file"`
		} `yaml:"dependencies"`
	}
	if yaml.Unmarshal(content, &manifest) != nil {
		return false
	}
	for _, d := range manifest.Dependencies {
		if d.Name == dependency && d.File != "" {
			return true
		}
	}
	return false
}
