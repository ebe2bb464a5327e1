package watch

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) {
	platformtest.Reexec()
	os.Exit(testmain.Run(m.Run))
}

func TestWatch(t *testing.T) {
	suite := spec.New("watch", spec.Report(report.Terminal{}))
	suite("HealthMonitor", testHealthMonitor)
	suite("Probe", testProbe)
	suite("Readiness", testReadiness)
	suite("Startup", testStartup)
	suite.Run(t)
}
