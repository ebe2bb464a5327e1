package identity_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestIdentity(t *testing.T) {
	suite := spec.New("identity", spec.Report(report.Terminal{}))
	suite("Authority", testAuthority)
	suite("Keeper", testKeeper)
	suite.Run(t)
}
