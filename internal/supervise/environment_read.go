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

// startenvProgram is package startenv's Program, which is not imported, since it has a parser
// for YAML. In the supervisor's own directory, it reads what a variable of the environment
// states of a command's own.
const startenvProgram = "sidecar-env"

// readStated has that program read what variables of the environment state of a command's
// own and of the headers of its checks, so that none of their values is in a file. It says
// itself what it cannot read.
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

// readAppEnvironment has the same program read the variables that a sidecar has for the app.
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

// printedVariables are those that a program prints, NAME=VALUE and a NUL each.
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

// printed is what a program prints. The program's standard error is the supervisor's own.
func printed(argv, environ []string) ([]byte, error) {
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
	return list, err
}
