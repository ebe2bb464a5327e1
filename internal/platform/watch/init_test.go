package watch

import (
	"os"
	"testing"

	"github.com/paketo-buildpacks/packit/v2/chronos"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
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

// newCell works in a directory of its own, which is empty once all is over.
func newCell(t *testing.T) *cell.Cell {
	t.Helper()
	self, environ := platformtest.Self(t)
	c := cell.NewCell(cell.Lifecycle{}, self, environ, t.TempDir())
	platformtest.CloseAtEnd(t, c, c.TempDir)
	return c
}

func newLog() (*show.Log, *platformtest.Lines) {
	written := &platformtest.Lines{}
	return show.NewLog(written, chronos.DefaultClock), written
}
