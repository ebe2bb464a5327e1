package configserver

import (
	"errors"
	"net"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// addresses says where to listen: on a port, a Unix socket, or both.
type addresses struct {
	port   int    // 0 for none
	socket string // the path; empty for none
}

func readAddresses(environ []string) (addresses, error) {
	socket := env.Get(environ, socketVariable)
	value := env.Get(environ, portVariable)
	if value == "" && socket != "" {
		return addresses{socket: socket}, nil
	}
	port, err := parsePort(value)
	return addresses{port, socket}, err
}

// listen listens on all of the addresses. If one fails, it listens on none.
func (a addresses) listen() ([]net.Listener, error) {
	var listeners []net.Listener
	if a.port != 0 {
		listener, err := listen(a.port)
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	if a.socket == "" {
		return listeners, nil
	}
	listener, err := listenSocket(a.socket)
	if err != nil {
		for _, other := range listeners {
			err = errors.Join(err, other.Close())
		}
		return nil, err
	}
	return append(listeners, listener), nil
}
