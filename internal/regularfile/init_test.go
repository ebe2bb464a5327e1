package regularfile

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestRegularfile(t *testing.T) {
	suite := spec.New("regularfile", spec.Report(report.Terminal{}))
	suite("Directory", testDirectory)
	suite("Find", testFind)
	suite("FS", testFS)
	suite("Read", testRead)
	suite("Unread", testUnread)
	suite.Run(t)
}
