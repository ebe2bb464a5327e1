// Command supervise runs a command and supervises it: see package supervise.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervise"
)

func main() {
	os.Exit(supervise.Main(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
