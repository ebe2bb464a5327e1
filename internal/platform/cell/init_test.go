package cell

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/onsi/gomega"
	"github.com/paketo-buildpacks/packit/v2/chronos"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

// TestMain is the init of the containers that the specs make, or runs the specs.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == isolated.InitName {
		os.Exit(isolated.Init(os.Args, os.Environ(), os.Stdout, os.Stderr))
	}
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
	self, err := os.Executable()
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	c := NewCell(lifecycle, self, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, t.TempDir())
	t.Cleanup(func() {
		c.Hurry()
		c.Close()
		gomega.NewWithT(t).Expect(os.ReadDir(c.TempDir)).To(gomega.BeEmpty(), "left in the workspace")
	})
	return c
}

func newLog() (*show.Log, *platformtest.Lines) {
	written := &platformtest.Lines{}
	return show.NewLog(written, chronos.DefaultClock), written
}
