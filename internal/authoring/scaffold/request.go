package scaffold

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

// A Request has an author's choices for a new buildpack.
type Request struct {
	// Name is the buildpack's name, and Directory the path of the new repository.
	Name, Directory string
	// URI is the address of the sidecar's program; empty for a program in the repository.
	URI string
	// Version is the version of the file at URI; empty for the version in the URI's path.
	Version string
	// Strip is how many leading parts of paths in the archive to drop; negative to choose it
	// automatically.
	Strip int
	// Binary is the path of the program in the archive, after Strip; empty for the only program.
	Binary string
	// Command is the sidecar's command; empty to run the program without arguments.
	Command string
	// Memory is the memory to reserve, such as 64M.
	Memory string
	// Binding is the name, label or tag of a service whose apps get the sidecar; if empty, apps
	// must name the sidecar.
	Binding string
	// Agents are files of the archive that runtimes load into apps.
	Agents []Agent
	// WithoutGo makes a buildpack without Go code, from the programs of the release at the URI
	// Programs.
	WithoutGo bool
	Programs  string
	// Module is the module that the buildpack requires, in ModuleVersion; Replace is the directory
	// of a checkout to use instead, or empty.
	Module, ModuleVersion, Replace string
}

// An OptionError is an error in a command line option or its value.
type OptionError struct {
	Option  string // such as --memory
	Problem string // what was found, and what was expected
}

func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

var (
	validVersion    = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_~-]*$`)
	validName       = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,49}$`)
	buildpackSuffix = regexp.MustCompile(`[-_]buildpack$`)
	nameSuffixes    = regexp.MustCompile(`[-_](sidecar[-_])?(buildpack|sidecar)$`)
)

// reserved are names of programs in bin that a sidecar's program must not have.
var reserved = []string{"buildpack", "detect", "finalize", "release", "sidecar-env", "sidecar-render", "supervise", "supply"}

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

// check refuses requests that cannot work, whatever is at the URI.
func (r Request) check() error {
	switch {
	case !validName.MatchString(r.Name):
		return &OptionError{"NAME", fmt.Sprintf("found %q; expected at most 50 lower-case letters, digits, - and _, a letter first", r.Name)}
	case r.id() == "sidecar" || slices.Contains(reserved, r.sidecar()):
		return &OptionError{"NAME", fmt.Sprintf("found %q, which is taken by the sidecar buildpack; expected another name", r.Name)}
	case r.WithoutGo && r.URI == "":
		return &OptionError{"--without-go", "found no --from; expected one, since a program of one's own needs Go code"}
	case r.URI == "" && (r.Binary != "" || r.Strip > 0 || r.Version != "" || len(r.Agents) > 0):
		return &OptionError{"--from", "found --binary, --strip, --version or --agent without it; expected the URI of the archive whose files they name"}
	case hasCredentials(r.URI):
		return &OptionError{"--from", "found a user, a password or a query, which manifest.yml would show to everyone; expected a URI without these"}
	case r.Version != "" && !validVersion.MatchString(r.Version):
		return &OptionError{"--version", fmt.Sprintf("found %q; expected one such as 1.2.3", r.Version)}
	case r.Command != "" && strings.TrimSpace(r.Command) == "":
		return &OptionError{"--command", fmt.Sprintf("found %q; expected a command, or no --command to run the program alone", r.Command)}
	}
	switch size, err := memory.Parse(r.Memory); {
	case err != nil:
		return &OptionError{"--memory", err.Error()}
	case size == 0:
		return &OptionError{"--memory", fmt.Sprintf("found %q; expected a size such as 64M", r.Memory)}
	}
	for i, a := range r.Agents {
		if slices.ContainsFunc(r.Agents[:i], func(b Agent) bool { return a.Runtime == b.Runtime }) {
			return &OptionError{"--agent", fmt.Sprintf("found %s twice; expected one agent for each runtime", a.Runtime)}
		}
	}
	for option, text := range map[string]string{"--binding": r.Binding, "--command": r.Command} {
		if strings.ContainsFunc(text, func(char rune) bool { return char < ' ' }) {
			return &OptionError{option, fmt.Sprintf("found %q; expected text of one line", text)}
		}
	}
	return nil
}

// hasCredentials reports whether a URI has parts that may be secret.
func hasCredentials(uri string) bool {
	parsed, err := url.Parse(uri)
	return err == nil && (parsed.User != nil || parsed.RawQuery != "")
}
