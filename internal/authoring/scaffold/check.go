package scaffold

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

var (
	validVersion       = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_~-]*$`)
	validModuleVersion = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z./+_~-]*$`) // or a branch
)

// check refuses requests that cannot work, whatever is at the URI.
func (r Request) check() error {
	if err := r.checkName(); err != nil {
		return err
	}
	switch {
	case r.WithoutGo && r.URI == "":
		return &OptionError{"--without-go", "found no --from; expected one, since a program of one's own needs Go code"}
	case r.URI == "" && (r.Binary != "" || r.Strip > 0 || r.Version != "" || len(r.Agents) > 0):
		return &OptionError{"--from", "found --binary, --strip, --version or --agent without it; expected the URI of the archive whose files they name"}
	case hasCredentials(r.URI):
		return &OptionError{"--from", "found a user, a password or a query, which manifest.yml would show to everyone; expected a URI without these"}
	case r.Version != "" && !validVersion.MatchString(r.Version):
		return &OptionError{"--version", fmt.Sprintf("found %q; expected one such as 1.2.3", r.Version)}
	case !validModuleVersion.MatchString(r.ModuleVersion):
		return &OptionError{"--module-version", fmt.Sprintf("found %q; expected one such as v1.2.3", r.ModuleVersion)}
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
	if r.Binding != "" && strings.TrimSpace(r.Binding) == "" {
		return &OptionError{"--binding", fmt.Sprintf("found %q; expected the name, label or tag of a service", r.Binding)}
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
