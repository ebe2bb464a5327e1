package springlayout_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestSpringLayout(t *testing.T) {
	suite := spec.New("springlayout", spec.Report(report.Terminal{}))
	suite("Corpus", testCorpus)
	suite("Recorded", testRecorded)
	suite.Run(t)
}
