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
	// startenvProgram is package startenv's Program, in the directory of this program, which
	// reads YAML. Only a sidecar that is stated where no droplet may hold its values needs it.
	startenvProgram = "sidecar-env"
	// RestateVerb asks it for Env and Files: its arguments are the name of the sidecar, EnvFrom
	// and FilesFrom, and it prints a Spec as JSON.
	RestateVerb = "render"
)

// restated is the spec with Env and Files as what states them has them now. The program that
// reads them says itself, on standard error, what is wrong with them.
func (s Spec) restated(directory string, environ []string, stderr io.Writer) (Spec, error) {
	if s.EnvFrom == "" && s.FilesFrom == "" {
		return s, nil
	}
	var stdout bytes.Buffer
	program := exec.Command(filepath.Join(directory, "bin", startenvProgram), RestateVerb, s.Name, s.EnvFrom, s.FilesFrom)
	program.Env, program.Stdout, program.Stderr = environ, &stdout, stderr
	if err := program.Run(); err != nil {
		return s, fmt.Errorf("what states its env or files cannot be read: %s: %w", startenvProgram, err)
	}
	var stated Spec
	if err := json.Unmarshal(stdout.Bytes(), &stated); err != nil {
		return s, fmt.Errorf("what states its env or files cannot be read: %s has printed something else", startenvProgram)
	}
	if s.EnvFrom != "" {
		s.Env = stated.Env
	}
	if s.FilesFrom != "" {
		s.Files = stated.Files
	}
	return s, nil
}
