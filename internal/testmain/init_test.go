//go:build linux

package testmain_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestTestmain(t *testing.T) {
	suite := spec.New("testmain", spec.Report(report.Terminal{}))
	suite("Run", testRun)
	suite.Run(t)
}
