package supply

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

const (
	// besideScript is the profile script with what sidecars ask of the processes
	// beside them.
	besideScript = "sidecars.sh"
	// environmentScript, in the deps directory, holds what is in that script of
	// values, so that nobody else can read them.
	environmentScript = "app-environment.sh"
	// knownScript, in the deps directory, tells the sidecars that the buildpack knows
	// from the app: to its own profile script, and to those of other buildpacks that
	// were made from this one.
	knownScript = "known-sidecars.sh"
)

// writeBeside leaves these scripts.
func (s *Supplier) writeBeside(verdict judge.Verdict) error {
	if len(verdict.Sidecars) == 0 {
		return nil
	}
	b := beside{sidecars: verdict.Sidecars, index: s.Stager.DepsIdx(), known: slices.Clone(verdict.Processes)}
	var err error
	if b.followed, err = s.followed(); err != nil {
		return err
	}
	for _, n := range verdict.Neighbors {
		for _, p := range n.Processes {
			if p.IsSidecar() {
				b.known = append(b.known, p)
			}
		}
	}
	for _, script := range []struct{ name, content string }{{knownScript, b.knownScript()}, {environmentScript, b.environment()}} {
		if script.content == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(s.Stager.DepDir(), script.name), []byte(script.content), privateMode); err != nil {
			return fmt.Errorf("failed to write the script %s: %w", script.name, err)
		}
	}
	script := b.script()
	if script == "" {
		return nil
	}
	if b.followed {
		if err := s.installStartProgram(); err != nil {
			return err
		}
	}
	if err := s.Stager.WriteProfileD(besideScript, script); err != nil {
		return fmt.Errorf("failed to write the profile script %s: %w", besideScript, err)
	}
	return nil
}

// privateMode is that of files that may hold values of the user's: in the droplet, and
// in the app's container, they are for the app and its sidecars alone.
const privateMode = 0o600

// beside is what the scripts are made from.
type beside struct {
	sidecars []sidecar.Definition
	index    string
	// known are the sidecars that are known at staging: these, and those of the
	// buildpacks before this one.
	known []launch.Process
	// followed tells that other buildpacks come later in the push. What these declare
	// is known at launch.
	followed bool
}

const besideHeader = `# shellcheck shell=dash
# What the sidecars of this app ask of the processes beside them. Every process of
# the app sources this before its command, which is the launcher's second argument.
`

// script is empty where nothing is asked, and nothing could replace a sidecar.
func (b beside) script() string {
	script, environment, order := "", b.sourceEnvironment(), b.mainFile()+b.hold()
	if environment+order != "" || b.followed {
		script += b.findApp()
		if environment != "" {
			script += "if [ -n \"$_sidecars_app\" ]; then\n" + environment + "fi\n"
		}
		if order != "" {
			script += "if [ \"$_sidecars_app\" = yes ]; then\n" + order + "fi\n"
		}
		script += "unset _sidecars_app _sidecars_file\n"
	}
	if script == "" {
		return ""
	}
	return besideHeader + script
}

// findApp sets _sidecars_app to yes in the app's own process, which is the one with
// the command of no sidecar that a buildpack declares, and to shell in an interactive
// session (cf ssh). The sidecars of an app manifest are in no droplet, and count as
// the app. Of all buildpacks that were made from this one the supervised sidecars are
// known by their commands, so that these do not wait for each other.
func (b beside) findApp() string {
	script := fmt.Sprintf(`_sidecars_app=yes
case ${2-} in
'"$DEPS_DIR/'*'/bin/%s" '*) _sidecars_app= ;;
'' | bash | sh | /bin/bash | /bin/sh) _sidecars_app=shell ;;
esac
for _sidecars_file in "$DEPS_DIR/%s/%s" "$DEPS_DIR"/*/%[3]s; do
  if [ -f "$_sidecars_file" ] && [ -r "$_sidecars_file" ]; then
    . "$_sidecars_file"
  fi
done
`, launch.SupervisorProgram, b.index, knownScript)
	if b.followed {
		script += b.readLater()
	}
	return script
}

// readLater asks the program that reads YAML where a later buildpack that was not made
// from this one has a launch.yml, and nothing has told yet that this is a sidecar. The
// program also says which sidecar of this buildpack such a file has replaced.
func (b beside) readLater() string {
	position := strings.TrimLeft(b.index, "0")
	if position == "" {
		position = "0"
	}
	return fmt.Sprintf(`if [ "$_sidecars_app" = yes ]; then
  for _sidecars_file in "$DEPS_DIR"/*/%s; do
    _sidecars_index=${_sidecars_file%%/*}
    if [ -r "$_sidecars_file" ] && [ ! -e "$_sidecars_index/%s" ] && [ "${_sidecars_index##*/}" -gt %[3]s ] 2>/dev/null; then
      if "$DEPS_DIR/%[4]s/%[5]s/%[6]s" %[7]s "$DEPS_DIR" %[3]s "${2-}"; then
        _sidecars_app=
      fi
      break
    fi
  done
  unset _sidecars_index
fi
`, launch.FileName, knownScript, position, b.index, binDirectory, startenv.Program, startenv.IsSidecar)
}

