// Command detect is what bin/detect runs.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func main() {
	os.Exit(buildpack.Detect(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
