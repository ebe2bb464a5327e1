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
	// Name is the buildpack's, and Directory where its repository is to be.
	Name, Directory string
	// URI is where the sidecar's program is published; empty for a program of one's own in the
	// repository.
	URI string
	// Version is the version of what is at URI; empty for the one in the URI's path.
	Version string
	// Strip is how many leading parts of paths in the archive are dropped; negative: as many as
	// make sense.
	Strip int
	// Binary is the path of the program in the archive, after Strip; empty for the only one.
	Binary string
	// Command is the sidecar's; empty to run the program alone.
	Command string
	// Memory is its reservation, such as 64M.
	Memory string
	// Binding is the name, label or tag of a service with which apps get the sidecar; empty to
	// have apps name it.
	Binding string
	// Agents are files of the archive that the runtimes of apps load, by the runtime.
	Agents []Agent
	// WithoutGo makes the buildpack of data alone, with the programs of a release, which is at
	// the URI Programs.
	WithoutGo bool
	Programs  string
	// Module is required by the buildpack, in this version; Replace is the directory of a
	// checkout to use instead, or empty.
	Module, ModuleVersion, Replace string
}

// An OptionError is one of an option of the command line, or of its argument.
type OptionError struct {
	Option  string // such as --memory
	Problem string // what was found, and what would be right
}

func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

var (
	validVersion    = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_~-]*$`)
	validName       = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,49}$`)
	buildpackSuffix = regexp.MustCompile(`[-_]buildpack$`)
	nameSuffixes    = regexp.MustCompile(`[-_](sidecar[-_])?(buildpack|sidecar)$`)
)

// reserved are the names of programs in bin that a sidecar's own must not have.
var reserved = []string{"buildpack", "detect", "finalize", "release", "sidecar-env", "sidecar-render", "supervise", "supply"}

// id is the buildpack's, to which packages and "cf create-buildpack" add _buildpack.
func (r Request) id() string { return buildpackSuffix.ReplaceAllString(r.Name, "") }

// sidecar is the name of the sidecar, that of the buildpack without what says that it is one.
func (r Request) sidecar() string { return nameSuffixes.ReplaceAllString(r.Name, "") }

// title is what the staging log calls the buildpack.
func (r Request) title() string {
	words := strings.FieldsFunc(r.sidecar(), func(char rune) bool { return char == '-' || char == '_' })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(append(words, "Sidecar Buildpack"), " ")
}

// check refuses what cannot become a buildpack whatever is at the URI.
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

// hasCredentials tells a URI with parts that may be secret.
func hasCredentials(uri string) bool {
	parsed, err := url.Parse(uri)
	return err == nil && (parsed.User != nil || parsed.RawQuery != "")
}