// knownScript clears _sidecars_app in a process with the command of a sidecar that
// runs beside processes of its type.
func (b beside) knownScript() string {
	var script strings.Builder
	script.WriteString("# Tells sidecars from the app they run beside: see the profile script " + besideScript + ".\n")
	for _, p := range b.known {
		fmt.Fprintf(&script, "case ${VCAP_APPLICATION-} in\n%s)\n  case ${2-} in\n  %s) _sidecars_app= ;;\n  esac\n  ;;\nesac\n",
			strings.Join(processPatterns(p.SidecarFor), " | "), shell.Quote(p.Command))
	}
	return script.String()
}

// sourceEnvironment has the app source the script of environment. Where this may set
// what bears on the limits of language runtimes, it comes before these, whichever
// script was first.
func (b beside) sourceEnvironment() string {
	if b.environment() == "" {
		return ""
	}
	source := fmt.Sprintf("  . \"$DEPS_DIR/%s/%s\"\n", b.index, environmentScript)
	if !slices.ContainsFunc(b.sidecars, setsLimits) {
		return source
	}
	limits := fmt.Sprintf("  . \"$DEPS_DIR/%s/%s/%s\"\n", b.index, profileDirectory, limitsScript)
	return "  _sidecars_limits=lift\n" + limits + source + limits
}

// setsLimits tells whether the variables that a sidecar has for the app may bear on the
// limits of its language runtimes. Those of the app's own environment are known at the
// start.
func setsLimits(d sidecar.Definition) bool {
	return len(d.AppEnv) > 0 && d.AppEnvFrom != "" || slices.ContainsFunc(d.AppEnv, func(v supervision.Variable) bool {
		return slices.Contains(limitVariables, v.Name) || strings.HasPrefix(v.Name, "DOTNET_GCHeapHardLimit") || strings.HasPrefix(v.Name, "COMPlus_GCHeapHardLimit")
	})
}

// limitVariables are those that limitsScript sets, or in which it looks for what the
// user has set, but for those of .NET.
var limitVariables = []string{"GOMEMLIMIT", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NODE_OPTIONS", "SIDECARS_RUNTIME_LIMITS", "_JAVA_OPTIONS"}

// environment sets the variables that sidecars have for the app. Existing settings
// win. Those that the app's own environment states are read from there, and an app
// that cannot have them does not start.
func (b beside) environment() string {
	return b.each(func(d sidecar.Definition) string {
		switch {
		case len(d.AppEnv) == 0:
			return ""
		case d.AppEnvFrom == "":
			return startenv.Script(d.AppEnv)
		default:
			return fmt.Sprintf(`_sidecars_environment=$("$DEPS_DIR/%s/%s/%s" %s %s %s) || [ "$_sidecars_app" = shell ] || exit 1
eval "$_sidecars_environment"
unset _sidecars_environment
`, b.index, binDirectory, startenv.Program, sidecar.AppEnvKey, shell.Quote(d.Name), shell.Quote(d.AppEnvFrom))
		}
	})
}

// mainFile tells the supervisors which process is the app's. Where the app manifest
// has sidecars, which nobody knows here, they are named, too. Whatever else has come
// into the file's place is left alone: a named pipe would keep the app from starting,
// and a link would have another file written.
func (b beside) mainFile() string {
	directory := fmt.Sprintf(`"$DEPS_DIR/%s/%s"`, b.index, supervision.RunDirectory)
	return b.each(func(d sidecar.Definition) string {
		if !d.Supervision.StopAfterApp {
			return ""
		}
		return fmt.Sprintf(`    if [ ! -L %[1]s ] && [ ! -L %[1]s/%[2]s ] && { [ -f %[1]s/%[2]s ] || [ ! -e %[1]s/%[2]s ]; }; then
      mkdir -p %[1]s && echo "$$" >>%[1]s/%[2]s || :
    fi
`, directory, supervision.AppFile)
	})
}

// hold has the app wait.
func (b beside) hold() string {
	return b.each(func(d sidecar.Definition) string {
		if !d.HoldApp {
			return ""
		}
		return fmt.Sprintf("    %s --wait %s || exit 1\n", supervisorPath(b.index), shell.Quote(d.Name))
	})
}

// each is what sidecars ask for, each in the processes that it runs beside.
func (b beside) each(ask func(sidecar.Definition) string) string {
	var script strings.Builder
	for _, d := range b.sidecars {
		if asked := ask(d); asked != "" {
			fmt.Fprintf(&script, "  # for sidecar %q\n  case ${VCAP_APPLICATION-} in\n  %s)\n%s    ;;\n  esac\n", d.Name, strings.Join(processPatterns(d.ProcessTypes), " | "), asked)
		}
	}
	return script.String()
}

// processPatterns are patterns of the VCAP_APPLICATION of the process types, and of
// one that does not tell.
func processPatterns(processTypes []string) []string {
	patterns := []string{"''"}
	for _, t := range processTypes {
		quoted, err := json.Marshal(t)
		if err != nil {
			continue // no text is refused
		}
		for _, separator := range []string{":", ": "} {
			patterns = append(patterns, "*"+shell.Quote(`"process_type"`+separator+string(quoted))+"*")
		}
	}
	return patterns
}
