package standin

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
)

// rubyFiles are scripts for the machine's Ruby.
//
//go:embed ruby
var rubyFiles embed.FS

func (s *supplier) app() App {
	return App{Files: regularfile.FS(s.root), Getenv: s.getenv, Find: s.find}
}

// getenv returns the value of a variable; if it is set twice, the last one.
func (s *supplier) getenv(name string) string {
	for _, variable := range slices.Backward(s.environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

func (s *supplier) find(program string) (string, bool) { return FindIn(s.getenv("PATH"), program) }

// script adds lines to the script that every process sources when it starts.
func (s *supplier) script(lines ...string) { s.lines = append(s.lines, lines...) }

// export sets a variable at launch, unless the app sets it.
func (s *supplier) export(name, value string) {
	s.script(fmt.Sprintf(`if [ -z "${%[1]s:-}" ]; then export %[1]s=%[2]s; fi`, name, shell.Quote(value)))
}

// atLaunch returns a path below the deps directory, as a word for the profile script.
func (s *supplier) atLaunch(name string) string {
	return `"$DEPS_DIR"/` + shell.Quote(path.Join(s.index, name))
}

// bin returns the directory whose programs are on PATH at launch.
func (s *supplier) bin() string {
	directory := filepath.Join(s.dep, "bin")
	_ = os.MkdirAll(directory, 0o755) // writing to it reports the error
	return directory
}

// place writes one of the embedded files.
func (s *supplier) place(name string, mode os.FileMode, to string) error {
	content, err := rubyFiles.ReadFile(path.Join("ruby", name))
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, mode)
}

// run runs a program in the app's directory, with its output in the log. The error is the output's
// last line that begins with ERROR:, if there is one.
func (s *supplier) run(program string, arguments ...string) error {
	s.log.BeginStep("Running %s %s", filepath.Base(program), strings.Join(arguments, " "))
	command := s.cmd(program, arguments)
	var said lastError
	command.Stdout, command.Stderr = s.stdout, io.MultiWriter(s.stdout, &said)
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s %s failed%s", filepath.Base(program), strings.Join(arguments, " "), reason(said.said, err))
	}
	return nil
}

// silently reports whether a program succeeds in the app's directory.
func (s *supplier) silently(program string, arguments ...string) bool {
	return s.cmd(program, arguments).Run() == nil
}

// output returns a program's output, run in the app's directory.
func (s *supplier) output(program string, arguments ...string) (string, error) {
	return s.outputWith(nil, program, arguments...)
}

func (s *supplier) outputWith(variables []string, program string, arguments ...string) (string, error) {
	command := s.cmd(program, arguments)
	command.Env = append(command.Env, variables...)
	var failed strings.Builder
	command.Stderr = &failed
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s failed%s", filepath.Base(program), reason(lastLine(failed.String()), err))
	}
	return strings.TrimSpace(string(output)), nil
}

// reason returns the last line of a failed program's output or, without output, its exit status.
func reason(said string, err error) string {
	if said != "" {
		return ": " + said
	}
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return fmt.Sprintf(" with status %d", ended.ExitCode())
	}
	return ": " + err.Error()
}

// lastError keeps the last line that begins with ERROR:, as pip's do.
type lastError struct{ said, partial string }

func (l *lastError) Write(p []byte) (int, error) {
	lines := strings.Split(l.partial+string(p), "\n")
	l.partial = lines[len(lines)-1]
	for _, line := range lines {
		if said, found := strings.CutPrefix(strings.TrimSpace(line), "ERROR: "); found {
			l.said = said
		}
	}
	return len(p), nil
}

func (s *supplier) cmd(program string, arguments []string) *exec.Cmd {
	command := exec.Command(program, arguments...)
	command.Dir, command.Env = s.build, slices.Clone(s.environ)
	return command
}
