package standin

import "slices"

// buildpacks are the platform's buildpacks, in the order in which it asks them whether they accept
// an app (cf-deployment, cf-deployment.yml, install_buildpacks). The last one never does
// (binary-buildpack, bin/detect).
var buildpacks = []Buildpack{
	staticfile, java, ruby, dotnet, node, golang, python, php, nginx, rLanguage, binary,
}

// aliases are other names of buildpacks on some platforms.
var aliases = map[string]string{"java_buildpack_offline": "java_buildpack"}

// Find returns the buildpack of this name.
func Find(name string) (Buildpack, bool) {
	asked := name
	if other, ok := aliases[name]; ok {
		name = other
	}
	i := slices.IndexFunc(buildpacks, func(b Buildpack) bool { return b.Name == name })
	if i < 0 {
		return Buildpack{}, false
	}
	found := buildpacks[i]
	found.Name = asked
	return found, true
}

// Names returns the names of all buildpacks with a stand-in.
func Names() []string {
	var names []string
	for _, b := range buildpacks {
		names = append(names, b.Name)
	}
	return names
}

// Detect returns the name of the first buildpack that accepts an app, or "".
func Detect(app App) string {
	for _, b := range buildpacks {
		if b.accepts(app) {
			return b.Name
		}
	}
	return ""
}
