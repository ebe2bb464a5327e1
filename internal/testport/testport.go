// Package testport gives tests ports that no other process uses meanwhile.
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

// Free returns a TCP port of this machine on which nothing listens. Until the test has ended, the
// kernel does not assign it to processes that ask for any port, and Free does not return it to
// other tests, including those of another run of the same suite.
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

// first is above the ports of well-known services.
const first = 10_000

// ephemeral returns the first port that the kernel assigns to processes that ask for any port.
func ephemeral() int {
	const usual = 32768
	content, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return usual // not Linux
	}
	var low int
	if _, err := fmt.Sscan(string(content), &low); err != nil || low < first+1000 {
		return usual // in the worst case, another test gets the same one
	}
	return low
}

// claim reserves a port for the test, if it is free at all addresses.
func claim(t testing.TB, port int) bool {
	if runtime.GOOS == "linux" {
		// All processes in this network namespace see the name; it ends with this process.
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
		_ = listener.Close() // it has accepted nothing
	}
	return true
}
