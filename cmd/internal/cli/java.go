package cli

import (
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/platform"
)

// javaWarnings are those of processes in which the Java buildpack's memory calculator
// leaves the app too little. Its start command says what the calculator is told; before
// there is one, it is what the buildpack is expected to say, if it is not nil.
func javaWarnings(plan controller.Plan, app platform.Application, expected *javabuildpack.Calculator) []string {
	variables := environ(app)
	var warnings []string
	for _, p := range plan.Processes {
		calculator, ok := javabuildpack.FromCommand(p.Command, variables)
		if !ok && p.Command == "" && p.Type == launch.WebProcess && expected != nil {
			calculator, ok = *expected, true
		}
		if !ok || len(p.Sidecars) == 0 && p.Instances == 0 {
			continue
		}
		if warning := calculator.Warning(p.Reservations(), variables); warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return warnings
}

// endsWithJava tells whether the last buildpack of a push, which makes the start command, is
// the Java buildpack: by its name, or by its manifest.yml where it is on this machine.
func endsWithJava(buildpacks []string) bool {
	if len(buildpacks) == 0 {
		return false
	}
	last := buildpacks[len(buildpacks)-1]
	return javabuildpack.IsNamed(last) || language(last) == javabuildpack.Language
}

// language is what a buildpack says that it is for, or empty.
func language(name string) string {
	files, err := platform.OpenBuildpack(name)
	if err != nil {
		return "" // it is not here
	}
	defer files.Close() // it was only read
	content, err := regularfile.ReadFS(files, family.ManifestFile, maxDescription)
	if err != nil {
		return ""
	}
	var manifest struct {
		Language string `yaml:"language"`
	}
	if yaml.Unmarshal(content, &manifest) != nil {
		return ""
	}
	return manifest.Language
}
