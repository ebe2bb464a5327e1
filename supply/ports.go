package supply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// writePorts writes the profile script that gives the app and its sidecars their ports,
// where one of the sidecars is a proxy.
func (s *Supplier) writePorts(verdict judge.Verdict) error {
	script := portsScript(verdict.Sidecars, s.Stager.DepsIdx())
	if script == "" {
		return nil
	}
	if err := s.Stager.WriteProfileD(launch.PortsScript, script); err != nil {
		return fmt.Errorf("failed to write the profile script %s: %w", launch.PortsScript, err)
	}
	return s.warnOfEarlierPorts()
}

const portsHeader = `# shellcheck shell=dash
# The ports of an app behind a proxy. Every process of the app sources this before its
# command, which is the launcher's second argument.
`

// portsScript is the script, empty where no sidecar is a proxy. It sets PORT to the
// app's port in every process, proxies included, since the profile scripts of other
// buildpacks may write PORT into a file of the app in whichever process comes first. A
// proxy's own ports are in supervision.ProxyPorts, and the supervisor gives them to the
// proxy when it starts it.
//
// The first proxy has the platform's port, each the next one's in APP_PORT. A sidecar
// buildpack that comes later in the push puts its proxies behind these: its script
// starts from the value that PORT has then. An older version sets _sidecars_in_front in
// the process of its proxy, whose PORT has to stay as it is.
func portsScript(sidecars []sidecar.Definition, index string) string {
	var script strings.Builder
	done := map[string]bool{}
	for _, d := range sidecars {
		for _, t := range d.ProcessTypes {
			if !d.Proxy || done[t] {
				continue
			}
			done[t] = true
			script.WriteString(portsOf(t, sidecars, index))
		}
	}
	if script.Len() == 0 {
		return ""
	}
	return portsHeader + "if [ -z \"${_sidecars_in_front-}\" ]; then\ncase ${VCAP_APPLICATION-} in\n" + script.String() + "esac\nunset _sidecars_ports\nfi\n"
}

// portsOf is the part of the script for one process type.
func portsOf(processType string, sidecars []sidecar.Definition, index string) string {
	var proxies []sidecar.Definition
	for _, d := range sidecars {
		if d.Proxy && slices.Contains(d.ProcessTypes, processType) {
			proxies = append(proxies, d)
		}
	}
	var script strings.Builder
	fmt.Fprintf(&script, "%s)\n  if [ -n \"${PORT-}\" ] && _sidecars_ports=$(%s --ports %d); then\n    export PORT=\"${_sidecars_ports##* }\"\n",
		strings.Join(processPatterns([]string{processType}), " | "), supervisorPath(index), len(proxies))
	script.WriteString("    if [ -n \"${VCAP_APP_PORT+set}\" ]; then\n      export VCAP_APP_PORT=\"$PORT\"\n    fi\n    case ${2-} in\n")
	for i, d := range proxies {
		fmt.Fprintf(&script, "    %s*) export %s=\"${_sidecars_ports#%s}\" ;;\n",
			shell.Quote(launch.SupervisorPrefix(d.Name, index)+" "), supervision.ProxyPorts, strings.Repeat("* ", i))
	}
	script.WriteString("    esac\n  fi\n  ;;\n")
	return script.String()
}

// supervisorPath is how a process finds the supervisor.
func supervisorPath(index string) string {
	return fmt.Sprintf(`"$DEPS_DIR/%s/bin/%s"`, index, launch.SupervisorProgram)
}
