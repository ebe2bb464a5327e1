package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

var (
	validName       = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,49}$`)
	buildpackSuffix = regexp.MustCompile(`[-_]buildpack$`)
	nameSuffixes    = regexp.MustCompile(`[-_](sidecar[-_])?(buildpack|sidecar)$`)
	majorVersion    = regexp.MustCompile(`^v[0-9]+$`)
)

// reserved are names of programs in bin that a sidecar's program must not have.
var reserved = []string{"buildpack", "detect", "finalize", "release", "sidecar-env", "sidecar-render", "supervise", "supply"}

// onPath are programs that launcher, apps and the scripts of buildpacks call by name. A last
// buildpack that is built on libbuildpack puts deps/IDX/bin first on PATH (CF-16), so a sidecar's
// program of such a name would run in their place; one called bash even in place of the app, which
// the launcher starts by "exec bash -c" (CF-15).
var onPath = []string{
	"awk", "base64", "basename", "bash", "bundle", "cat", "chmod", "cp", "curl", "cut", "dash", "date", "df", "dirname", "dotnet", "env", "expr", "find", "free", "getconf",
	"git", "go", "grep", "gunzip", "gzip", "head", "hostname", "id", "java", "jq", "kill", "ln", "ls", "mkdir", "mktemp", "mv", "node", "nohup", "npm", "nproc", "openssl", "perl", "php",
	"pip", "ps", "python", "python3", "readlink", "realpath", "rm", "ruby", "sed", "seq", "sh", "sleep", "sort", "ssh", "stat", "sudo", "tail", "tar", "tee", "timeout", "touch", "tr", "uname", "uniq",
	"unzip", "wc", "wget", "which", "whoami", "xargs", "yarn",
}

// id is the buildpack's ID, to which packages and "cf create-buildpack" add _buildpack.
func (r Request) id() string { return buildpackSuffix.ReplaceAllString(r.Name, "") }

// sidecar is the name of the sidecar: that of the buildpack without suffixes such as _buildpack.
func (r Request) sidecar() string { return nameSuffixes.ReplaceAllString(r.Name, "") }

// title is the buildpack's name in the staging log.
func (r Request) title() string {
	words := strings.FieldsFunc(r.sidecar(), func(char rune) bool { return char == '-' || char == '_' })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(append(words, "Sidecar Buildpack"), " ")
}

// module is the path of the Go module.
func (r Request) module() string { return "example.com/" + r.Name }

// checkName refuses names with which the buildpack could not be built or staged.
func (r Request) checkName() error {
	switch why := r.unusable(); {
	case !validName.MatchString(r.Name):
		return &OptionError{"NAME", fmt.Sprintf("found %q; expected at most 50 lower-case letters, digits, - and _, a letter first", r.Name)}
	case why != "":
		return &OptionError{"NAME", fmt.Sprintf("found %q, %s; expected another name, such as %s-agent", r.Name, why, r.sidecar())}
	default:
		return nil
	}
}

// unusable says why a valid name is taken, by the platform, its programs, this project or Go; "" if it is not.
// launch.yml has sidecars and process types in one list (CF-07), and each app has the type web.
func (r Request) unusable() string {
	switch name := r.sidecar(); {
	case r.id() == "sidecar" || slices.Contains(reserved, name):
		return "which is taken by the sidecar buildpack"
	case name == "web":
		return "the process type that every app has, and a sidecar needs a name of its own"
	case slices.Contains(onPath, name):
		return "a program that apps and the platform call, and the sidecar's would run in its place: it comes first on PATH"
	case r.WithoutGo:
		return ""
	case module.CheckPath(r.module()) != nil:
		return "which Go accepts in no module path"
	case r.URI != "":
		return ""
	case module.CheckImportPath(r.module()+"/cmd/"+name) != nil:
		return "which Go accepts in no import path"
	case name == "testdata" || name == "vendor":
		return "and Go builds nothing in the directory cmd/" + name
	case majorVersion.MatchString(name):
		return "which Go takes for the version of a module, not for a program's name"
	default:
		return ""
	}
}
