package render

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestInside(t *testing.T) {
	suite := spec.New("inside", spec.Report(report.Terminal{}))
	suite("Budget", testBudget)
	suite("ConfigWait", testConfigWait)
	suite("Quote", testQuote)
	suite("Random", testRandom)
	suite.Run(t)
}
