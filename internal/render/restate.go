package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
)

const (
	// startenvProgram is package startenv's Program, in the same directory as this program; it
	// reads YAML. It is only needed for a sidecar whose values must not be in a droplet.
	startenvProgram = "sidecar-env"
	// RestateVerb requests Env and Files from it: the arguments are the sidecar's name, EnvFrom and
	// FilesFrom, and it prints a Spec as JSON.
	RestateVerb = "render"
)

// restated returns the spec with the current Env and Files from their sources. The program that
// reads them writes errors to standard error itself.
func (s Spec) restated(directory string, environ []string, stderr io.Writer) (Spec, error) {
	if s.EnvFrom == "" && s.FilesFrom == "" {
		return s, nil
	}
	var stdout bytes.Buffer
	program := exec.Command(filepath.Join(directory, "bin", startenvProgram), RestateVerb, s.Name, s.EnvFrom, s.FilesFrom)
	program.Env, program.Stdout, program.Stderr = environ, &stdout, stderr
	if err := program.Run(); err != nil {
		return s, fmt.Errorf("its env or files cannot be read again: %s: %w", startenvProgram, err)
	}
	var stated Spec
	if err := json.Unmarshal(stdout.Bytes(), &stated); err != nil {
		return s, fmt.Errorf("its env or files cannot be read again: %s has printed something else", startenvProgram)
	}
	if s.EnvFrom != "" {
		s.Env = stated.Env
	}
	if s.FilesFrom != "" {
		s.Files = stated.Files
	}
	return s, nil
}
