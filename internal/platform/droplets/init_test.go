package droplets

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) {
	os.Exit(testmain.Run(m.Run))
}

func TestDroplets(t *testing.T) {
	suite := spec.New("droplets", spec.Report(report.Terminal{}))
	suite("Droplet", testDroplet)
	suite.Run(t)
}
