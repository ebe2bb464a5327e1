package platform_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) {
	platformtest.Reexec()
	os.Exit(testmain.Run(m.Run))
}

func TestPlatform(t *testing.T) {
	suite := spec.New("platform", spec.Report(report.Terminal{}))
	suite("Platform", testPlatform)
	suite.Run(t)
}
