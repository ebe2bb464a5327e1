package sidecar_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestSidecar(t *testing.T) {
	suite := spec.New("sidecar", spec.Report(report.Terminal{}))
	suite("Bound", testBound)
	suite("Catalog", testCatalog)
	suite("Family", testFamily)
	suite("Files", testFiles)
	suite("Parse", testParse)
	suite("Presence", testPresence)
	suite("Problems", testProblems)
	suite("Package", testPackage)
	suite("Resolve", testResolve)
	suite("Secrets", testSecrets)
	suite("Schema", testSchema)
	suite("Sources", testSources)
	suite("Restate", testRestate)
	suite("Supervision", testSupervision)
	suite("Variables", testVariables)
	suite.Run(t)
}
