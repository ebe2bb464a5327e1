package install_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestInstall(t *testing.T) {
	suite := spec.New("install", spec.Report(report.Terminal{}))
	suite("Cache", testCache)
	suite("Checksum", testChecksum)
	suite("Compare", testCompare)
	suite("Fetch", testFetch)
	suite("Hostile", testHostile)
	suite("Install", testInstall)
	suite("Progress", testProgress)
	suite("Executable", testExecutable)
	suite("Roots", testRoots)
	suite.Run(t)
}
