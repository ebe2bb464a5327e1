package springsource_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestSpringSource(t *testing.T) {
	suite := spec.New("springsource", spec.Report(report.Terminal{}))
	suite("Faults", testFaults)
	suite("Fetch", testFetch)
	suite("Server", testServer)
	suite("Settings", testSettings)
	suite.Run(t)
}
