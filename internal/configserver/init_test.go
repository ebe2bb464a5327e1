package configserver_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestConfigServer(t *testing.T) {
	t.Setenv("NO_PROXY", springtest.Host) // read once, by the first request
	suite := spec.New("configserver", spec.Report(report.Terminal{}))
	suite("Answers", testAnswers)
	suite("Config", testConfig)
	suite("Faults", testFaults)
	suite("Freshness", testFreshness)
	suite("Port", testPort)
	suite("References", testReferences)
	suite("Secrets", testSecrets)
	suite("Servable", testServable)
	suite("Settings", testSettings)
	suite("Socket", testSocket)
	suite("Syntax", testSyntax)
	suite("Main", testMain)
	suite("Binary", testBinary)
	suite.Run(t)
}

// running is a config-server that Run runs in this process.
type running struct {
	port   string
	logs   *gbytes.Buffer
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // of Run, once ended is closed
}

// start returns once the server listens; settings are added to its port.
func start(t *testing.T, settings ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server := &running{port: testport.Free(t), logs: gbytes.NewBuffer(), cancel: cancel, ended: make(chan struct{})}

	environ := append([]string{"CONFIG_SERVER_PORT=" + server.port}, settings...)
	go func() {
		defer close(server.ended)
		server.err = configserver.Run(ctx, environ, server.logs)
	}()

	t.Cleanup(cancel)
	gomega.NewWithT(t).Eventually(server.logs).Should(gbytes.Say(`Listening on 127\.0\.0\.1:` + server.port + `\.\n`))
	return server
}

// stop may be called again.
func (s *running) stop(t *testing.T) {
	t.Helper()
	g := gomega.NewWithT(t)
	http.DefaultClient.CloseIdleConnections()
	s.cancel()
	g.Eventually(s.ended).Should(gomega.BeClosed())
	g.Expect(s.err).NotTo(gomega.HaveOccurred())
}

// request follows no redirects and returns the answer with its whole body.
func (s *running) request(t *testing.T, method, path string) (*http.Response, string) {
	t.Helper()
	g := gomega.NewWithT(t)

	request, err := http.NewRequest(method, "http://127.0.0.1:"+s.port+path, nil)
	g.Expect(err).NotTo(gomega.HaveOccurred())

	response, err := http.DefaultTransport.RoundTrip(request)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	defer response.Body.Close()

	body, err := io.ReadAll(response.Body)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	return response, string(body)
}

// fail returns the error of a Run that does not get as far as serving, after
// checking that it has logged nothing.
func fail(t *testing.T, environ ...string) error {
	t.Helper()
	g := gomega.NewWithT(t)
	logs := gbytes.NewBuffer()

	// Where it serves against expectation, it ends at once, without an error.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()

	err := configserver.Run(ctx, environ, logs)
	g.Expect(err).To(gomega.HaveOccurred())
	g.Expect(logs.Contents()).To(gomega.BeEmpty())
	return err
}
