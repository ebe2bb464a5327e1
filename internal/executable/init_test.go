package executable_test

import (
	"os"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestExecutable(t *testing.T) {
	suite := spec.New("executable", spec.Report(report.Terminal{}))
	suite("Inspect", testInspect)
	suite.Run(t)
}

func FuzzInspect(f *testing.F) {
	for _, seed := range []string{"", "#!", "#!/bin/sh\r\n", "\x7fELF", "\x7fELF\x02\x01\x01", "\xca\xfe\xba\xbe\x00\x00\x00\x02", "<html>", "text"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(inspectAnything)
}
