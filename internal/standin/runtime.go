package standin

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A runtime is a language on this machine. The zero value means none.
type runtime struct {
	title    string   // its name for people
	programs []string // its names, the best one first
	home     string   // a variable with the directory that has its bin
	// ask are arguments with which the program prints its own path and its version, on two lines.
	// Version managers put programs on PATH that find the real ones below HOME, which differs at
	// launch (CF-14). If ask is nil, the program is not run.
	ask []string
	// parse reads the program's output, if it has another form.
	parse func(output string) (path, version string)
}

// A foundRuntime is a runtime found on this machine.
type foundRuntime struct {
	path    string // the program's path
	home    string // the directory with its bin
	version string
	// onPath is true if PATH leads to the same file.
	onPath bool
}

// find finds a runtime, in the version that applies in the app's directory.
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

// describe asks a program for its real path and its version.
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
			output = errors // a JVM prints it there
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

// in describes the runtime within a sentence.
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
