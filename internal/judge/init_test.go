package judge_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestJudge(t *testing.T) {
	suite := spec.New("judge", spec.Report(report.Terminal{}))
	suite("Judge", testJudge)
	suite("Ports", testPorts)
	suite.Run(t)
}
