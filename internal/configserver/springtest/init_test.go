package springtest_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestSpringtest(t *testing.T) {
	suite := spec.New("springtest", spec.Report(report.Terminal{}))
	suite("Start", testStart)
	suite("Jar", testJar)
	suite.Run(t)
}
