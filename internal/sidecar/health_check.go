package sidecar

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// check fills in the defaults of a check.
func (d *declaration) check(c supervision.Check) *supervision.Check {
	switch {
	case c.Type != "":
	case c.Command != "":
		c.Type = supervision.CheckExec
	case c.Endpoint != "" || c.Status != "" || len(c.Headers) > 0:
		c.Type = supervision.CheckHTTP
	case d.port != "" || d.socket != "":
		c.Type = supervision.CheckPort
	default:
		c.Type = supervision.CheckProcess
	}
	if c.Type == supervision.CheckHTTP && c.Endpoint == "" {
		c.Endpoint = "/"
	}
	if c.Type == supervision.CheckHTTP || c.Type == supervision.CheckPort {
		c.Port, c.Socket = d.port, d.socket
		if d.port == "" && d.socket == "" && d.Proxy {
			c.Port = "$PORT"
		}
	}
	return &c
}

// shownCheck describes a check for a log.
func shownCheck(c *supervision.Check) []string {
	switch {
	case c == nil:
		return nil
	case c.Type == supervision.CheckProcess:
		return []string{"its process"}
	case c.Type == supervision.CheckExec:
		return []string{"a command"}
	case c.Socket != "":
		return []string{c.Type + " at the socket " + redact.Text(strings.TrimSpace(c.Socket+" "+c.Endpoint))}
	default:
		return []string{strings.TrimSpace(c.Type + " at port " + c.Port + redact.Text(c.Endpoint))}
	}
}

// checkHealthCheck rejects contradictory settings of a check. full is the check with its defaults,
// or nil if there is no check.
func checkHealthCheck(key string, stated supervision.Check, full *supervision.Check, refuse func(found, want string)) {
	if full == nil {
		return
	}
	usesPort := full.Type == supervision.CheckHTTP || full.Type == supervision.CheckPort
	if usesPort && full.Port == "" && full.Socket == "" {
		refuse("a "+key+" of type "+full.Type+" without a port", "the key port: a number, or the variable that holds it, such as $CONFIG_SERVER_PORT; or the key socket")
	}
	if full.Type == supervision.CheckExec && full.Command == "" {
		refuse("a "+key+" of type exec without a command", "the key "+key+"-command: what bash runs, and ends with 0 if all is well")
	}
	for _, only := range []struct {
		of, suffix, name string
		stated           bool
	}{
		{supervision.CheckHTTP, endpointSuffix, "endpoint", stated.Endpoint != ""},
		{supervision.CheckHTTP, statusSuffix, "statuses", stated.Status != ""},
		{supervision.CheckHTTP, headersSuffix, "headers", len(stated.Headers) > 0},
		{supervision.CheckExec, commandSuffix, "command", stated.Command != ""},
	} {
		if only.stated && full.Type != only.of {
			refuse("a "+key+only.suffix+" with a "+key+" of type "+full.Type, "the type "+only.of+", or no "+only.name)
		}
	}
}
