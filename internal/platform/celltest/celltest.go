// Package celltest gives specs a cell of the local platform, with Cloud Foundry's own
// builder and launcher, and a log to read. It is a package of its own because the specs of
// those that a cell consists of use platformtest.
package celltest

import (
	"testing"

	"github.com/onsi/gomega"
	"github.com/paketo-buildpacks/packit/v2/chronos"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// Lifecycle builds the platform's own builder and launcher, which are there for as long as
// the test runs.
func Lifecycle(t *testing.T) cell.Lifecycle {
	t.Helper()
	lifecycle, err := cell.LifecycleIn(platformtest.BuildLifecycle(t))
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return lifecycle
}

// New makes a cell with a directory of its own. At the end of the test, it closes the cell
// and expects the directory to be empty. TestMain must call platformtest.Reexec.
func New(t *testing.T, lifecycle cell.Lifecycle) *cell.Cell {
	t.Helper()
	self, environ := platformtest.Self(t)
	c := cell.NewCell(lifecycle, self, environ, t.TempDir())
	platformtest.CloseAtEnd(t, c, c.TempDir)
	return c
}

// NewLog makes a log, and returns what it writes. By the log's clock, no time passes: however long a
// busy machine takes for something, no line says that it is still in progress.
func NewLog() (*show.Log, *platformtest.Lines) {
	written := &platformtest.Lines{}
	return show.NewLog(written, chronos.NewClock(platformtest.NewStoppedClock().Now)), written
}
