package atomicfile_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestAtomicfile(t *testing.T) {
	suite := spec.New("atomicfile", spec.Report(report.Terminal{}))
	suite("Write", testWrite)
	suite.Run(t)
}
