package stage

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

func TestStage(t *testing.T) {
	var err error
	lifecycle, err = cell.LifecycleIn(platformtest.BuildLifecycle(t))
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())

	suite := spec.New("stage", spec.Report(report.Terminal{}))
	suite("Buildpacks", testBuildpacks)
	suite("Cache", testCache)
	suite("Stage", testStage)
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

func newStager(t *testing.T) *Stager {
	builtin := Builtin{Files: os.DirFS(t.TempDir()), Executable: "/bin/false", Programs: []string{"detect", "supply"}}
	return &Stager{Cell: newCell(t), Builtin: builtin}
}

func newLog() (*show.Log, *platformtest.Lines) {
	written := &platformtest.Lines{}
	return show.NewLog(written, chronos.DefaultClock), written
}
