// Command sidecar-render writes the files and prints the variables that a sidecar gets from bound
// services, before each start of its command: see package render.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

func main() {
	os.Exit(render.Main(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
