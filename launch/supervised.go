package launch

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// SupervisorProgram runs the sidecars that ask for more than the platform does. It is in the bin
// directory of the buildpack's own deps directory.
const SupervisorProgram = "supervise"

// PortsScript is the profile script, in a sidecar buildpack's own profile.d, that sets the port of
// an app behind a proxy. It has to run before those of all other buildpacks.
const PortsScript = "sidecar-ports.sh"

// command returns what the platform runs for a sidecar. It contains the path of a program that the
// buildpack installs, since not every final buildpack sets PATH (CF-16). DEPS_DIR stays unexpanded,
// as its value differs at launch.
func command(d sidecar.Definition, index string) string {
	command := d.Command
	if command == "" {
		command = fmt.Sprintf(`"$DEPS_DIR/%s/bin/%s"`, index, d.Package.Name())
	}
	if !d.NeedsSupervisor() {
		return command
	}
	line := SupervisorPrefix(d.Name, index) + " "
	// Variables that the supervisor changes must not be expanded before it starts.
	s := d.Supervision
	changes := len(s.Env) > 0 || s.WorkDir != "" || d.Proxy || d.NeedsRendering()
	if simple.MatchString(command) && (!changes || !strings.Contains(command, "$")) {
		return line + command
	}
	return line + "bash -c " + shell.Quote(command)
}

// SupervisorPrefix returns the beginning of a supervised sidecar's command.
func SupervisorPrefix(name, index string) string {
	return fmt.Sprintf(`"$DEPS_DIR/%s/bin/%s" %s --`, index, SupervisorProgram, shell.Word(name))
}

// SupervisorIndex returns the index of the buildpack whose supervisor a sidecar's command runs, as
// written by SupervisorPrefix. supervised is false if it runs none.
func SupervisorIndex(command string) (index string, supervised bool) {
	found := supervisor.FindStringSubmatch(command)
	if found == nil {
		return "", false
	}
	return found[1], true
}

var supervisor = regexp.MustCompile(`^"\$DEPS_DIR/([0-9]+)/bin/` + SupervisorProgram + `" `)

// simple matches a command that is only a program's path and arguments, without the shell's special
// characters, so that it can follow another command.
var simple = func() *regexp.Regexp {
	const (
		variable = `\$(?:` + env.Name + `|\{` + env.Name + `\})`
		quoted   = `"(?:[^"\\$` + "`" + `]|` + variable + `)*"|'[^']*'`
		unquoted = `[A-Za-z0-9_./:@%+,-]`
		path     = `(?:` + unquoted + `|` + variable + `)*(?:/|"(?:[^"\\$` + "`" + `]|` + variable + `)*/(?:[^"\\$` + "`" + `]|` + variable + `)*")(?:` + unquoted + `|` + variable + `|` + quoted + `)*`
		word     = `(?:` + unquoted + `|=|` + variable + `|` + quoted + `)+`
	)
	return regexp.MustCompile(`^` + path + `(?: +` + word + `)* *$`)
}()
