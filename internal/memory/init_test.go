package memory_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestMemory(t *testing.T) {
	suite := spec.New("memory", spec.Report(report.Terminal{}))
	suite("Budget", testBudget)
	suite("Parse", testParse)
	suite("Print", testPrint)
	suite("Scale", testScale)
	suite.Run(t)
}
