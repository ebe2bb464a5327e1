package watch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/celltest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// A vessel is a container with one process of bash.
type vessel struct {
	*cell.Container
	*cell.Process
}

func startVessel(t *testing.T, in *cell.Cell, log *show.Log, script string) vessel {
	t.Helper()
	guid, dir := cell.NewGUID(), t.TempDir()
	made, err := in.NewContainer(guid, dir, dir, t.TempDir(), []string{in.Init})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	one := &cell.Process{Source: "APP/PROC/WEB", Log: log, Command: isolated.Command{
		Path: "/bin/bash", Args: []string{"bash", "-c", script}, Dir: made.Inside(dir), Env: []string{"PATH=" + os.Getenv("PATH"), "CF_INSTANCE_GUID=" + guid},
	}}
	NewWithT(t).Expect(made.Start(one)).To(Succeed())
	t.Cleanup(func() {
		made.Stop(0)
		made.Destroy()
	})
	return vessel{made, one}
}

// listeners finds the sockets of the process, and of all that it has started.
func (v vessel) listeners() func() ([]Listener, bool) {
	return func() ([]Listener, bool) { return Listeners(v.Members()) }
}

func testProbe(t *testing.T, c spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		in         *cell.Cell
		log        *show.Log
		written    *platformtest.Lines
		check      Probe
	)

	it.Before(func() {
		in = celltest.New(t, cell.Lifecycle{})
		log, written = celltest.NewLog()
		check = Probe{Kind: push.HealthCheckPort, Endpoint: "/health", Timeout: time.Minute, Names: []string{"the app"}}
	})

	// listens waits for what is told to listen at a port of its own, and has the check
	// ask that.
	listens := func(v vessel) {
		t.Helper()
		found := regexp.MustCompile(`listening on \S+:([0-9]+)\n`)
		Eventually(written.String).WithPolling(5 * time.Millisecond).Should(MatchRegexp(found.String()))
		var err error
		check.Port, err = strconv.Atoi(found.FindStringSubmatch(written.String())[1])
		Expect(err).NotTo(HaveOccurred())
		check.Listeners = v.listeners()
	}
	found := func() error { return check.Check(context.Background()) }

	for _, kind := range []push.HealthCheckType{push.HealthCheckPort, push.HealthCheckHTTP} {
		it("CF-44: passes where the app listens on all addresses, by "+string(kind), func() {
			listens(startVessel(t, in, log, platformtest.Listening(t, "0.0.0.0:0")))
			check.Kind = kind
			Expect(found()).To(Succeed())
		})

		it("passes where a grandchild listens, or one that has lost its parent, by "+string(kind), func() {
			listens(startVessel(t, in, log, "(("+platformtest.Listening(t, "0.0.0.0:0")+") & sleep 0) & (sleep 1000; :)"))
			check.Kind = kind
			Expect(found()).To(Succeed())
		})

		it("asks loopback where this machine does not tell who listens, by "+string(kind), func() {
			listens(startVessel(t, in, log, platformtest.Listening(t, "127.0.0.1:0")))
			check.Kind, check.Listeners = kind, unknown
			Expect(found()).To(Succeed())
		})
	}

	it("passes where the app listens on all addresses of IPv6, and by it of IPv4", func() {
		listener, err := net.Listen("tcp", "[::]:0")
		if err != nil {
			t.Skip("this machine is without IPv6: ", err)
		}
		Expect(listener.Close()).To(Succeed())
		listens(startVessel(t, in, log, platformtest.Listening(t, "[::]:0")))
		Expect(found()).To(Succeed())
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
		check.Kind, check.Port, check.Listeners = push.HealthCheckHTTP, server.Listener.Addr().(*net.TCPAddr).Port, unknown
		Expect(found()).To(Succeed())
	})

	c("failure cases", func() {
		it("CF-44: fails a port check where the app listens on loopback alone, and says what to do", func() {
			listens(startVessel(t, in, log, platformtest.Listening(t, "127.0.0.1:0")))
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make TCP connection to port %d of the container: connection refused: "+
				"the app listens on 127.0.0.1:%[1]d alone, and the platform asks the container's other addresses; have it listen on 0.0.0.0:$PORT", check.Port)))
		})

		it("CF-44: fails an HTTP check where the app listens on loopback alone, and says what to do", func() {
			listens(startVessel(t, in, log, platformtest.Listening(t, "127.0.0.1:0")))
			check.Kind = push.HealthCheckHTTP
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make HTTP request to '/health' on port %d: connection refused: "+
				"the app listens on 127.0.0.1:%[1]d alone, and the platform asks the container's other addresses; have it listen on 0.0.0.0:$PORT", check.Port)))
		})

		it("CF-44: does not take another program's socket for the app's", func() {
			other, err := net.Listen("tcp", "0.0.0.0:0")
			Expect(err).NotTo(HaveOccurred())
			defer other.Close()
			check.Listeners = startVessel(t, in, log, "exec sleep 1000").listeners()
			check.Port = other.Addr().(*net.TCPAddr).Port
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make TCP connection to 127.0.0.1:%d: no process of the instance listens there, but another program of this machine does", check.Port)))
		})

		it("says on which port the app listens, where that is another one", func() {
			port := platformtest.ClosedPort(t)
			listens(startVessel(t, in, log, fmt.Sprintf("export PORT=%d; ", port)+platformtest.Listening(t, "127.0.0.1:0")))
			other := check.Port
			check.Port = port
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make TCP connection to 127.0.0.1:%[1]d: dial tcp 127.0.0.1:%[1]d: connect: connection refused; "+
				"the app listens on 127.0.0.1:%[2]d, and not on port %[1]d: have it listen on 0.0.0.0:$PORT", port, other)))
			check.Kind = push.HealthCheckHTTP
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make HTTP request to '/health' on port %[1]d: connection refused; "+
				"the app listens on 127.0.0.1:%[2]d, and not on port %[1]d: have it listen on 0.0.0.0:$PORT", port, other)))
		})

		it("says nothing of the port that an app has behind a proxy", func() {
			listens(startVessel(t, in, log, "export PORT=1; "+platformtest.Listening(t, "127.0.0.1:0")))
			check.Port = platformtest.ClosedPort(t)
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make TCP connection to 127.0.0.1:%[1]d: dial tcp 127.0.0.1:%[1]d: connect: connection refused", check.Port)))
		})

		it("says that no process listens", func() {
			check.Port, check.Listeners = platformtest.ClosedPort(t), startVessel(t, in, log, "exec sleep 1000").listeners()
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make TCP connection to 127.0.0.1:%[1]d: dial tcp 127.0.0.1:%[1]d: connect: connection refused", check.Port)))
		})

		for _, code := range []int{http.StatusNoContent, http.StatusNotFound, http.StatusInternalServerError} {
			it(fmt.Sprintf("takes status %d for no health", code), func() {
				status := platformtest.WriteFile(t, t.TempDir()+"/status", strconv.Itoa(code), 0o644)
				listens(startVessel(t, in, log, fmt.Sprintf("export %s=%q; ", platformtest.StatusVariable, status)+platformtest.Listening(t, "0.0.0.0:0")))
				check.Kind = push.HealthCheckHTTP
				Expect(found()).To(MatchError(MatchRegexp(fmt.Sprintf(`^failed to make HTTP request to '/health' on port %d: received status code %d in [0-9]+ms$`, check.Port, code))))
			})
		}

		it("waits no longer for an answer than it may", func() {
			listener, err := net.Listen("tcp", "127.0.0.1:0") // answers nothing
			Expect(err).NotTo(HaveOccurred())
			defer listener.Close()
			check.Kind, check.Port, check.Listeners, check.Timeout = push.HealthCheckHTTP, listener.Addr().(*net.TCPAddr).Port, unknown, 10*time.Millisecond
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make HTTP request to '/health' on port %d: timed out after 0.01 seconds", check.Port)))
		})

		it("CF-44: follows no redirect to another machine", func() {
			server := httptest.NewServer(http.RedirectHandler("https://app.example.com/health?token=x", http.StatusFound))
			defer server.Close()
			check.Kind, check.Port, check.Listeners = push.HealthCheckHTTP, server.Listener.Addr().(*net.TCPAddr).Port, unknown
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make HTTP request to '/health' on port %d: it leads to https://app.example.com, and here nothing but loopback is asked", check.Port)))
		})

		it("takes redirects without an end for no answer", func() {
			server := httptest.NewServer(http.RedirectHandler("/health", http.StatusFound))
			defer server.Close()
			check.Kind, check.Port, check.Listeners = push.HealthCheckHTTP, server.Listener.Addr().(*net.TCPAddr).Port, unknown
			Expect(found()).To(MatchError(fmt.Sprintf("failed to make HTTP request to '/health' on port %d: connection refused", check.Port)))
		})

		it("says that an endpoint cannot be asked for", func() {
			check.Kind, check.Port, check.Listeners, check.Endpoint = push.HealthCheckHTTP, 1, unknown, "/%zz"
			Expect(found()).To(MatchError("failed to create an HTTP request to '/%zz' on port 1"))
		})
	})
}

// unknown are the listeners on a machine that does not tell of them.
func unknown() ([]Listener, bool) { return nil, false }
