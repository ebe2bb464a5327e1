// Command sidecar stages and runs apps with their sidecars on Cloud Foundry's own lifecycle. Called
// by another name, it is the program of the lifecycle or of the buildpack with that name. Only
// config-server is a separate file, in the same directory.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	sidecarbuildpack "github.com/cloudfoundry-community/sidecar-buildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/cmd/internal/cli"
	"github.com/cloudfoundry-community/sidecar-buildpack/cmd/internal/companion"
	"github.com/cloudfoundry-community/sidecar-buildpack/cmd/internal/lifecycle"
	standincommand "github.com/cloudfoundry-community/sidecar-buildpack/cmd/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervise"
)

var programs = map[string]func(args, environ []string, stdout, stderr io.Writer) int{
	"builder":          lifecycle.Builder,
	"launcher":         lifecycle.Launcher,
	container.InitName: container.Init,
	"detect":           buildpack.Detect,
	"supply":           companion.Supply,
	"finalize":         buildpack.Finalize,
	"release":          buildpack.Release,
	"supervise":        supervise.Main,
	"sidecar-env":      startenv.Main,
	render.Program:     render.Main,
	standin.Program:    standincommand.Main,
}

func main() {
	if program, ok := programs[filepath.Base(os.Args[0])]; ok {
		os.Exit(program(os.Args, os.Environ(), os.Stdout, os.Stderr))
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "failed to find this program's own file:", err)
		os.Exit(1)
	}
	os.Exit(cli.Main(carried(self), os.Args, os.Environ(), os.Stdout, os.Stderr))
}

func carried(self string) cli.Embedded {
	version, _ := sidecarbuildpack.Files.ReadFile("VERSION") // embedded
	return cli.Embedded{
		Version: strings.TrimSpace(string(version)),
		Lifecycle: cell.Lifecycle{
			Builder:  cell.Executable{Path: self, Name: "builder"},
			Launcher: cell.Executable{Path: self, Name: "launcher"},
		},
		Init: self,
		Buildpack: stage.Builtin{
			Files: sidecarbuildpack.Files, Executable: self,
			Programs:   []string{"detect", "supply", "finalize", "release", "supervise", "sidecar-env", render.Program},
			Companions: []string{companion.Of(self).Path("config-server")},
			StandIn:    self,
		},
	}
}
