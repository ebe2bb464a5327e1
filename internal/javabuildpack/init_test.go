package javabuildpack_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestJavaBuildpack(t *testing.T) {
	suite := spec.New("java buildpack", spec.Report(report.Terminal{}))
	suite("Calculator", testCalculator)
	suite("Estimate", testEstimate)
	suite("Table", testTable)
	suite("Warning", testWarning)
	suite("Advice", testAdvice)
	suite("Problems", testProblems)
	suite.Run(t)
}
