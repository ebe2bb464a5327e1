package credhubsource_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestCredHubSource(t *testing.T) {
	suite := spec.New("credhubsource", spec.Report(report.Terminal{}))
	suite("Faults", testFaults)
	suite("Fetch", testFetch)
	suite("Settings", testSettings)
	suite.Run(t)
}
