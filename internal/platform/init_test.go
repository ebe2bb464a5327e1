package platform_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

// TestMain is the init of the containers that the specs make, or runs the specs.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == isolated.InitName {
		os.Exit(isolated.Init(os.Args, os.Environ(), os.Stdout, os.Stderr))
	}
	os.Exit(testmain.Run(m.Run))
}

func TestPlatform(t *testing.T) {
	suite := spec.New("platform", spec.Report(report.Terminal{}))
	suite("Platform", testPlatform)
	suite.Run(t)
}
