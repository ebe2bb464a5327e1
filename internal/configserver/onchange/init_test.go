package onchange_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestOnChange(t *testing.T) {
	suite := spec.New("onchange", spec.Report(report.Terminal{}))
	suite("Post", testPost)
	suite("Signal", testSignal)
	suite.Run(t)
}
