package api

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
)

// hostCheck remembers the last Host that was local: most clients send the same one each time.
type hostCheck struct{ last atomic.Pointer[string] }

func (c *hostCheck) isLocal(request *http.Request) bool {
	if last := c.last.Load(); last != nil && *last == request.Host {
		return true
	}
	if !isLocal(request) {
		return false
	}
	host := request.Host
	c.last.Store(&host)
	return true
}

// isLocal reports whether a request names a host that always means this machine. It guards against DNS
// rebinding: a web page whose name resolves to 127.0.0.1 makes the browser on a developer's machine send that
// name. A client that sends no Host (HTTP/1.0) is not a browser.
func isLocal(request *http.Request) bool {
	host := request.Host
	if host == "" {
		return !request.ProtoAtLeast(1, 1)
	}
	if name, port, err := net.SplitHostPort(host); err == nil {
		if strings.Trim(port, "0123456789") != "" {
			return false
		}
		host = name
	} else if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1 : len(host)-1]
	}
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Zone() == "" && address.IsLoopback()
}
