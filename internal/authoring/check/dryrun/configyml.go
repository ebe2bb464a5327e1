package dryrun

import (
	"errors"
	"io/fs"

	"code.cloudfoundry.org/buildpackapplifecycle"
	"gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

const configFile = "config.yml"

// config checks config.yml (CF-04).
func (w *written) config(files fs.FS) {
	content, err := regularfile.ReadFS(files, configFile, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		w.add(finding.ConfigMissing, configFile, 0, "no such file")
		return
	}
	if err != nil {
		w.add(finding.ConfigInvalid, configFile, 0, err.Error())
		return
	}
	var metadata buildpackapplifecycle.BuildpackMetadata
	switch err := yaml.Unmarshal(content, &metadata); {
	case err != nil:
		for _, p := range yamlerror.Explain(content, err) {
			w.add(finding.ConfigInvalid, configFile, p.Line, p.Found)
		}
	case metadata.Name == "":
		w.add(finding.ConfigInvalid, configFile, 0, "no name")
	case metadata.Version == "":
		w.add(finding.ConfigInvalid, configFile, 0, "no version")
	}
}
