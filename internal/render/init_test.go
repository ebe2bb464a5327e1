package render_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestRender(t *testing.T) {
	suite := spec.New("render", spec.Report(report.Terminal{}))
	suite("Broken", testBroken)
	suite("Check", testCheck)
	suite("Catalog", testCatalog)
	suite("Certain", testCertain)
	suite("Config", testConfig)
	suite("Docs", testDocs)
	suite("Document", testDocument)
	suite("Main", testMain)
	suite("Show", testShow)
	suite("Shown", testShown)
	suite("Template", testTemplate)
	suite("Write", testWrite)
	suite.Run(t)
}
