package api

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
)

// A hostCheck knows which host was local last: most clients name the same one each time.
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

// isLocal tells a request that was sent to this machine by a name that is always its
// own. A web page whose name has been made to lead to 127.0.0.1 has the browser on a
// developer's machine send that name. A client without a Host, by HTTP/1.0, is no
// browser.
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
