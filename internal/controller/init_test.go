package controller_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestController(t *testing.T) {
	suite := spec.New("controller", spec.Report(report.Terminal{}))
	suite("Budget", testBudget)
	suite("Calculator", testCalculator)
	suite("Draw", testDraw)
	suite("Plan", testPlan)
	suite("Record", testRecord)
	suite.Run(t)
}

func number(n int) *int         { return &n }
func words(text string) *string { return &text }
