package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func (t *tool) validateFiles(files []string, flags *appFlags, found *findings) error {
	for _, file := range files {
		content, err := regularfile.Read(file, maxDescription)
		if err != nil {
			return fmt.Errorf("failed to read the file: %w", err)
		}
		err = t.validateFile(file, content, flags, found)
		if err == nil {
			continue
		}
		for _, line := range lines(err) {
			found.problem("%s", line)
		}
	}
	return nil
}

// validateFile recognizes a catalog by its name, and an app manifest by the key applications;
// everything else is a sidecars.yml.
func (t *tool) validateFile(file string, content []byte, flags *appFlags, found *findings) error {
	source := sidecar.Source{Name: file, Content: content}
	if filepath.Ext(file) == ".toml" {
		_, err := sidecar.ParseCatalog(source)
		return err
	}
	var document struct {
		Applications yaml.Node `yaml:"applications"`
	}
	if err := yaml.Unmarshal(content, &document); err == nil && document.Applications.Kind != 0 {
		return validateManifest(file, flags, found)
	}
	builtin, err := t.readBuildpack(push.BuiltinBuildpack)
	if err != nil {
		return err
	}
	_, warnings, err := sidecar.Resolve(sidecar.Request{Catalog: builtin.Catalog, Sources: []sidecar.Source{source}})
	for _, warning := range warnings {
		found.note("%s", warning)
	}
	return err
}

// validateManifest checks a manifest without reading the apps that it names.
func validateManifest(file string, flags *appFlags, found *findings) error {
	applications, err := flags.load(file)
	if err != nil {
		return err
	}
	for _, app := range applications {
		found.manifest(app)
		if err := app.CheckVariables(); err != nil {
			for _, line := range lines(err) {
				found.problem("%s", line)
			}
		}
		var refusals controller.Refusals
		errors.As(app.Launch.Check(), &refusals)
		for _, refusal := range refusals {
			found.problem("%s: %s", printable.Name(app.Name), explain(refusal, false))
		}
	}
	return nil
}
