package push

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

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
