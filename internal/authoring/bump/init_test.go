package bump_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestBump(t *testing.T) {
	suite := spec.New("bump", spec.Report(report.Terminal{}))
	suite("Manifest", testManifest)
	suite("Newest", testNewest)
	suite.Run(t)
}
