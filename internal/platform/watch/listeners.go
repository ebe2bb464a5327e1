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
	// owner is the number of the container's process whose socket it is, or that has
	// started the one whose it is: 0 is the app. It is -1 where that cannot be told.
	owner int
	// port is the PORT that the environment of the socket's process has.
	port string
}

func (l Listener) isLoopback() bool { return l.address.Addr().IsLoopback() }

// answersLoopback tells whether what is sent to 127.0.0.1 can reach the socket.
func (l Listener) answersLoopback() bool {
	return l.isLoopback() || l.address.Addr().IsUnspecified()
}

func (l Listener) isIPv6() bool { return l.address.Addr().Is6() }

// listeningOn are those that listen on a port.
func listeningOn(port int, all []Listener) []Listener {
	return slices.DeleteFunc(slices.Clone(all), func(l Listener) bool { return int(l.address.Port()) != port })
}

// all tells whether there are some, and all are so.
func all(some []Listener, are func(Listener) bool) bool {
	return len(some) > 0 && !slices.ContainsFunc(some, func(l Listener) bool { return !are(l) })
}

// maxAddresses is the most addresses that a message names.
const maxAddresses = 3

// addresses are where sockets listen, for a message.
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
