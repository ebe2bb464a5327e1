package processtree_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestProcesstree(t *testing.T) {
	suite := spec.New("processtree", spec.Report(report.Terminal{}))
	suite("Handlers", testHandlers)
	suite("Processes", testProcesses)
	suite("Resident", testResident)
	suite.Run(t)
}

// roleVariable has the test binary play a part in a process of its own.
const roleVariable = "PROCESSTREE_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(roles[role]())
	}
	os.Exit(testmain.Run(m.Run))
}
