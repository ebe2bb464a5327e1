package family

import (
	"path"
	"slices"
	"strings"
)

// languages are what Cloud Foundry's own buildpacks with a start command for an app call
// themselves in their config.yml (PR-04), and in the key language of their manifest.yml.
var languages = []string{"binary", "dotnet-core", "go", "hwc", "java", "nginx", "nodejs", "php", "python", "r", "ruby", "staticfile"}

// LanguageOf is what a buildpack is for that calls itself so, or that a push names so: as
// java, java_buildpack, a path or the URL of a git repository or an archive, such as
// https://github.com/cloudfoundry/java-buildpack.git#main. It is empty where the name shows
// none of Cloud Foundry's languages.
func LanguageOf(name string) string {
	name, _, _ = strings.Cut(name, "#")
	name, _, _ = strings.Cut(name, "?")
	name = strings.ReplaceAll(strings.ToLower(path.Base(name)), "_", "-")
	name, _, _ = strings.Cut(name, "-buildpack")
	if slices.Contains(languages, name) {
		return name
	}
	return ""
}
