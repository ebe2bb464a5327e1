// Package standin takes the place of the platform's language buildpacks on a machine that
// has none of them: it stages an app for the languages that the machine has itself.
//
// A stand-in is a real buildpack, which the platform's builder runs. It brings no
// language: the app runs with what the machine has. The default start command of an app
// and the defaults of its environment are those of the buildpack that it stands in for,
// looked up in that buildpack's sources.
package standin

import (
	"io/fs"
	"slices"
)

// A Buildpack is one that the platform has and this machine may not have.
type Buildpack struct {
	// Name is the one by which the platform lists it, such as ruby_buildpack.
	Name string
	// language is what it calls itself in its config.yml (CF-04), such as ruby.
	language string
	runtime  runtime
	// accepts is its bin/detect.
	accepts func(App) bool
	// start is the app's default start command: empty where the buildpack has none for
	// this app. The error says why only the buildpack itself could start it.
	start func(App) (string, error)
	// supply prepares the app's dependencies and environment; it may be nil.
	supply func(*supplier) error
	// build compiles the app where the stand-in comes last; it may be nil.
	build func(*supplier) error
}

// An App is what is known of an app before it runs.
type App struct {
	Files fs.FS
	// Getenv is its environment while it is staged.
	Getenv func(name string) string
	// Find is the file of a program of this machine.
	Find func(program string) (path string, found bool)
}

// buildpacks are the platform's, in the order in which it asks them whether they accept
// an app (cf-deployment, cf-deployment.yml, install_buildpacks). The last one never does
// (binary-buildpack, bin/detect).
var buildpacks = []Buildpack{
	staticfile, java, ruby, dotnet, node, golang, python, php, nginx, rLanguage, binary,
}

// Binary is the platform's buildpack for apps that need no language.
const Binary = "binary_buildpack"

// aliases are other names by which platforms list a buildpack.
var aliases = map[string]string{"java_buildpack_offline": "java_buildpack"}

// Find is the buildpack of a name.
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

// Names are those of all the buildpacks that there are stand-ins for.
func Names() []string {
	var names []string
	for _, b := range buildpacks {
		names = append(names, b.Name)
	}
	return names
}

// Detect is the name of the first buildpack that accepts an app for which none is named,
// or empty.
func Detect(app App) string {
	for _, b := range buildpacks {
		if b.accepts(app) {
			return b.Name
		}
	}
	return ""
}
