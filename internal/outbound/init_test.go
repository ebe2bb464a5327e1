package outbound_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestOutbound(t *testing.T) {
	suite := spec.New("outbound", spec.Report(report.Terminal{}))
	suite("Client", testClient)
	suite("Identity", testIdentity)
	suite.Run(t)
}
