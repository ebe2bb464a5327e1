package run

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"strconv"
	"sync"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/watch"
)

// DefaultPort is the port of the first web instance, as in a container, if it is free.
const DefaultPort = 8080

// ports assigns ports to instances, which share the machine's network.
type ports struct {
	mutex sync.Mutex
	given map[int]io.Closer // with the claim on each
	// reserved is the port for the first web instance; 0 if there is none.
	reserved int
}

// ReservePort reserves a port for the first web instance, before staging. The error says what uses
// the port.
func (p *Runner) ReservePort(port int) error {
	p.ports.mutex.Lock()
	defer p.ports.mutex.Unlock()
	if _, err := p.ports.take(port); err != nil {
		return fmt.Errorf("port %d is not free: %w", port, err)
	}
	p.ports.reserved = port
	return nil
}

// assign returns a free port. The first instance gets the wanted port, or an error if it is taken;
// without a wanted port, it gets the default port or any other.
func (p *ports) assign(wanted int, first bool) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if first && wanted != 0 && wanted == p.reserved {
		p.reserved = 0
		return wanted, nil
	}
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
		if !errors.Is(err, errPortGiven) && !errors.Is(err, errListens) {
			return port, err
		}
	}
	return 0, errors.New("no port is left on this machine")
}

// close releases all ports.
func (p *ports) close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, claim := range p.given {
		_ = claim.Close() // it ends with this program in any case
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
		return 0, errPortGiven
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

// claim reserves a port against other runs of this program, which may also find it free while the
// app does not listen yet. The claim is a socket without a file, which only Linux has, and ends
// with the program.
func claim(port int) (io.Closer, error) {
	if runtime.GOOS != "linux" {
		return io.NopCloser(nil), nil
	}
	held, err := net.Listen("unix", fmt.Sprintf("@sidecar-buildpack/port/%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, errPortGiven
	}
	if err != nil {
		return nil, fmt.Errorf("failed to claim port %d: %w", port, err)
	}
	return held, nil
}

// errListens says that a program listens on the port, perhaps at another address than those that
// free binds: most apps listen at all addresses.
var errListens = errors.New("another program listens")

// free reports an error unless a port is free; 0 means any port. It binds only loopback, so that
// nothing can connect from another machine; this also detects programs that listen on all
// addresses. For other addresses, it reads the machine's tables, if it can.
func free(port int) (int, error) {
	four, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return 0, whyNot(err, "127.0.0.1", port)
	}
	port = four.Addr().(*net.TCPAddr).Port
	six, err := net.ListenTCP("tcp6", &net.TCPAddr{IP: net.IPv6loopback, Port: port})
	if err == nil {
		err = six.Close()
	} else if err = whyNot(err, "::1", port); !errors.Is(err, errListens) {
		err = nil // some machines have no IPv6
	}
	if err := errors.Join(err, four.Close()); err != nil {
		return 0, err
	}
	for _, address := range watch.ListenAddresses() {
		if int(address.Port()) == port {
			return 0, fmt.Errorf("%w at %s", errListens, address)
		}
	}
	return port, nil
}

// whyNot explains why a port cannot be bound at an address.
func whyNot(err error, address string, port int) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w at %s", errListens, net.JoinHostPort(address, strconv.Itoa(port)))
	case errors.Is(err, syscall.EACCES):
		return errors.New("this user may not listen there, as on most ports below 1024")
	default:
		return err
	}
}
