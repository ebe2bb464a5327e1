package published_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestPublished(t *testing.T) {
	suite := spec.New("published", spec.Report(report.Terminal{}))
	suite("Look", testLook)
	suite.Run(t)
}
