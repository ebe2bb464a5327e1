package dependency_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestDependency(t *testing.T) {
	suite := spec.New("dependency", spec.Report(report.Terminal{}))
	suite("Locate", testLocate)
	suite("Override", testOverride)
	suite("Resolve", testResolve)
	suite.Run(t)
}
