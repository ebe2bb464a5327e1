package launch_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestLaunch(t *testing.T) {
	suite := spec.New("launch", spec.Report(report.Terminal{}))
	suite("Budget", testBudget)
	suite("Calculator", testCalculator)
	suite("Declare", testDeclare)
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
