package finalize_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestFinalize(t *testing.T) {
	suite := spec.New("finalize", spec.Report(report.Terminal{}))
	suite("Run", testRun)
	suite.Run(t)
}
