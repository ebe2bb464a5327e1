package supply

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/supervise"
)

// besideScript is the profile script with what sidecars ask of the processes beside
// them.
const besideScript = "sidecars.sh"

// writeBeside leaves that script, where they ask for anything. Others are the
// sidecars of other buildpacks, as far as they are known.
func (s *Supplier) writeBeside(sidecars []sidecar.Definition, neighbours []neighbour) error {
	var others []string
	for _, n := range neighbours {
		for _, p := range n.processes {
			if p.IsSidecar() {
				others = append(others, p.Command)
			}
		}
	}
	script := beside{sidecars: sidecars, index: s.Stager.DepsIdx(), others: others}.script()
	if script == "" {
		return nil
	}
	if err := s.Stager.WriteProfileD(besideScript, script); err != nil {
		return fmt.Errorf("failed to write the profile script %s: %w", besideScript, err)
	}
	return nil
}

// beside is what the script is made from.
type beside struct {
	sidecars []sidecar.Definition
	index    string
	others   []string // commands of sidecars that are not this buildpack's
}

const besideHeader = `# shellcheck shell=dash
# What the sidecars of this app ask of the processes beside them. Every process of
# the app sources this before its command, which is the launcher's second argument
# and tells the app's own process from its sidecars.
`

// script is empty where nothing is asked.
func (b beside) script() string {
	inApp := b.mainFile() + b.environment() + b.hold()
	script := b.ports()
	if inApp != "" {
		script += "case ${2-} in\n" + strings.Join(b.commands(), " | \\\n  ") + ") ;; # a sidecar\n*)\n" + inApp + "  ;;\nesac\n"
	}
	if script == "" {
		return ""
	}
	return besideHeader + script
}

// supervisor is how a process finds it.
func (b beside) supervisor() string {
	return fmt.Sprintf(`"$DEPS_DIR/%s/bin/%s"`, b.index, launch.SupervisorName)
}

// commands are patterns of the commands of sidecars: all that are supervised, by
// this buildpack or one that was made from it, so that two of these do not wait for
// each other, and the others that are known.
func (b beside) commands() []string {
	patterns := []string{fmt.Sprintf(`'"$DEPS_DIR/'*'/bin/%s" '*`, launch.SupervisorName)}
	for _, p := range launch.FromSidecars(b.sidecars, b.index) {
		patterns = append(patterns, launch.ShellQuoted(p.Command))
	}
	for _, command := range b.others {
		patterns = append(patterns, launch.ShellQuoted(command))
	}
	return slices.Compact(patterns)
}

// environment sets the variables that sidecars have for the app. What somebody has
// set stays.
func (b beside) environment() string {
	return b.each(func(d sidecar.Definition) string {
		var script strings.Builder
		for _, v := range d.AppEnv {
			fmt.Fprintf(&script, "    if [ -z \"${%[1]s+set}\" ]; then\n      export %[1]s=%[2]s\n    fi\n", v.Name, expanded(v.Value))
		}
		return script.String()
	})
}

// mainFile tells the supervisors which process is the app's.
func (b beside) mainFile() string {
	directory := fmt.Sprintf(`"$DEPS_DIR/%s/%s"`, b.index, supervise.RunDirectory)
	return b.each(func(d sidecar.Definition) string {
		if !d.Supervision.StopAfterApp {
			return ""
		}
		return fmt.Sprintf("    if [ ! -e %[1]s/%[2]s ]; then\n      mkdir -p %[1]s && echo \"$$\" >%[1]s/%[2]s || :\n    fi\n", directory, supervise.MainFile)
	})
}

// hold has the app wait.
func (b beside) hold() string {
	return b.each(func(d sidecar.Definition) string {
		if !d.Supervision.HoldApp {
			return ""
		}
		return fmt.Sprintf("    %s --wait %s || exit 1\n", b.supervisor(), launch.ShellQuoted(d.Name))
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

// ports moves the app and all others behind the sidecars that stand in front of it.
// The first proxy has the platform's port, each the next one's in APP_PORT.
func (b beside) ports() string {
	var script strings.Builder
	done := map[string]bool{}
	for _, d := range b.sidecars {
		for _, t := range d.ProcessTypes {
			if !d.Supervision.Proxy || done[t] {
				continue
			}
			done[t] = true
			script.WriteString(b.portsBeside(t))
		}
	}
	if script.Len() == 0 {
		return ""
	}
	return "case ${VCAP_APPLICATION-} in\n" + script.String() + "esac\nunset _sidecars_ports\n"
}

// portsBeside is the part for one process type.
func (b beside) portsBeside(processType string) string {
	var proxies []sidecar.Definition
	for _, d := range b.sidecars {
		if d.Supervision.Proxy && slices.Contains(d.ProcessTypes, processType) {
			proxies = append(proxies, d)
		}
	}
	var script strings.Builder
	fmt.Fprintf(&script, "%s)\n  if _sidecars_ports=$(%s --ports %d); then\n    case ${2-} in\n", strings.Join(processPatterns([]string{processType}), " | "), b.supervisor(), len(proxies))
	for i, d := range proxies {
		fmt.Fprintf(&script, "    %s*)\n", launch.ShellQuoted(launch.SupervisedBy(d.Name, b.index)+" "))
		if i > 0 {
			fmt.Fprintf(&script, "      _sidecars_ports=${_sidecars_ports#%s}\n", strings.Repeat("* ", i))
		}
		script.WriteString("      export PORT=\"${_sidecars_ports%% *}\"\n      _sidecars_ports=${_sidecars_ports#* }\n      export APP_PORT=\"${_sidecars_ports%% *}\"\n      ;;\n")
	}
	script.WriteString("    *) export PORT=\"${_sidecars_ports##* }\" ;;\n    esac\n    if [ -n \"${VCAP_APP_PORT+set}\" ]; then\n      export VCAP_APP_PORT=\"$PORT\"\n    fi\n  fi\n  ;;\n")
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
			patterns = append(patterns, "*"+launch.ShellQuoted(`"process_type"`+separator+string(quoted))+"*")
		}
	}
	return patterns
}

var reference = regexp.MustCompile(`\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})`)

// expanded quotes a text for the shell, but for its references to variables.
func expanded(text string) string {
	quoted, at := "", 0
	for _, match := range reference.FindAllStringIndex(text, -1) {
		name := strings.Trim(text[match[0]:match[1]], "${}")
		quoted += launch.ShellQuoted(text[at:match[0]]) + `"${` + name + `-}"`
		at = match[1]
	}
	return quoted + launch.ShellQuoted(text[at:])
}
