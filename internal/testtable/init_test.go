package testtable_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestTesttable(t *testing.T) {
	suite := spec.New("testtable", spec.Report(report.Terminal{}))
	suite("Sorted", testSorted)
	suite("Loops", testLoops)
	suite.Run(t)
}
