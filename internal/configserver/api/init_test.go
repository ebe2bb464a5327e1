package api_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestAPI(t *testing.T) {
	suite := spec.New("api", spec.Report(report.Terminal{}))
	suite("Stop", testStop)
	suite.Run(t)
}
