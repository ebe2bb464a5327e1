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

// DefaultPort is the port of the first web instance, as in a container, if it
// is free.
const DefaultPort = 8080

// ports are the ports that instances have been given: in a container, each
// would have the machine to itself.
type ports struct {
	mutex sync.Mutex
	given map[int]io.Closer // the claim on each
	// reserved is the given one that the first web instance will have; 0: there is none.
	reserved int
}

// ReservePort takes a port for the first web instance before there is one, so that staging
// is not in vain. The error says who has it.
func (p *Runner) ReservePort(port int) error {
	p.ports.mutex.Lock()
	defer p.ports.mutex.Unlock()
	if _, err := p.ports.take(port); err != nil {
		return fmt.Errorf("port %d is not free: %w", port, err)
	}
	p.ports.reserved = port
	return nil
}

// assign gives out a port. The first instance gets the wanted one, or an error
// where it is taken; where none is wanted, the default one or any.
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

// claim keeps a port from every other run of this program, which may have found
// it free too while the app that it is for does not listen yet. The claim is a
// socket without a file, which Linux alone has, and is gone with the program.
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

// errListens says that a program listens on a port, be it at another address than those that
// free binds: most apps listen at all of them.
var errListens = errors.New("another program listens")

// free finds out whether a port is free, 0 standing for any. It binds loopback alone,
// so that this program can be reached from nowhere else, be it for a moment; whoever
// listens on all addresses is found there, too. Other addresses are looked up where
// the machine tells.
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
		err = nil // there are machines without IPv6
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

// whyNot says why a port cannot be bound at an address.
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
