package standin

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestStandIn(t *testing.T) {
	suite := spec.New("standin", spec.Report(report.Terminal{}))
	suite("Choices", testChoices)
	suite("Detect", testDetect)
	suite("Start", testStart)
	suite.Run(t)
}
