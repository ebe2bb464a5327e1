package supervise

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// portsFile is the file in RunDirectory with the ports that the container's processes have agreed
// on.
const portsFile = "ports"

// portDistance is how far apart the ports are. Two instances on one machine get consecutive ports
// from the platform, so a distance of 1 would make their ports collide.
const portDistance = 10000

// maxPorts limits how much of the file is read, in bytes: far more than it ever contains. Any
// process in the app's container can write to it.
const maxPorts = 4 << 10

// maxPortsFiles is how many names for the file are tried.
const maxPortsFiles = 10

// ports returns the port first and that many more free ones, with blanks between. Each process gets
// the same answer, whichever asks first.
func ports(directory, first string, more int, warn func(format string, args ...any)) (string, error) {
	given, err := strconv.ParseUint(first, 10, 16)
	if err != nil || given == 0 {
		return "", fmt.Errorf("found %q for PORT; expected a number from 1 to 65535", first)
	}
	// If something else has the file's name, it is left there, and all processes try the next name.
	path := filepath.Join(directory, supervision.RunDirectory, portsFile)
	if err := supervision.MakeRunDirectory(filepath.Dir(path)); err != nil {
		return "", fmt.Errorf("failed to agree on ports: %w", err)
	}
	for number := range maxPortsFiles {
		if number > 0 {
			path = filepath.Join(directory, supervision.RunDirectory, portsFile+"."+strconv.Itoa(number))
		}
		chosen, err := agreedPorts(path, more)
		if errors.Is(err, fs.ErrNotExist) {
			if chosen, err = choosePorts(given, more); err != nil {
				return "", err
			}
			chosen, err = publishOnce(path, chosen, more)
		}
		if err == nil {
			return chosen, nil
		}
		var invalid *invalidPortsError
		if !errors.As(err, &invalid) {
			return "", fmt.Errorf("failed to agree on ports: %w", err)
		}
		warn("ignored the ports that were agreed on: %s", err)
	}
	return "", fmt.Errorf("failed to agree on ports: found no use in the files below %s", filepath.Dir(path))
}

// An invalidPortsError says that a file does not contain valid ports.
type invalidPortsError struct{ error }

func (e *invalidPortsError) Unwrap() error { return e.error }

// agreedPorts reads a file with a port and the given number of others, with blanks between.
func agreedPorts(path string, more int) (string, error) {
	content, err := regularfile.ReadRaw(path, maxPorts)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		return "", &invalidPortsError{err}
	}
	numbers, err := parsePorts(string(content))
	if err != nil {
		return "", &invalidPortsError{fmt.Errorf("%s: %w", path, err)}
	}
	if len(numbers) != more+1 {
		return "", &invalidPortsError{fmt.Errorf("%s: found %d ports; expected %d", path, len(numbers), more+1)}
	}
	return strings.Join(numbers, " "), nil
}

// parsePorts splits a list of ports at its blanks.
func parsePorts(list string) ([]string, error) {
	numbers := strings.Fields(list)
	for _, number := range numbers {
		if port, err := strconv.ParseUint(number, 10, 16); err != nil || port == 0 {
			return nil, fmt.Errorf("found the port %q; expected a number from 1 to 65535", number)
		}
	}
	return numbers, nil
}

// choosePorts returns a port and the given number of others on which no process listens.
func choosePorts(given uint64, more int) (string, error) {
	chosen := strconv.FormatUint(given, 10)
	taken := map[int]bool{int(given): true}
	candidate := int(given)
	for ; more > 0; more-- {
		var err error
		if candidate, err = nextFree(candidate, taken); err != nil {
			return "", err
		}
		taken[candidate] = true
		chosen += " " + strconv.Itoa(candidate)
	}
	return chosen, nil
}

// nextFree returns a port on which no process listens, and always the same one if that is free.
func nextFree(after int, taken map[int]bool) (int, error) {
	const lowest, highest = 1024, 65535
	candidate := after + portDistance
	for range highest {
		if candidate > highest {
			candidate -= highest - lowest
		}
		if !taken[candidate] && free(candidate) {
			return candidate, nil
		}
		candidate++
	}
	return 0, errors.New("found no free port")
}

// free tries the loopback addresses of IPv4 and, if there is any, IPv6. That also finds processes
// that listen on all addresses.
func free(port int) bool {
	for _, address := range []string{"127.0.0.1", "::1"} {
		listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			return false
		case err == nil && listener.Close() != nil:
			return false
		case err != nil && address == "127.0.0.1":
			return false
		}
	}
	return true
}

// publishOnce writes the chosen ports, unless another process was faster; it then returns that
// process's choice.
func publishOnce(path, chosen string, more int) (string, error) {
	mine := fmt.Sprintf("%s.new.%d", path, os.Getpid())
	if err := atomicfile.Write(mine, []byte(chosen), 0o600); err != nil {
		return "", err
	}
	linked := os.Link(mine, path)
	if err := os.Remove(mine); err != nil {
		return "", err
	}
	switch {
	case linked == nil:
		return chosen, nil
	case errors.Is(linked, fs.ErrExist):
		return agreedPorts(path, more)
	default:
		return "", linked
	}
}
