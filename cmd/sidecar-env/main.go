// Command sidecar-env reads a process's variables from the app's environment when the process
// starts.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
)

func main() {
	os.Exit(startenv.Main(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
