package vaultsource_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestVaultSource(t *testing.T) {
	suite := spec.New("vaultsource", spec.Report(report.Terminal{}))
	suite("Faults", testFaults)
	suite("Settings", testSettings)
	suite("Vault", testVault)
	suite.Run(t)
}
