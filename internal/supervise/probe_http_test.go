//go:build linux

package supervise

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testProbeHTTP(t *testing.T, when spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		http   = supervision.Check{Type: supervision.CheckHTTP, Endpoint: "/health", InvocationTimeout: 60}
	)

	answer := func(status int) func() string {
		return func() string { return fmt.Sprintf("HTTP/1.1 %d Some\r\n\r\n", status) }
	}

	it("takes the statuses that are asked for, and no others", func() {
		http.Status = "200-299,401,500-599"
		for _, status := range []int{200, 204, 299, 401, 500, 599} {
			Expect(probe{Check: http}.at(answering(t, answer(status))).check(t.Context())).To(Succeed(), "%d", status)
		}
		for _, status := range []int{300, 302, 400, 402, 499, 600} {
			Expect(probe{Check: http}.at(answering(t, answer(status))).check(t.Context())).To(MatchError(HaveSuffix(fmt.Sprintf("status %d Some", status))))
		}
	})

	it("sends headers with variables of the sidecar's environment, its own in their place", func() {
		asked := make(chan string, 1)
		at := listen(t, func(connection *net.TCPConn) {
			_, _ = connection.Write([]byte(ok))
			content, _ := io.ReadAll(connection)
			asked <- string(content)
		})
		http.Headers = []supervision.Variable{
			{Name: "Authorization", Value: "Bearer $TOKEN"}, {Name: "host", Value: "agent.internal"}, {Name: "X-Empty", Value: "${NONE}"}, {Name: "X-Price", Value: "5$"},
		}
		p := probe{Check: http, command: command{environ: environment{"TOKEN=s3cret"}}}
		Expect(p.at(at).check(t.Context())).To(Succeed())
		Expect(<-asked).To(Equal("GET /health HTTP/1.1\r\nhost: agent.internal\r\nUser-Agent: sidecar-healthcheck\r\nAccept: */*\r\nConnection: close\r\n" +
			"Authorization: Bearer s3cret\r\nX-Empty: \r\nX-Price: 5$\r\n\r\n"))
	})

	when("at a socket", func() {
		var directory, path string

		it.Before(func() {
			var err error
			directory, err = os.MkdirTemp("", "s") // the path of a socket is short
			Expect(err).NotTo(HaveOccurred())
			t.Cleanup(func() { _ = os.RemoveAll(directory) })
			path = filepath.Join(directory, "agent.sock")
		})

		serve := func(at, answer string) net.Listener {
			t.Helper()
			listener, err := net.Listen("unix", at)
			Expect(err).NotTo(HaveOccurred())
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				for {
					connection, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = connection.Read(make([]byte, 4<<10))
					_, _ = connection.Write([]byte(answer))
					_ = connection.Close()
				}
			}()
			return listener
		}
		at := func(c supervision.Check, socket string) probe {
			c.Socket = socket
			return probe{Check: c, command: command{environ: environment{"HOME=" + directory}, directory: directory}}
		}
		port := supervision.Check{Type: supervision.CheckPort, InvocationTimeout: 60}

		it("asks there: by its path, by a variable, relative to where the sidecar runs, and by a name without a file", func() {
			serve(path, ok)
			for _, socket := range []string{path, "$HOME/agent.sock", "${NONE:-agent.sock}", "./agent.sock"} {
				Expect(at(http, socket).check(t.Context())).To(Succeed(), socket)
				Expect(at(port, socket).check(t.Context())).To(Succeed(), socket)
			}
			serve("@"+path, ok)
			Expect(at(http, "@$HOME/agent.sock").check(t.Context())).To(Succeed())
		})

		it("says what came of it", func() {
			serve(path, unavailable)
			Expect(at(http, path).check(t.Context())).To(MatchError("GET /health at the socket " + path + ": status 503 Service Unavailable"))
			Expect(at(port, path).check(t.Context())).To(Succeed())
		})

		when("failure cases", func() {
			it("says that there is none, that no process listens, and which file is not a socket", func() {
				Expect(at(port, path).check(t.Context())).To(MatchError("socket " + path + ": there is none"))
				Expect(at(http, path).check(t.Context())).To(MatchError("GET /health at the socket " + path + ": there is none"))
				serve(path, ok).(*net.UnixListener).SetUnlinkOnClose(false)
				listener := serve(path+"2", ok).(*net.UnixListener)
				listener.SetUnlinkOnClose(false)
				Expect(listener.Close()).To(Succeed())
				Expect(at(port, path+"2").check(t.Context())).To(MatchError("socket " + path + "2: connection refused"))
				Expect(os.Mkdir(path+"3", 0o755)).To(Succeed())
				Expect(at(port, path+"3").check(t.Context())).To(MatchError("socket " + path + "3: connection refused"))
			})

			it("says which path is too long, or empty", func() {
				long := "/" + strings.Repeat("x", 107)
				Expect(at(port, long).check(t.Context())).To(MatchError("the socket " + long + " has a path of 108 bytes; expected 1 to 107"))
				Expect(at(port, "$NONE").check(t.Context())).To(MatchError("the socket $NONE has a path of 0 bytes; expected 1 to 107"))
			})
		})
	})

	when("failure cases", func() {
		it("sends no header that would be more than one, and quotes no value", func() {
			http.Headers = []supervision.Variable{{Name: "X-Token", Value: "$TOKEN"}}
			p := probe{Check: http, command: command{environ: environment{"TOKEN=s3cret\r\nX-Other: y"}}}
			Expect(p.at("1").check(t.Context())).To(MatchError("the value of the header X-Token has more than one line, or a NUL"))
		})
	})
}
