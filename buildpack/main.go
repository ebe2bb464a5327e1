package buildpack

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Main runs the program that os.Args[0] names: bin/detect, bin/supply, bin/finalize or
// bin/release (CF-01). It ends the process with that program's exit code, or with 2 for any other
// name. If there are several Hooks, supply calls them in the order of the arguments.
func Main(hooks ...Hooks) {
	os.Exit(run(os.Args, os.Environ(), os.Stdout, os.Stderr, hooks...))
}

func run(args, environ []string, stdout, stderr io.Writer, hooks ...Hooks) int {
	switch name := filepath.Base(args[0]); name {
	case "detect":
		return Detect(args, environ, stdout, stderr)
	case "supply":
		return Supply(args, environ, stdout, stderr, hooks...)
	case "finalize":
		return Finalize(args, environ, stdout, stderr)
	case "release":
		return Release(args, environ, stdout, stderr)
	default:
		fmt.Fprintf(stderr, "found the program's name %q; expected detect, supply, finalize or release\n", name)
		return exitUsage
	}
}
