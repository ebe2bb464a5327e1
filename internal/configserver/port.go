package configserver

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/plainsource"
)

const portVariable = "CONFIG_SERVER_PORT"

// parsePort rejects 0: the app could not know which port was chosen.
func parsePort(value string) (int, error) {
	if value == "" {
		return 0, fmt.Errorf("%[1]s is not set: set it in the app's environment to the port to listen on, for example %[1]s=8082", portVariable)
	}

	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil || port == 0 {
		found := strconv.Quote(value)
		if plainsource.IsInline(value) {
			// The two variables were swapped: this is the configuration.
			found = "JSON (not shown, it may hold secrets)"
		}
		return 0, fmt.Errorf("%[1]s is %[2]s, which is not a port: set it to a whole number from 1 to 65535, for example %[1]s=8082", portVariable, found)
	}
	return int(port), nil
}

func listen(port int) (net.Listener, error) {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	listener, err := net.Listen("tcp4", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %[1]d on 127.0.0.1 is already in use: either the app itself listens on it, or %[2]s was given the value of PORT: set %[2]s to a port that nothing else in the container uses: %[3]w", port, portVariable, err)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to listen on %s: %w", address, err)
	}
	return listener, nil
}
