package push

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestPush(t *testing.T) {
	suite := spec.New("push", spec.Report(report.Terminal{}))
	suite("Application", testApplication)
	suite("Archive", testArchive)
	suite("Bits", testBits)
	suite("Manifest", testManifest)
	suite("ManifestLogRate", testManifestLogRate)
	suite("ManifestReadiness", testManifestReadiness)
	suite("Variables", testVariables)
	suite.Run(t)
}
