package scaffold_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestScaffold(t *testing.T) {
	suite := spec.New("scaffold", spec.Report(report.Terminal{}))
	suite("Names", testNames)
	suite("New", testNew)
	suite.Run(t)
}
