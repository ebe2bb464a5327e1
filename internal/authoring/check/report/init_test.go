package report_test

import (
	"testing"

	"github.com/sclevine/spec"
	specreport "github.com/sclevine/spec/report"
)

func TestReport(t *testing.T) {
	suite := spec.New("report", spec.Report(specreport.Terminal{}))
	suite("Report", testReport)
	suite.Run(t)
}
