package family_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestFamily(t *testing.T) {
	suite := spec.New("family", spec.Report(report.Terminal{}))
	suite("Buildpack", testBuildpack)
	suite("Language", testLanguage)
	suite("Record", testRecord)
	suite("Siblings", testSiblings)
	suite.Run(t)
}
