package springapi_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestSpringapi(t *testing.T) {
	suite := spec.New("springapi", spec.Report(report.Terminal{}))
	suite("Accept", testAccept)
	suite("Real", testReal)
	suite.Run(t)
}
