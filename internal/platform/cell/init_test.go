package cell

import (
	"os"
	"testing"

	"github.com/onsi/gomega"
	"github.com/paketo-buildpacks/packit/v2/chronos"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) {
	platformtest.Reexec()
	os.Exit(testmain.Run(m.Run))
}

// lifecycle is the platform's own builder and launcher, built for the tests.
var lifecycle Lifecycle

func TestCell(t *testing.T) {
	var err error
	lifecycle, err = LifecycleIn(platformtest.BuildLifecycle(t))
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())

	suite := spec.New("cell", spec.Report(report.Terminal{}))
	suite("Container", testContainer)
	suite("CountingPipe", testCountingPipe)
	suite("Environment", testEnvironment)
	suite("GUID", testGUID)
	suite("Lifecycle", testLifecycle)
	suite("Mounts", testMounts)
	suite("Orphans", testOrphans)
	suite("Untar", testUntar)
	suite("Workspace", testWorkspace)
	suite.Run(t)
}

// newCell works in a directory of its own, which is empty once all is over.
func newCell(t *testing.T) *Cell {
	t.Helper()
	self, environ := platformtest.Self(t)
	c := NewCell(lifecycle, self, environ, t.TempDir())
	platformtest.CloseAtEnd(t, c, c.TempDir)
	return c
}

func newLog() (*show.Log, *platformtest.Lines) {
	written := &platformtest.Lines{}
	return show.NewLog(written, chronos.DefaultClock), written
}
