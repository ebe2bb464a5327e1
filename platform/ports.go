package platform

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"sync"
	"syscall"
)

// DefaultPort is the port of the first web instance, as in a container, if it
// is free.
const DefaultPort = 8080

// ports are the ports that instances have been given: in a container, each
// would have the machine to itself.
type ports struct {
	mutex sync.Mutex
	given map[int]io.Closer // the claim on each
}

// assign gives out a port. The first instance gets the wanted one, or an error
// where it is taken; where none is wanted, the default one or any.
func (p *ports) assign(wanted int, first bool) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if first && wanted != 0 {
		return p.take(wanted)
	}
	if first {
		if port, err := p.take(DefaultPort); err == nil {
			return port, nil
		}
	}
	for range math.MaxUint16 {
		port, err := p.take(0)
		if !errors.Is(err, errPortGiven) && !errors.Is(err, errElsewhere) {
			return port, err
		}
	}
	return 0, errors.New("no port is left on this machine")
}

// close gives all ports back.
func (p *ports) close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, claim := range p.given {
		_ = claim.Close() // it goes with this program in any case
	}
	p.given = nil
}

var errPortGiven = errors.New("another instance, or another run of sidecar, has been given the port")

func (p *ports) take(candidate int) (int, error) {
	port, err := free(candidate)
	if err != nil {
		return 0, err
	}
	if _, given := p.given[port]; given {
		return 0, fmt.Errorf("port %d: %w", port, errPortGiven)
	}
	held, err := claim(port)
	if err != nil {
		return 0, err
	}
	if p.given == nil {
		p.given = map[int]io.Closer{}
	}
	p.given[port] = held
	return port, nil
}

// claim keeps a port from every other run of this program, which may have found
// it free too while the app that it is for does not listen yet. The claim is a
// socket without a file, which Linux alone has, and is gone with the program.
func claim(port int) (io.Closer, error) {
	if runtime.GOOS != "linux" {
		return io.NopCloser(nil), nil
	}
	held, err := net.Listen("unix", fmt.Sprintf("@sidecar-buildpack/port/%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d: %w", port, errPortGiven)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to claim port %d: %w", port, err)
	}
	return held, nil
}

// errElsewhere says that a program listens on a port at another address than those that
// free binds; most apps listen at all of them.
var errElsewhere = errors.New("another program listens")

// free finds out whether a port is free, 0 standing for any. It binds loopback alone,
// so that this program can be reached from nowhere else, be it for a moment; whoever
// listens on all addresses is found there, too. Other addresses are looked up where
// the machine tells.
func free(port int) (int, error) {
	four, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return 0, err
	}
	port = four.Addr().(*net.TCPAddr).Port
	six, err := net.ListenTCP("tcp6", &net.TCPAddr{IP: net.IPv6loopback, Port: port})
	if err == nil {
		err = six.Close()
	} else if !errors.Is(err, syscall.EADDRINUSE) {
		err = nil // there are machines without IPv6
	}
	if err := errors.Join(err, four.Close()); err != nil {
		return 0, err
	}
	for _, address := range listenAddresses() {
		if int(address.Port()) == port {
			return 0, fmt.Errorf("%w at %s", errElsewhere, address)
		}
	}
	return port, nil
}
