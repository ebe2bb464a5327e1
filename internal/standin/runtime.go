package standin

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A runtime is a language as installed on the machine. The zero value means none.
type runtime struct {
	title    string   // as people call it
	programs []string // its names, the best one first
	home     string   // the variable that may name the directory with its bin
	// ask has the program print its own file and its version, on two lines; programs of
	// version managers, which stand on PATH in place of the real ones, look for these below
	// HOME, and that is another directory at launch (CF-14). Without it, neither is asked.
	ask []string
	// parse reads what the program prints, if it is anything else.
	parse func(output string) (path, version string)
}

// A foundRuntime is where this machine has a runtime.
type foundRuntime struct {
	path    string // the program's file
	home    string // the directory with its bin
	version string
	// onPath tells that the file is also what PATH leads to.
	onPath bool
}

// find looks a runtime up, with the versions that hold in the app's directory.
func (r runtime) find(a App, directory string, environ []string) (foundRuntime, error) {
	if len(r.programs) == 0 {
		return foundRuntime{}, nil
	}
	path, found := "", false
	if home := a.Getenv(r.home); r.home != "" && home != "" {
		path = filepath.Join(home, "bin", r.programs[0])
		_, err := os.Stat(path)
		found = err == nil
	}
	for _, program := range r.programs {
		if !found {
			path, found = a.Find(program)
		}
	}
	if !found {
		return foundRuntime{}, fmt.Errorf("there is no %s on PATH", strings.Join(r.programs, " or "))
	}
	return r.describe(a, path, directory, environ)
}

// describe asks a program for its real file and its version.
func (r runtime) describe(a App, path, directory string, environ []string) (foundRuntime, error) {
	described := foundRuntime{path: path}
	if r.ask != nil {
		var output, errors bytes.Buffer
		ask := exec.Command(path, r.ask...)
		ask.Dir, ask.Env, ask.Stdout, ask.Stderr = directory, environ, &output, &errors
		if err := ask.Run(); err != nil {
			return described, fmt.Errorf("%s does not run: %w: %s", path, err, lastLine(errors.String()))
		}
		if output.Len() == 0 {
			output = errors // a JVM tells there
		}
		described.path, described.version = r.read(output.String())
		if described.path == "" {
			described.path = path
		}
	}
	described.home = filepath.Dir(filepath.Dir(described.path))
	onPath, _ := a.Find(filepath.Base(path))
	described.onPath = onPath == path && same(onPath, described.path)
	return described, nil
}

func (r runtime) read(output string) (path, version string) {
	if r.parse != nil {
		return r.parse(output)
	}
	path, version, _ = strings.Cut(strings.TrimSpace(output), "\n")
	return strings.TrimSpace(path), strings.TrimSpace(version)
}

func lastLine(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return lines[len(lines)-1]
}

// in is the runtime in a sentence.
func (f foundRuntime) in(title string) string {
	if f.version != "" {
		title += " " + f.version
	}
	return title + " at " + f.path
}

func same(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
