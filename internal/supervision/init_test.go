package supervision

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestSupervision(t *testing.T) {
	suite := spec.New("supervision", spec.Report(report.Terminal{}))
	suite("Spec", testSpec)
	suite.Run(t)
}
