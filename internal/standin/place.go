package standin

import (
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Program is the name by which the program that runs a stand-in's phases is called. Its arguments
// are the phase, and those of the phase.
const Program = "stand-in"

// scripts are the programs that the builder runs.
//
//go:embed buildpack/bin
var scripts embed.FS

const settingsFile = "stand-in.yml"

// Settings say which buildpack a stand-in replaces.
type Settings struct {
	Buildpack string `yaml:"buildpack"`
	// Accept makes it accept every app, because it was already asked.
	Accept bool `yaml:"accept,omitempty"`
	// Command is true if the app's manifest or the command line sets a start command.
	Command bool `yaml:"command,omitempty"`
}

// Place writes a stand-in into a directory, as a buildpack for the builder. program is the path of
// the executable named Program.
func Place(directory, program string, settings Settings) error {
	bin := filepath.Join(directory, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return fmt.Errorf("failed to make the stand-in: %w", err)
	}
	for _, phase := range []string{"detect", "supply", "finalize", "release"} {
		script, err := scripts.ReadFile(path.Join("buildpack/bin", phase))
		if err == nil {
			err = os.WriteFile(filepath.Join(bin, phase), script, 0o755)
		}
		if err != nil {
			return fmt.Errorf("failed to make the stand-in: %w", err)
		}
	}
	content, err := yaml.Marshal(settings)
	if err == nil {
		err = os.WriteFile(filepath.Join(directory, settingsFile), content, 0o644)
	}
	if err == nil {
		err = writeManifest(directory, settings.Buildpack)
	}
	if err == nil {
		err = os.Symlink(program, filepath.Join(bin, Program))
	}
	if err != nil {
		return fmt.Errorf("failed to make the stand-in: %w", err)
	}
	return nil
}

// writeManifest writes the language where the buildpack itself has it, since other buildpacks of
// the push may read it there.
func writeManifest(directory, name string) error {
	b, _ := Find(name) // the settings name an existing one
	content, err := yaml.Marshal(map[string]string{"language": b.language})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "manifest.yml"), content, 0o644)
}

// ReadSettings reads the settings of the stand-in in a directory.
func ReadSettings(directory string) (Settings, error) {
	var settings Settings
	content, err := regularfile.Read(filepath.Join(directory, settingsFile), maxRead)
	if err == nil {
		err = yaml.Unmarshal(content, &settings)
	}
	if err != nil {
		return settings, fmt.Errorf("failed to read which buildpack the stand-in replaces: %w", err)
	}
	return settings, nil
}
