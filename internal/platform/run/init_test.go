package run

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/celltest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) {
	platformtest.Reexec()
	os.Exit(testmain.Run(m.Run))
}

// lifecycle is the platform's own builder and launcher, built for the tests.
var lifecycle cell.Lifecycle

func TestRun(t *testing.T) {
	lifecycle = celltest.Lifecycle(t)
	suite := spec.New("run", spec.Report(report.Terminal{}))
	suite("Crash", testCrash)
	suite("Ports", testPorts)
	suite("Restart", testRestart)
	suite("Run", testRun)
	suite("Start", testStart)
	suite.Run(t)
}

// newRunner gives back its ports before its cell is closed.
func newRunner(t *testing.T) *Runner {
	r := &Runner{Cell: celltest.New(t, lifecycle)}
	t.Cleanup(r.Close)
	return r
}
