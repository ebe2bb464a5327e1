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
	suite("Budget", testBudget)
	suite("Calculator", testCalculator)
	suite("Declare", testDeclare)
	suite("Deps", testDeps)
	suite("Draw", testDraw)
	suite("Merge", testMerge)
	suite("Plan", testPlan)
	suite("Record", testRecord)
	suite("Procfile", testProcfile)
	suite("Read", testRead)
	suite("Supervised", testSupervised)
	suite("Write", testWrite)
	suite.Run(t)
}

func number(n int) *int         { return &n }
func words(text string) *string { return &text }
