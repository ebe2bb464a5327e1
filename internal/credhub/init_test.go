package credhub_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestCredHub(t *testing.T) {
	suite := spec.New("credhub", spec.Report(report.Terminal{}))
	suite("Client", testClient)
	suite.Run(t)
}
