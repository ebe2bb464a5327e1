//go:build linux

package supervise

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// environmentProgram, in the supervisor's own directory, reads what a variable of the
// environment states of a command's own.
const environmentProgram = "sidecar-env"

// readEnvironment has that program read the variables, so that none of their values is
// in a file. It says itself what it cannot read.
func readEnvironment(directory, name, variable string, environ []string) ([]supervision.Variable, error) {
	program := filepath.Join(directory, "bin", environmentProgram)
	variables, err := printedVariables([]string{program, "env", name, variable}, environ)
	if err != nil {
		return nil, fmt.Errorf("its env cannot be read from %s: %w", variable, err)
	}
	return variables, nil
}

// printedVariables are those that a program prints, NAME=VALUE and a NUL each. The
// program's standard error is the supervisor's own.
func printedVariables(argv, environ []string) ([]supervision.Variable, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reader.Close() // it was only read
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
		Env: environ, Files: []uintptr{0, writer.Fd(), 2}, Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	})
	_ = writer.Close() // the program has it, or there is none
	if err != nil {
		return nil, fmt.Errorf("%s cannot be run: %w", argv[0], err)
	}
	list, err := io.ReadAll(reader)
	var status syscall.WaitStatus
	for interrupted := syscall.EINTR; interrupted == syscall.EINTR; {
		_, waited := syscall.Wait4(pid, &status, 0, nil)
		interrupted, _ = waited.(syscall.Errno)
	}
	if status != 0 {
		return nil, fmt.Errorf("%s ended with status %d", filepath.Base(argv[0]), exitStatus(status))
	}
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var variables []supervision.Variable
	for text := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		name, value, _ := strings.Cut(text, "=")
		variables = append(variables, supervision.Variable{Name: name, Value: value})
	}
	return variables, nil
}
