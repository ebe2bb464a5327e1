package printable_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestPrintable(t *testing.T) {
	suite := spec.New("printable", spec.Report(report.Terminal{}))
	suite("Plain", testPlain)
	suite("Printable", testPrintable)
	suite("FullStop", testFullStop)
	suite.Run(t)
}
