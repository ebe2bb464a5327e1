// Command release is what bin/release runs.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func main() {
	os.Exit(buildpack.Release(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
