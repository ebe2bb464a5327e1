package cli

import (
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// language returns the language of a buildpack: from its manifest.yml if it is on this machine,
// otherwise from its name; or "".
func language(name string) string {
	files, err := stage.OpenBuildpack(name)
	if err != nil { // it is not on this machine
		return family.LanguageOf(name)
	}
	defer files.Close() // it was only read
	content, err := regularfile.ReadFS(files, family.ManifestFile, maxDescription)
	if err != nil {
		return family.LanguageOf(name)
	}
	var manifest struct {
		Language string `yaml:"language"`
	}
	if yaml.Unmarshal(content, &manifest) != nil {
		return ""
	}
	return manifest.Language
}

// languages returns the languages of a push's buildpacks.
func languages(buildpacks []string) []string {
	all := make([]string, len(buildpacks))
	for i, name := range buildpacks {
		all[i] = language(name)
	}
	return all
}

// endsWith reports whether the last buildpack of a push, which makes the start command, is for this
// language.
func endsWith(languages []string, language string) bool {
	return len(languages) > 0 && languages[len(languages)-1] == language
}

// commandsOf returns the start commands that the developer sets, by process type.
func commandsOf(app push.Application) map[string]string {
	commands := map[string]string{}
	for _, p := range app.Launch.Processes {
		if p.Command != nil && *p.Command != "" {
			commands[p.Type] = *p.Command
		}
	}
	return commands
}
