package gitsource_test

import (
	"testing"

	"github.com/sclevine/spec"
)

func testLimits(t *testing.T, context spec.G, it spec.S) {}

func testFailures(t *testing.T, context spec.G, it spec.S) {}
