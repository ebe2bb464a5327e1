package run

import (
	"os"
	"testing"

	"github.com/onsi/gomega"
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

// lifecycle is the platform's own builder and launcher, built for the tests.
var lifecycle cell.Lifecycle

func TestRun(t *testing.T) {
	var err error
	lifecycle, err = cell.LifecycleIn(platformtest.BuildLifecycle(t))
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())

	suite := spec.New("run", spec.Report(report.Terminal{}))
	suite("Crash", testCrash)
	suite("Ports", testPorts)
	suite("Restart", testRestart)
	suite("Run", testRun)
	suite("Start", testStart)
	suite.Run(t)
}

// newCell works in a directory of its own, which is empty once all is over.
func newCell(t *testing.T) *cell.Cell {
	t.Helper()
	self, environ := platformtest.Self(t)
	c := cell.NewCell(lifecycle, self, environ, t.TempDir())
	platformtest.CloseAtEnd(t, c, c.TempDir)
	return c
}

// newRunner gives back its ports before its cell is closed.
func newRunner(t *testing.T) *Runner {
	r := &Runner{Cell: newCell(t)}
	t.Cleanup(r.Close)
	return r
}

func newLog() (*show.Log, *platformtest.Lines) {
	written := &platformtest.Lines{}
	return show.NewLog(written, chronos.DefaultClock), written
}
