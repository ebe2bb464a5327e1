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
)

// portsFile is the file in RunDirectory with the ports that the processes of the
// container have agreed on.
const portsFile = "ports"

// portDistance is how far they are from each other. It is more than one, so that those
// of two instances on one machine, whose ports follow each other, are not the same.
const portDistance = 10000

// ports are a port, and so many others that are free. They are the same in every
// process that asks, whichever is the first.
func ports(directory, first string, more int) (string, error) {
	given, err := strconv.ParseUint(first, 10, 16)
	if err != nil || given == 0 {
		return "", fmt.Errorf("found %q for PORT; expected a number from 1 to 65535", first)
	}
	path := filepath.Join(directory, RunDirectory, portsFile)
	if content, err := os.ReadFile(path); err == nil {
		return string(content), nil
	}
	chosen := strconv.FormatUint(given, 10)
	taken := map[int]bool{int(given): true}
	for candidate := int(given); more > 0; more-- {
		candidate, err = nextFree(candidate, taken)
		if err != nil {
			return "", err
		}
		taken[candidate] = true
		chosen += " " + strconv.Itoa(candidate)
	}
	return agree(path, chosen)
}

// nextFree is a port that nothing listens on, the same one wherever it is free.
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

func free(port int) bool {
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// agree writes what was chosen, unless somebody else has been faster, whose choice
// it then is.
func agree(path, chosen string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("failed to agree on ports: %w", err)
	}
	mine := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := replace(mine, []byte(chosen)); err != nil {
		return "", fmt.Errorf("failed to agree on ports: %w", err)
	}
	linked := os.Link(mine, path)
	if err := os.Remove(mine); err != nil {
		return "", fmt.Errorf("failed to agree on ports: %w", err)
	}
	switch {
	case linked == nil:
		return chosen, nil
	case errors.Is(linked, fs.ErrExist):
		content, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("failed to agree on ports: %w", err)
		}
		return strings.TrimSpace(string(content)), nil
	default:
		return "", fmt.Errorf("failed to agree on ports: %w", linked)
	}
}
