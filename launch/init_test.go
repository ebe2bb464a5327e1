package launch_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestLaunch(t *testing.T) {
	suite := spec.New("launch", spec.Report(report.Terminal{}))
	suite("Deps", testDeps)
	suite("Merge", testMerge)
	suite("Procfile", testProcfile)
	suite("Read", testRead)
	suite("Supervised", testSupervised)
	suite("Write", testWrite)
	suite.Run(t)
}
