// Command finalize is what bin/finalize runs.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func main() {
	os.Exit(buildpack.Finalize(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
