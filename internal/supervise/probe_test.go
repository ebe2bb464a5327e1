//go:build linux

package supervise

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testProbe(t *testing.T, when spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		http       = probe{Check: supervision.Check{Type: supervision.CheckHTTP, Endpoint: "/health", InvocationTimeout: 60}}
		port       = probe{Check: supervision.Check{Type: supervision.CheckPort, InvocationTimeout: 60}}
	)

	// timeout is far more than the time-out of a probe: one that goes on for as long hangs.
	const timeout = 3 * time.Minute

	check := func(p probe, at string) (err error) {
		t.Helper()
		within(t, timeout, func() { err = p.at(at).check(t.Context()) })
		return err
	}

	// drip sends a text one byte at a time, until the reader is gone.
	drip := func(connection *net.TCPConn, text string) {
		for {
			for _, char := range []byte(text) {
				if _, err := connection.Write([]byte{char}); err != nil {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		}
	}

	it("is content with any answer of 200", func() {
		for _, answer := range []string{
			ok, "HTTP/1.0 200 OK\r\n\r\nbody", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 \n\n", "HTTP/1.1 200 Fine, thanks\r\n", "HTTP/1.1 200 OK",
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + ok,
			"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n",
			"HTTP/1.1 200 " + strings.Repeat("x", 1<<20) + "\r\n\r\n",
			"HTTP/1.1 200 OK\r\n\x00\xff\r\r\r",
		} {
			Expect(check(http, answering(t, func() string { return answer }))).To(Succeed(), "%.60q", answer)
		}
	})

	it("asks as a client does", func() {
		asked := make(chan string, 1)
		at := listen(t, func(connection *net.TCPConn) {
			_, _ = connection.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")) // and does not close
			content, _ := io.ReadAll(connection)
			asked <- string(content)
		})
		Expect(check(http, at)).To(Succeed())
		Expect(<-asked).To(Equal("GET /health HTTP/1.1\r\nHost: 127.0.0.1:" + at + "\r\nUser-Agent: sidecar-healthcheck\r\nAccept: */*\r\nConnection: close\r\n\r\n"))
		Expect(check(probe{Check: supervision.Check{Type: supervision.CheckHTTP}}, at)).To(Succeed())
		Expect(<-asked).To(HavePrefix("GET / HTTP/1.1\r\n"))
	})

	it("does not wait for the end of a 200 for longer than its time-out", func() {
		http.InvocationTimeout = 5
		Expect(check(http, listen(t, func(connection *net.TCPConn) {
			_, _ = connection.Write([]byte("HTTP/1.1 200 OK\r\n"))
			drip(connection, "X: x\r\n")
		}))).To(Succeed())
		Expect(check(http, listen(t, func(connection *net.TCPConn) {
			_, _ = connection.Write([]byte(ok))
			_, _ = io.Copy(connection, endless{}) // faster than any reader
		}))).To(Succeed())
	})

	it("is content with a port that is open, whatever is behind it", func() {
		Expect(check(port, answering(t, func() string { return unavailable }))).To(Succeed())
		Expect(check(port, listen(t, func(*net.TCPConn) {}))).To(Succeed())
		listener, err := net.Listen("tcp", "127.0.0.1:0") // never accepts
		Expect(err).NotTo(HaveOccurred())
		defer listener.Close()
		_, number, _ := net.SplitHostPort(listener.Addr().String())
		Expect(check(port, number)).To(Succeed())
	})

	it("finds what listens for IPv6 alone", func() {
		listener, err := net.Listen("tcp6", "[::1]:0")
		if err != nil {
			t.Skip("there is no IPv6 here") // as in many a container
		}
		defer listener.Close()
		_, number, _ := net.SplitHostPort(listener.Addr().String())
		Expect(check(port, number)).To(Succeed())
	})

	it("has nothing to ask of a process", func() {
		Expect(check(probe{Check: supervision.Check{Type: supervision.CheckProcess}}, "")).To(Succeed())
	})

	it("is repeated, and more often until it succeeds", func() {
		var asked atomic.Int32
		at := answering(t, func() string {
			if asked.Add(1) <= 5 {
				return unavailable
			}
			return ok
		})
		ctx, cancel := context.WithCancel(t.Context())
		told, ended := make(chan error, 100), make(chan struct{})
		hourly := http
		hourly.Interval = 3600
		go func() {
			defer close(ended)
			hourly.at(at).watch(ctx, time.Hour, func(err error) { told <- err })
		}()
		for range 5 {
			Expect(<-told).To(MatchError(ContainSubstring("status 503 Service Unavailable")))
		}
		Expect(<-told).To(Succeed())
		NewWithT(t).Consistently(told, "300ms").ShouldNot(Receive())
		cancel()
		Eventually(ended).Should(BeClosed())
	})

	it("is asked less often once patience is over", func() {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		told := make(chan error, 100)
		hourly := probe{Check: supervision.Check{Type: supervision.CheckPort, Interval: 3600}}
		go hourly.at(testport.Free(t)).watch(ctx, 0, func(err error) { told <- err })
		Expect(<-told).To(HaveOccurred())
		NewWithT(t).Consistently(told, "300ms").ShouldNot(Receive())
	})

	it("ends with its context, and tells nothing then", func() {
		reached := make(chan struct{}, 1)
		at := listen(t, func(connection *net.TCPConn) {
			reached <- struct{}{}
			_, _ = io.Copy(io.Discard, connection)
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			probe{Check: supervision.Check{Type: supervision.CheckHTTP, InvocationTimeout: 3600}}.at(at).watch(ctx, time.Hour, func(error) { panic("told") })
		}()
		<-reached
		cancel()
		Eventually(ended).Should(BeClosed())
	})

	when("failure cases", func() {
		fails := func(serve func(*net.TCPConn), message string) {
			t.Helper()
			at := listen(t, serve)
			err := check(http, at)
			Expect(err).To(MatchError("GET http://127.0.0.1:" + at + "/health: " + message))
		}
		answers := func(answer string) func(*net.TCPConn) {
			return func(connection *net.TCPConn) {
				_, _ = connection.Read(make([]byte, 4<<10))
				_, _ = connection.Write([]byte(answer))
			}
		}

		it("says which other status came", func() {
			for answer, message := range map[string]string{
				"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n":                               "status 302 Found",
				"HTTP/1.1 500 Internal Server Error\r\n":                                  "status 500 Internal Server Error",
				"HTTP/1.0 503\r\n\r\n":                                                    "status 503",
				"HTTP/1.1 204 No Content\r\n\r\n":                                         "status 204 No Content",
				"HTTP/1.1 404 a\x1b[31mb\rc\r\n\r\n":                                      `status 404 a\x1b[31mb\rc`,
				"HTTP/1.1 999 \r\n\r\n":                                                   "status 999",
				"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Internal Server Error\r\n\r\n": "status 500 Internal Server Error",
				"HTTP/1.1 500 " + strings.Repeat("x", 1<<20):                              "status 500 " + strings.Repeat("x", 60),
			} {
				fails(answers(answer), message)
			}
		})

		it("says what came that is not a response", func() {
			for answer, message := range map[string]string{
				"SSH-2.0-OpenSSH_9.6\r\n":                     `"SSH-2.0-OpenSSH_9.6", which is not an HTTP response`,
				"\x15\x03\x01\x00\x02\x02\x16":                `"\x15\x03\x01\x00\x02\x02\x16", which is not an HTTP response`,
				strings.Repeat("\x00", 1<<20):                 `"` + strings.Repeat(`\x00`, 60) + `", which is not an HTTP response`,
				"\r\n\r\n":                                    `"", which is not an HTTP response`,
				"HTTP/2 200\r\n":                              `"HTTP/2 200", which is not an HTTP response`,
				"HTTP/1.1 2000 OK\r\n":                        `"HTTP/1.1 2000 OK", which is not an HTTP response`,
				"HTTP/1.1 20 OK\r\n":                          `"HTTP/1.1 20 OK", which is not an HTTP response`,
				"HTTP/1.1 -200 OK\r\n":                        `"HTTP/1.1 -200 OK", which is not an HTTP response`,
				"HTTP/1.1 99999999999999999999999999999\r\n":  `"HTTP/1.1 99999999999999999999999999999", which is not an HTTP response`,
				"HTTP/1.1 OK\r\n":                             `"HTTP/1.1 OK", which is not an HTTP response`,
				"HTTP/1.1":                                    `"HTTP/1.1", which is not an HTTP response`,
				"<html>200 OK</html>":                         `"<html>200 OK</html>", which is not an HTTP response`,
				"HTTP/1.1 100 Continue\r\n\r\n<html>\r\n\r\n": `"<html>", which is not an HTTP response`,
			} {
				fails(answers(answer), message)
			}
		})

		it("says that the connection was closed", func() {
			const message = "the connection was closed without an answer"
			fails(func(*net.TCPConn) {}, message)
			fails(func(connection *net.TCPConn) { _ = connection.SetLinger(0) }, message) // a reset
			fails(answers(""), message)
			fails(answers("HTTP/1.1 100 Continue\r\n\r\n"), message)
			fails(answers("HTTP/1.1 100 Continue\r\nX: "), message)
			fails(answers(strings.Repeat("HTTP/1.1 100 \r\n\n", 1<<16)), message) // without end; no line is cut by the limit
		})

		it("says that no answer came in time", func() {
			http.InvocationTimeout = 1
			const message = "no answer within 1s"
			silent := func(text string) func(*net.TCPConn) {
				return func(connection *net.TCPConn) {
					_, _ = connection.Write([]byte(text))
					_, _ = io.Copy(io.Discard, connection)
				}
			}
			fails(silent(""), message)
			fails(silent("HTT"), message)
			fails(silent("HTTP/1.1 200"), message) // which might become 2000
			fails(silent("HTTP/1.1 100 Continue\r\n"), message)
			fails(func(connection *net.TCPConn) { drip(connection, "HTTP/1.1 200 OK, but slowly") }, message)
			fails(func(connection *net.TCPConn) {
				_, _ = connection.Write([]byte("HTTP/1.1 100 Continue\r\n"))
				drip(connection, "X")
			}, message)
		})

		it("says that no process listens", func() {
			at := testport.Free(t)
			Expect(check(http, at)).To(MatchError("GET http://127.0.0.1:" + at + "/health: connection refused"))
			http.Endpoint = "/health?token=s3cret"
			Expect(check(http, at)).To(MatchError("GET http://127.0.0.1:" + at + "/health?…: connection refused"))
			Expect(check(port, at)).To(MatchError("port " + at + ": connection refused"))
		})

		it("says which port is none", func() {
			for _, number := range []string{"", "0", "-1", "65536", "http", "80 ", "$PORT", "1\n"} {
				what := "not a port"
				if number == "" {
					what = "empty"
				}
				Expect(check(port, number)).To(MatchError("the value of port $PORT is " + what + "; expected a number from 1 to 65535"))
			}
		})
	})
}

// at is the probe at this port.
func (p probe) at(port string) probe {
	p.Port, p.command.environ = "$PORT", environment(p.command.environ).set("PORT", port)
	return p
}

// An endless reader is never at its end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// FuzzAnswer shows that an answer is told in one short line, whatever it is, and
// that 200 alone is a success.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"", ok, unavailable, "HTTP/1.1 100 \r\n\r\n" + ok, "HTTP/1.0 200", "HTTP/1.1 500 \xff\u2028", "\r\n", "HTTP/1.1 1000", "HTTP/1.1 +200 OK\r\n",
		strings.Repeat("x", 5000), "HTTP/1.1 100 \r\n" + strings.Repeat("x", 5000), "HTTP/1.1 200 " + strings.Repeat("x", 5000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		Expect := NewWithT(t).Expect
		err := probe{Check: supervision.Check{Type: supervision.CheckHTTP}}.get(struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(answer), io.Discard}, "Host: a\r\n")
		if err == nil {
			Expect(string(answer)).To(MatchRegexp(`(?:^|\n)HTTP/1\.\S* \+?0*200(?: |\r|\n|$)`))
			return
		}
		var told answered
		if errors.As(err, &told) {
			Expect(len(told)).To(BeNumerically("<", 500))
			Expect(string(told)).NotTo(MatchRegexp(`[\x00-\x1f]`))
		}
	})
}
