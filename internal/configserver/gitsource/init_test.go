package gitsource_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestGitSource(t *testing.T) {
	suite := spec.New("gitsource", spec.Report(report.Terminal{}))
	suite("Labels", testLabels)
	suite("Settings", testSettings)
	suite("Freshness", testFreshness)
	suite("Limits", testLimits)
	suite("Ignored", testIgnored)
	suite("Failures", testFailures)
	suite("Unsupported", testUnsupported)
	suite.Run(t)
}
