// Command sidecar-render makes, before each start of a sidecar's command, the variables and
// files that it needs of the services that the app is bound to: see package render.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

func main() {
	os.Exit(render.Main(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
