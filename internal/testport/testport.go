// Package testport gives tests ports that no other process takes meanwhile.
package testport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// Free is a TCP port of this machine that nothing listens on. Until the test has ended,
// the kernel does not assign it to processes that ask for any port, and no other test asks for it
// here, not even one of another run of the same suite.
func Free(t testing.TB) string {
	t.Helper()
	const tries = 10_000
	for range tries {
		port := first + rand.IntN(ephemeral()-first)
		if claim(t, port) {
			return strconv.Itoa(port)
		}
	}
	t.Fatalf("no port from %d to %d is free", first, ephemeral()-1)
	return ""
}

// first is past the ports of services that are well known.
const first = 10_000

// ephemeral is the first port that the kernel gives to who asks for any.
func ephemeral() int {
	const usual = 32768
	content, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return usual // not Linux
	}
	var low int
	if _, err := fmt.Sscan(string(content), &low); err != nil || low < first+1000 {
		return usual // another test may be given the same one, in the worst case
	}
	return low
}

// claim takes a port for the test, if it is free at all addresses.
func claim(t testing.TB, port int) bool {
	if runtime.GOOS == "linux" {
		// The name is known to all processes in this network, and goes with this process.
		claimed, err := net.Listen("unix", fmt.Sprintf("@sidecar-buildpack-test/port/%d", port))
		if err != nil {
			return false
		}
		t.Cleanup(func() { _ = claimed.Close() })
	}
	for _, address := range []string{"", "127.0.0.1"} {
		listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			return false
		}
		_ = listener.Close() // nothing was accepted
	}
	return true
}
