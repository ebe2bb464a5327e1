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

// appName is the name of the staged app.
const appName = "sidecar-check"

// makeApp makes an app for stagings. For a buildpack of this family, the app asks for all sidecars
// of its catalog that need no download.
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

const maxText = 4 << 20 // bytes of a settings file

// catalogSidecars returns the names of the catalog's sidecars whose programs are in the buildpack.
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

// packedIn reports whether a package contains a dependency's file, as buildpack-packager records
// it.
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
