//go:build linux

// Command supervise runs a command and stays with it: see package supervise.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/supervise"
)

func main() {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "[supervise] failed to find its own place:", err)
		os.Exit(1)
	}
	os.Exit(supervise.Main(os.Args, os.Environ(), os.Stdout, os.Stderr, filepath.Dir(filepath.Dir(self))))
}
