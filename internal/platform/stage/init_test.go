package stage

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

func TestStage(t *testing.T) {
	lifecycle = celltest.Lifecycle(t)
	suite := spec.New("stage", spec.Report(report.Terminal{}))
	suite("Buildpacks", testBuildpacks)
	suite("Cache", testCache)
	suite("Stage", testStage)
	suite.Run(t)
}

func newStager(t *testing.T) *Stager {
	builtin := Builtin{Files: os.DirFS(t.TempDir()), Executable: "/bin/false", Programs: []string{"detect", "supply"}}
	return &Stager{Cell: celltest.New(t, lifecycle), Builtin: builtin}
}
