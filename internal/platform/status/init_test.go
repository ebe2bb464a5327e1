package status

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) {
	os.Exit(testmain.Run(m.Run))
}

func TestStatus(t *testing.T) {
	suite := spec.New("status", spec.Report(report.Terminal{}))
	suite("Running", testRunning)
	suite("Status", testStatus)
	suite.Run(t)
}
