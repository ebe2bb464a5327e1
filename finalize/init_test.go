package finalize_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestFinalize(t *testing.T) {
	suite := spec.New("finalize", spec.Report(report.Terminal{}))
	suite("Run", testRun)
	suite.Run(t)
}
