package watch

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// A Listener is a TCP socket on which a process of an instance accepts connections.
type Listener struct {
	address netip.AddrPort
	// owner is the number of the process in the container to which the socket belongs, itself or
	// through a descendant; 0 is the app, -1 if unknown.
	owner int
	// port is PORT in the environment of the socket's process.
	port string
}

func (l Listener) isLoopback() bool { return l.address.Addr().IsLoopback() }

// answersLoopback reports whether requests to 127.0.0.1 can reach the socket.
func (l Listener) answersLoopback() bool {
	return l.isLoopback() || l.address.Addr().IsUnspecified()
}

func (l Listener) isIPv6() bool { return l.address.Addr().Is6() }

// listeningOn returns the sockets that listen on a port.
func listeningOn(port int, all []Listener) []Listener {
	return slices.DeleteFunc(slices.Clone(all), func(l Listener) bool { return int(l.address.Port()) != port })
}

// all reports whether there is at least one socket, and are holds for all of them.
func all(some []Listener, are func(Listener) bool) bool {
	return len(some) > 0 && !slices.ContainsFunc(some, func(l Listener) bool { return !are(l) })
}

// maxAddresses is how many addresses a message names.
const maxAddresses = 3

// addresses lists the sockets' addresses for a message.
func addresses(of []Listener) string {
	of = slices.Clone(of)
	slices.SortFunc(of, func(a, b Listener) int {
		return cmp.Or(cmp.Compare(a.address.Port(), b.address.Port()), a.address.Addr().Compare(b.address.Addr()))
	})
	var texts []string
	for _, l := range of {
		texts = append(texts, l.address.String())
	}
	texts = slices.Compact(texts)
	if len(texts) > maxAddresses {
		texts = append(texts[:maxAddresses], "others")
	}
	last := len(texts) - 1
	if last < 1 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}
