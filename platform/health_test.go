package platform

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testHealthCheck(t *testing.T, c spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		check      HealthCheck
		written    *lines
		log        *Log
		healthy    chan struct{}
		ctx        context.Context
		cancel     context.CancelFunc
	)

	it.Before(func() {
		check = HealthCheck{
			Type: HealthCheckPort, Endpoint: "/health",
			StartTimeout: 10 * time.Second, InvocationTimeout: 5 * time.Second, Interval: time.Millisecond,
		}
		log, written = newLog()
		healthy = make(chan struct{}, 1)
		ctx, cancel = context.WithCancel(context.Background())
		t.Cleanup(cancel)
	})

	checked := func(err error) {
		if err == nil {
			healthy <- struct{}{}
		}
	}

	// monitor runs the check until it ends by itself or the test does.
	monitor := func(port int) <-chan error {
		ended := make(chan error, 1)
		go func() { ended <- check.monitor(ctx, port, 1, log, checked) }()
		return ended
	}

	// serve answers with what status says at the time, for as long as the test.
	serve := func(status *atomic.Int32) int {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/health" {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(int(status.Load()))
		}))
		t.Cleanup(server.Close)
		return server.Listener.Addr().(*net.TCPAddr).Port
	}

	closed := func() int {
		port, err := free(0)
		Expect(err).NotTo(HaveOccurred())
		return port
	}

	const started = "[CELL/1] OUT Starting health monitoring of container\n"
	const passed = started + "[CELL/1] OUT Container became healthy\n"

	it("finds a port open, says so once, and ends when it is told to", func() {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer listener.Close()
		ended := monitor(listener.Addr().(*net.TCPAddr).Port)
		Eventually(healthy, "10s").Should(Receive())
		Expect(ended).NotTo(Receive())
		cancel()
		Eventually(ended, "10s").Should(Receive(BeNil()))
		Expect(healthy).To(BeEmpty())
		Expect(written.unstamped()).To(Equal(passed))
	})

	it("waits for a port that is opened later", func() {
		port := closed()
		ended := monitor(port)
		Eventually(written.String, "10s").Should(ContainSubstring("Starting health monitoring"))
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		Expect(err).NotTo(HaveOccurred())
		defer listener.Close()
		Eventually(healthy, "10s").Should(Receive())
		cancel()
		Eventually(ended, "10s").Should(Receive(BeNil()))
	})

	it("asks the endpoint", func() {
		var status atomic.Int32
		status.Store(http.StatusOK)
		check.Type = HealthCheckHTTP
		ended := monitor(serve(&status))
		Eventually(healthy, "10s").Should(Receive())
		cancel()
		Eventually(ended, "10s").Should(Receive(BeNil()))
	})

	it("asks as the platform does: behind its TLS, and to the end of a redirect", func() {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Header.Get("X-Forwarded-Proto") != "https" || r.UserAgent() != "diego-healthcheck":
				w.WriteHeader(http.StatusForbidden)
			case r.URL.Path == "/health":
				http.Redirect(w, r, "/login", http.StatusFound)
			}
		}))
		defer server.Close()
		check.Type = HealthCheckHTTP
		ended := monitor(server.Listener.Addr().(*net.TCPAddr).Port)
		Eventually(healthy, "10s").Should(Receive())
		cancel()
		Eventually(ended, "10s").Should(Receive(BeNil()))
	})

	it("ends without a word when it is told to before anything has passed", func() {
		ended := monitor(closed())
		Eventually(written.String, "10s").Should(ContainSubstring("Starting health monitoring"))
		cancel()
		Eventually(ended, "10s").Should(Receive(BeNil()))
		Expect(written.unstamped()).To(Equal(started))
	})

	c("failure cases", func() {
		it("says that the port was never open", func() {
			check.StartTimeout = time.Millisecond
			port := closed()
			var err error
			Eventually(monitor(port), "10s").Should(Receive(&err))
			Expect(err).To(MatchError(MatchRegexp(fmt.Sprintf(`^Instance never healthy after [0-9.]+m?s: failed to make TCP connection to 127\.0\.0\.1:%d: dial tcp 127\.0\.0\.1:%[1]d: connect: connection refused$`, port))))
			Expect(written.unstamped()).To(MatchRegexp(fmt.Sprintf(`^\[CELL/1\] OUT Starting health monitoring of container
\[HEALTH/1\] ERR failed to make TCP connection to 127\.0\.0\.1:%d: .*
\[CELL/1\] ERR Failed after [0-9.]+m?s: startup health check never passed\.
$`, port)))
			Expect(healthy).To(BeEmpty())
		})

		for _, code := range []int32{http.StatusNoContent, http.StatusNotFound, http.StatusInternalServerError} {
			it(fmt.Sprintf("takes status %d for no health", code), func() {
				var status atomic.Int32
				status.Store(code)
				check.Type, check.StartTimeout = HealthCheckHTTP, time.Millisecond
				port := serve(&status)
				var err error
				Eventually(monitor(port), "10s").Should(Receive(&err))
				Expect(err).To(MatchError(MatchRegexp(fmt.Sprintf("failed to make HTTP request to '/health' on port %d: received status code %d in [0-9]+ms$", port, code))))
			})
		}

		it("waits no longer for an answer than it may", func() {
			listener, err := net.Listen("tcp", "127.0.0.1:0") // answers nothing
			Expect(err).NotTo(HaveOccurred())
			defer listener.Close()
			check.Type, check.StartTimeout, check.InvocationTimeout = HealthCheckHTTP, time.Millisecond, 10*time.Millisecond
			Eventually(monitor(listener.Addr().(*net.TCPAddr).Port), "10s").Should(Receive(&err))
			Expect(err).To(MatchError(HaveSuffix(": timed out after 0.01 seconds")))
		})

		it("says that an endpoint cannot be asked for", func() {
			check.Type, check.StartTimeout, check.Endpoint = HealthCheckHTTP, time.Millisecond, "/%zz"
			var err error
			Eventually(monitor(closed()), "10s").Should(Receive(&err))
			Expect(err).To(MatchError(ContainSubstring(`invalid URL escape "%zz"`)))
		})

		it("says that an instance that was healthy is no more", func() {
			var status atomic.Int32
			status.Store(http.StatusOK)
			check.Type = HealthCheckHTTP
			port := serve(&status)
			ended := monitor(port)
			Eventually(healthy, "10s").Should(Receive())
			status.Store(http.StatusServiceUnavailable)

			problem := fmt.Sprintf("failed to make HTTP request to '/health' on port %d: received status code 503 in [0-9]+ms", port)
			Eventually(ended, "10s").Should(Receive(MatchError(MatchRegexp("^Instance became unhealthy: " + problem + "$"))))
			Expect(written.unstamped()).To(MatchRegexp("^" + regexp.QuoteMeta(passed) + `\[HEALTH/1\] ERR ` + problem + `\n\[CELL/1\] ERR Container became unhealthy\n$`))
		})
	})
}
