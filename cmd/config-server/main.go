// Command config-server is a sidecar that serves an app its configuration on
// 127.0.0.1; `config-server --help` lists its settings.
package main

import (
	"os"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
)

func main() {
	os.Exit(configserver.Main(os.Args, os.Environ(), os.Stdout, os.Stderr))
}
