package show

import (
	"testing"

	"github.com/paketo-buildpacks/packit/v2/chronos"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

func TestShow(t *testing.T) {
	suite := spec.New("show", spec.Report(report.Terminal{}))
	suite("Log", testLog)
	suite("LogRate", testLogRate)
	suite("LogStream", testLogStream)
	suite("Output", testOutput)
	suite("Progress", testProgress)
	suite("StatusArea", testStatusArea)
	suite.Run(t)
}

func newLog() (*Log, *platformtest.Lines) {
	written := &platformtest.Lines{}
	return NewLog(written, chronos.DefaultClock), written
}
