//go:build linux

package supervise

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// startenvProgram is package startenv's Program. That package is not imported because it contains a
// YAML parser. The program is in the supervisor's own directory, and reads the settings of a
// sidecar that a variable of the environment contains.
const startenvProgram = "sidecar-env"

// readStated runs that program for a command's own variables and the headers of its checks, so that
// no file contains their values. The program logs what it cannot read.
func readStated(directory string, spec *supervision.Spec, environ []string) error {
	read := func(into *[]supervision.Variable, key, variable string) error {
		program := filepath.Join(directory, "bin", startenvProgram)
		variables, err := printedVariables([]string{program, key, spec.Name, variable}, environ)
		if err != nil {
			return fmt.Errorf("its %s cannot be read from %s: %w", key, variable, err)
		}
		*into = variables
		return nil
	}
	if spec.EnvFrom != "" {
		if err := read(&spec.Env, "env", spec.EnvFrom); err != nil {
			return err
		}
	}
	for _, check := range []*supervision.Check{spec.Readiness, spec.Health} {
		if check == nil || check.HeadersFrom == "" {
			continue
		}
		key, variable, _ := strings.Cut(check.HeadersFrom, " ")
		if err := read(&check.Headers, key, variable); err != nil {
			return err
		}
	}
	return nil
}

// readAppEnvironment runs the same program for the variables that a sidecar sets for the app.
func readAppEnvironment(directory, name, variable string, environ []string) ([]appstart.Variable, error) {
	list, err := printed([]string{filepath.Join(directory, "bin", startenvProgram), "app-env", name, variable}, environ)
	if err != nil {
		return nil, err
	}
	var variables []appstart.Variable
	if err := json.Unmarshal(list, &variables); err != nil {
		return nil, fmt.Errorf("%s printed no list of variables", startenvProgram)
	}
	return variables, nil
}

// printedVariables returns the variables that a program prints, as NAME=VALUE strings that each end
// with a NUL.
func printedVariables(argv, environ []string) ([]supervision.Variable, error) {
	list, err := printed(argv, environ)
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

// printed returns what a program prints. The program writes to the supervisor's own standard error.
func printed(argv, environ []string) ([]byte, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reader.Close() // it was only read
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
		Env: environ, Files: []uintptr{0, writer.Fd(), 2}, Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	})
	_ = writer.Close() // the program has its own copy, or did not start
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
	return list, err
}
