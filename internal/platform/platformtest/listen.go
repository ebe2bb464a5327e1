package platformtest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/onsi/gomega"
)

// ListenVariable makes this test binary a server: at the addresses in it, separated by
// blanks, it answers with the status that the file of statusVariable has, or 200.
const (
	ListenVariable = "SPEC_LISTEN"
	StatusVariable = "SPEC_STATUS"
)

// Serve says where it listens, and returns only where it cannot.
func Serve(addresses []string) error {
	failed := make(chan error)
	for _, address := range addresses {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go func() { failed <- http.Serve(listener, http.HandlerFunc(answer)) }()
		fmt.Printf("listening on %s\n", listener.Addr())
	}
	return <-failed
}

func answer(w http.ResponseWriter, _ *http.Request) {
	var status int
	content, err := os.ReadFile(os.Getenv(StatusVariable))
	if _, scanned := fmt.Sscan(string(content), &status); err == nil && scanned == nil {
		w.WriteHeader(status)
	}
}

// Listening is a command of a shell that becomes a server at these addresses.
func Listening(t *testing.T, addresses string) string {
	t.Helper()
	self, err := os.Executable()
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return fmt.Sprintf("%s=\"%s\" exec '%s'", ListenVariable, addresses, strings.ReplaceAll(self, "'", `'\''`))
}

// ClosedPort is a port on which nothing listens, nor can, until the test ends.
func ClosedPort(t *testing.T) int {
	t.Helper()
	g := gomega.NewWithT(t)
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	t.Cleanup(func() { g.Expect(syscall.Close(socket)).To(gomega.Succeed()) })
	g.Expect(syscall.Bind(socket, &syscall.SockaddrInet4{})).To(gomega.Succeed())
	address, err := syscall.Getsockname(socket)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	return address.(*syscall.SockaddrInet4).Port
}
