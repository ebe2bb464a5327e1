package buildpack

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Main is the whole of a program that is one of bin/detect, bin/supply, bin/finalize and
// bin/release (CF-01), by the name that it is called by: os.Args[0]. It ends the process,
// with the exit code of the phase, or with 2 if it has another name. Each of several Hooks is
// called, in this order.
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
