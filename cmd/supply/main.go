// Command supply is what bin/supply runs.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func main() {
	os.Exit(buildpack.Supply(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
