//go:build linux

package supervise

import (
	"io"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// printPorts prints what the shell of a process with this command evaluates to give the app and its
// proxies their ports. It prints nothing if no proxy runs in the process's container.
//
// PORT becomes the app's port in every process, including proxies, since profile scripts of other
// buildpacks may write PORT into a file of the app, in whichever process runs them first.
// supervision.ProxyPorts contains a proxy's own ports; the supervisor sets them when it starts the
// proxy. The first proxy gets the platform's port, and each proxy's APP_PORT is the port of the
// next.
func printPorts(directory, command string, environ []string, stdout, stderr io.Writer) int {
	say := newAsyncLogger(stderr, "")
	defer say.close()
	proxies := proxyCommands(sidecarsHere(directory, environ, say))
	if len(proxies) == 0 {
		return 0
	}
	_, vcapAppPort := env.Lookup(environ, "VCAP_APP_PORT")
	list, err := ports(directory, env.Get(environ, "PORT"), len(proxies), say.say)
	if err == nil {
		_, err = io.WriteString(stdout, portsScript(strings.Fields(list), proxies, command, vcapAppPort))
	}
	if err != nil {
		say.say("%s", err)
		return statusFailed
	}
	return 0
}

// proxyCommands returns the prefixes of the commands of those sidecars that are proxies.
func proxyCommands(sidecars []appstart.Sidecar) []string {
	var commands []string
	for _, s := range sidecars {
		if s.ProxyCommand != "" {
			commands = append(commands, s.ProxyCommand)
		}
	}
	return commands
}

// portsScript returns a script that sets the ports of a process. There is one port more than there
// are proxies.
func portsScript(ports, proxies []string, command string, vcapAppPort bool) string {
	app := ports[len(ports)-1]
	script := appstart.Export("PORT", app)
	if vcapAppPort {
		script += appstart.Export("VCAP_APP_PORT", app)
	}
	for i, proxy := range proxies {
		if strings.HasPrefix(command, proxy) {
			return script + appstart.Export(supervision.ProxyPorts, strings.Join(ports[i:], " "))
		}
	}
	return script
}
