package supervise

import (
	"fmt"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// portVariables are variables other than PORT that tell a process its port: the platform's older
// name, and a variable that Cloud Foundry's Java buildpack sets to PORT in a profile script, for
// Spring Boot.
var portVariables = []string{"VCAP_APP_PORT", "SERVER_PORT"}

// withProxyPorts returns the environment that a proxy starts with: PORT is its own port, APP_PORT
// the one behind it, and supervision.ProxyPorts is removed. Those portVariables that contain the
// app's port change with PORT. The environment of any other process is unchanged.
func (e environment) withProxyPorts(warn func(format string, args ...any)) environment {
	list, found := e.lookup(supervision.ProxyPorts), false
	var proxied environment
	for _, variable := range e {
		if strings.HasPrefix(variable, supervision.ProxyPorts+"=") {
			found = true
			continue
		}
		proxied = append(proxied, variable)
	}
	if !found {
		return e
	}
	ports, err := parsePorts(list)
	if err == nil && len(ports) < 2 {
		err = fmt.Errorf("found %d ports; expected a proxy's own and the one behind it", len(ports))
	}
	if err != nil {
		warn("ignored the ports in %s: %s", supervision.ProxyPorts, err)
		return proxied
	}
	app := e.lookup("PORT")
	for _, name := range portVariables {
		if value := e.lookup(name); value != "" && value == app {
			proxied = proxied.set(name, ports[0])
		}
	}
	return proxied.set("PORT", ports[0]).set("APP_PORT", ports[1])
}
