package launch

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// validate rejects what the lifecycle would silently accept and Cloud Controller would then fail on
// (CF-08, CF-27, CF-28, CF-29, CF-36, CF-37).
func validate(processes []Process) error {
	var problems []error
	seen := map[string]bool{}
	for _, p := range processes {
		if seen[p.Type] {
			problems = append(problems, fmt.Errorf("two entries are called %q; each needs a name of its own", p.Type))
		}
		seen[p.Type] = true
		problems = append(problems, p.validate())
	}
	return errors.Join(problems...)
}

func (p Process) validate() error {
	var problems []error
	refuse := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%q: "+format, append([]any{p.Type}, args...)...))
	}
	if strings.TrimSpace(p.Type) == "" {
		refuse("the type is blank; it needs a name")
	}
	if length := utf8.RuneCountInString(p.Type); length > sidecar.MaxNameLength {
		refuse("the type has %d characters; at most %d are allowed", length, sidecar.MaxNameLength)
	}
	if strings.TrimSpace(p.Command) == "" {
		refuse("there is no command")
	}
	if length := utf8.RuneCountInString(p.Command); length > sidecar.MaxCommandLength {
		refuse("the command has %d characters; at most %d are allowed", length, sidecar.MaxCommandLength)
	}
	for _, text := range append([]string{p.Type, p.Command}, p.SidecarFor...) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			refuse("%.60q is not text in UTF-8 without NUL", text)
		}
	}
	if p.Memory < 0 || p.Memory > int(memory.Max) {
		refuse("the memory is %d MB; it must be a whole number of MB from 1 to %d, or left out", p.Memory, int(memory.Max))
	}
	types := map[string]bool{}
	for _, t := range p.SidecarFor {
		if types[t] {
			refuse("the process type %q is listed twice", t)
		}
		types[t] = true
		if length := utf8.RuneCountInString(t); length == 0 || length > sidecar.MaxProcessTypeLength {
			refuse("the process type %q has %d characters; from 1 to %d are allowed", t, length, sidecar.MaxProcessTypeLength)
		}
	}
	return errors.Join(problems...)
}
