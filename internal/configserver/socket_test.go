package configserver_test

import (
	stdcontext "context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testSocket(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		path       string
	)

	it.Before(func() {
		var err error
		directory, err = os.MkdirTemp("", "s") // a socket's path is short
		Expect(err).NotTo(HaveOccurred())
		path = filepath.Join(directory, "config ü.sock")
	})

	it.After(func() { Expect(os.RemoveAll(directory)).To(Succeed()) })

	run := func(environ ...string) (logs *gbytes.Buffer, stop func()) {
		t.Helper()
		ctx, cancel := stdcontext.WithCancel(stdcontext.Background())
		logs = gbytes.NewBuffer()
		ended := make(chan error, 1)
		go func() { ended <- configserver.Run(ctx, environ, logs) }()
		Eventually(logs, "1m").Should(gbytes.Say(`Listening on `))
		return logs, func() {
			t.Helper()
			cancel()
			Eventually(ended, "1m").Should(Receive(BeNil()))
		}
	}

	get := func() string {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx stdcontext.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}}}
		response, err := client.Get("http://localhost/config")
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		Expect(err).NotTo(HaveOccurred())
		return string(body)
	}

	it("serves on a socket alone, which this user alone can connect to, and removes it", func() {
		logs, stop := run("CONFIG_SERVER_SOCKET="+path, "CONFIG_SERVER_CONFIG=[1]")
		Expect(string(logs.Contents())).To(Equal("Listening on " + path + ".\n"))
		info, err := os.Lstat(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode()).To(Equal(fs.ModeSocket | 0o600))
		Expect(get()).To(Equal("[1]\n"))
		stop()
		Expect(os.ReadDir(directory)).To(BeEmpty())
	})

	it("serves on a port and a socket", func() {
		port := testport.Free(t)
		_, stop := run("CONFIG_SERVER_SOCKET="+path, "CONFIG_SERVER_CONFIG=[1]", "CONFIG_SERVER_PORT="+port)
		defer stop()
		Eventually(func() error { _, err := os.Lstat(path); return err }, "1m").Should(Succeed())
		Expect(get()).To(Equal("[1]\n"))
		_, body := (&running{port: port}).request(t, http.MethodGet, "/config")
		Expect(body).To(Equal("[1]\n"))
		http.DefaultClient.CloseIdleConnections()
	})

	it("replaces a socket on which no process listens", func() {
		left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		Expect(err).NotTo(HaveOccurred())
		left.SetUnlinkOnClose(false)
		Expect(left.Close()).To(Succeed())
		_, stop := run("CONFIG_SERVER_SOCKET="+path, "CONFIG_SERVER_CONFIG=[1]")
		defer stop()
		Expect(get()).To(Equal("[1]\n"))
	})

	it("leaves a socket alone that has taken its place", func() {
		_, stop := run("CONFIG_SERVER_SOCKET="+path, "CONFIG_SERVER_CONFIG=[1]")
		Expect(os.Remove(path)).To(Succeed())
		other, err := net.Listen("unix", path)
		Expect(err).NotTo(HaveOccurred())
		defer other.Close()
		stop()
		_, err = os.Lstat(path)
		Expect(err).NotTo(HaveOccurred())
	})

	context("failure cases", func() {
		failure := func(environ ...string) error { return fail(t, append(environ, "CONFIG_SERVER_SOCKET="+path)...) }

		it("refuses a socket on which a process listens", func() {
			other, err := net.Listen("unix", path)
			Expect(err).NotTo(HaveOccurred())
			defer other.Close()
			Expect(failure()).To(MatchError(`the socket "` + path + `" is in use: set CONFIG_SERVER_SOCKET to another path: address already in use`))
		})

		it("refuses a path where something else is, and leaves that alone", func() {
			Expect(os.WriteFile(path, []byte("x"), 0o644)).To(Succeed())
			Expect(failure()).To(MatchError(`CONFIG_SERVER_SOCKET is "` + path + `", which exists and is not a socket: set it to an unused path`))
			Expect(os.ReadFile(path)).To(BeEquivalentTo("x"))
		})

		it("refuses a directory that is not there, and leaves the port free", func() {
			path = filepath.Join(directory, "none", "s")
			port := testport.Free(t)
			Expect(failure("CONFIG_SERVER_PORT=" + port)).To(MatchError(MatchRegexp(`^failed to make the socket ".*/none/s": .*no such file or directory$`)))
			listener, err := net.Listen("tcp4", "127.0.0.1:"+port)
			Expect(err).NotTo(HaveOccurred())
			Expect(listener.Close()).To(Succeed())
		})
	})
}
