// Command sidecar-env reads, at the start of a process, variables for it that the
// app's own environment states.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
)

func main() {
	os.Exit(startenv.Main(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
