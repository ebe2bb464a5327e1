package render

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// The commands of the program.
const (
	// Start writes the files and prints the variables, as NAME=VALUE strings that each end with a
	// NUL. Nothing in a value is special any more: references in texts are expanded.
	Start = "start"
	// Files only writes the files.
	Files = "files"
)

// The exit codes.
const (
	exitSuccess = 0
	exitFailed  = 1
	exitUsage   = 2
)

const usage = `usage: sidecar-render start NAME   write the files of the sidecar NAME to $SIDECAR_FILES, and print its variables, NAME=VALUE and a NUL each
       sidecar-render files NAME   write its files
       sidecar-render config KEY...   print values of the configuration, N=VALUE and a NUL for the N-th key from 0; optional:KEY may be missing
`

// Main is the program. The specs are in the directory above its own. It writes all files or none,
// and prints all of its output or nothing. Each error is a single line that quotes no value.
func Main(args, environ []string, stdout, stderr io.Writer) int {
	if len(args) > 2 && args[1] == Config {
		values, err := configValues(args[2:], environ)
		return finish(values, err, "app", stdout, stderr)
	}
	if len(args) != 3 || args[1] != Start && args[1] != Files {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	variables, err := run(args[0], args[2], environ, stderr)
	if args[1] != Start {
		variables = ""
	}
	return finish(variables, err, args[2], stdout, stderr)
}

// finish prints a list, or the lines of an error about a name, and returns the exit code.
func finish(list string, err error, name string, stdout, stderr io.Writer) int {
	if err == nil {
		_, err = io.WriteString(stdout, list)
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintf(stderr, "[%s] %s: %s\n", Program, printable.Line(name), printable.Line(line))
		}
		return exitFailed
	}
	return exitSuccess
}

// run makes what the sidecar with a name needs, and returns its variables.
func run(program, name string, environ []string, stderr io.Writer) (string, error) {
	program, err := filepath.Abs(program)
	if err != nil {
		return "", err
	}
	directory := filepath.Dir(filepath.Dir(program))
	document, err := Read(directory)
	if err != nil {
		return "", err
	}
	spec, err := document.Find(name)
	if err == nil {
		spec, err = spec.restated(directory, environ, stderr)
	}
	if err != nil {
		return "", err
	}
	files := env.Get(environ, FilesVariable)
	if len(spec.Files) > 0 && files == "" {
		return "", fmt.Errorf("found no directory in %s; expected the supervisor to set it", FilesVariable)
	}
	r := renderer{
		budget:  newBudget(),
		scope:   scope{spec: spec, services: servicesOf(environ, resolver(environ, document.CredHub)), environ: environ, files: files, configuration: configurationOf(environ)},
		sources: Sources{App: directoryFS(env.Get(environ, "HOME")), Buildpack: directoryFS(directory)},
	}
	r.app = r.sources.App
	settings, err := r.settings()
	if err != nil {
		return "", err
	}
	rendered, err := r.render()
	if err != nil {
		return "", err
	}
	if files != "" {
		if err := writeFiles(directory, files, rendered); err != nil {
			return "", err
		}
	}
	var list strings.Builder
	for _, s := range settings {
		list.WriteString(s.Name + "=" + s.Value + "\x00")
	}
	return list.String(), nil
}

// directoryFS returns the files below a directory. If the directory cannot be opened, opening any
// of them fails.
func directoryFS(path string) fs.FS {
	if path == "" {
		return unopened{errors.New("found no directory of the app in HOME; expected the launcher to set it")}
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return unopened{regularfile.Unread(path, err)}
	}
	return regularfile.FS(root)
}

// An unopened replaces a directory that cannot be opened.
type unopened struct{ err error }

func (u unopened) Open(string) (fs.File, error) { return nil, u.err }
