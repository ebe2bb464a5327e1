package bindings_test

import (
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestBindings(t *testing.T) {
	suite := spec.New("bindings", spec.Report(report.Terminal{}))
	suite("Check", testCheck)
	suite("Files", testFiles)
	suite("Forms", testForms)
	suite("Read", testRead)
	suite("Selector", testSelector)
	suite.Run(t)
}
