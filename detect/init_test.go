package detect_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestDetect(t *testing.T) {
	suite := spec.New("detect", spec.Report(report.Terminal{}))
	suite("Run", testRun)
	suite.Run(t)
}
