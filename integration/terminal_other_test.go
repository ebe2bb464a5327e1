//go:build !linux

package integration_test

import (
	"os"
	"testing"
)

// openTerminal has no equal here: containers, and so the specs that use it, need Linux.
func openTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	t.Fatal("this spec needs Linux")
	return nil, nil
}
