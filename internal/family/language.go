package family

import (
	"path"
	"slices"
	"strings"
)

// languages are what Cloud Foundry's own buildpacks with a start command for an app call
// themselves in their config.yml (CF-04), and in the key language of their manifest.yml.
var languages = []string{"binary", "dotnet-core", "go", "hwc", "java", "nginx", "nodejs", "php", "python", "r", "ruby", "staticfile"}

// IsLanguage tells whether a buildpack that calls itself so is one of these.
func IsLanguage(name string) bool { return slices.Contains(languages, name) }

// LanguageOf is the language of a buildpack that a push names so: java_buildpack,
// sap_java_buildpack, a path or the URL of a git repository or an archive, such as
// https://github.com/cloudfoundry/java-buildpack.git#main. It is empty where the name shows
// none of Cloud Foundry's languages.
func LanguageOf(name string) string {
	name, _, _ = strings.Cut(name, "#")
	name, _, _ = strings.Cut(name, "?")
	name = strings.ReplaceAll(strings.ToLower(path.Base(name)), "_", "-")
	name, _, found := strings.Cut(name, "-buildpack")
	for rest := name; found; {
		if IsLanguage(rest) {
			return rest
		}
		_, rest, found = strings.Cut(rest, "-")
	}
	return ""
}
