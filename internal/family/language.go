package family

import (
	"path"
	"slices"
	"strings"
)

// languages are the names of Cloud Foundry's buildpacks that provide a start command, in their
// config.yml (CF-04), and in the key language of their manifest.yml.
var languages = []string{"binary", "dotnet-core", "go", "hwc", "java", "nginx", "nodejs", "php", "python", "r", "ruby", "staticfile"}

// IsLanguage reports whether a buildpack of this name is one of these.
func IsLanguage(name string) bool { return slices.Contains(languages, name) }

// LanguageOf returns the language of a buildpack from its name in a push: java_buildpack,
// sap_java_buildpack, a path, or the URL of a git repository or an archive, such as
// https://github.com/cloudfoundry/java-buildpack.git#main. It is empty if the name contains none of
// Cloud Foundry's languages.
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
