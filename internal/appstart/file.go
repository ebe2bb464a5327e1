// Package appstart is what sidecars ask of the app's own processes before these start, as
// bin/supply writes it into the buildpack's directory, and how the shell of such a process
// is told. Who reads and prints is the supervisor's program, on behalf of the profile
// scripts sidecars.sh and sidecar-ports.sh.
package appstart

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// FileName is the file, in the buildpack's own directory. It may hold values of the
// user's, so that its mode is 0600.
const FileName = "app-start.json"

const (
	// version is the written version, and the only one that a reader accepts.
	version  = 1
	fileMode = 0o600
	// maxFile is the most bytes that are read, far more than any file has. Whatever is in
	// the app's container can write to it.
	maxFile = 64 << 20
)

// A Sidecar is what one sidecar asks of the processes whose containers it runs in.
type Sidecar struct {
	Name string `json:"name"`
	// ProcessTypes are those of these processes.
	ProcessTypes []string `json:"process_types"`
	// AppEnv are variables for the app. Where AppEnvFrom is set, they are in that variable
	// of the environment, and not here.
	AppEnv     []Variable `json:"app_env,omitempty"`
	AppEnvFrom string     `json:"app_env_from,omitempty"`
	// OTelIdentity gives the app its identity in the variables of OpenTelemetry (see package
	// otel), after AppEnv.
	OTelIdentity bool `json:"otel_identity,omitempty"`
	// HoldApp has the app wait until the sidecar is ready.
	HoldApp bool `json:"hold_app,omitempty"`
	// StopAfterApp has the app's process note its id, for the supervisor that outlives it.
	StopAfterApp bool `json:"stop_after_app,omitempty"`
	// SignalsApp has it do so for a sidecar that sends it a signal.
	SignalsApp bool `json:"signals_app,omitempty"`
	// ProxyCommand is how the command of a proxy begins; empty for other sidecars.
	ProxyCommand string `json:"proxy_command,omitempty"`
}

// A Variable is one for the app. In its value, $NAME, ${NAME} and ${NAME:-OTHERWISE} stand for
// other variables.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Join is Append or Prepend, with a separator. Where it is empty, the variable is set if
	// it is not set already.
	Join      string `json:"join,omitempty"`
	Separator string `json:"separator,omitempty"`
	// Config is a key of the configuration that the app's config-server has, in the place of
	// Value. Default is the value if there is no such key; nil makes an error of that.
	Config  string  `json:"config,omitempty"`
	Default *string `json:"default,omitempty"`
	// Literal has the value taken as it is, without references to variables.
	Literal bool `json:"-"`
}

// AsksApp tells whether the sidecar asks anything of the app's process, its ports apart.
func (s Sidecar) AsksApp() bool {
	return len(s.AppEnv) > 0 || s.AppEnvFrom != "" || s.OTelIdentity || s.HoldApp || s.StopAfterApp || s.SignalsApp
}

type file struct {
	Version  int       `json:"version"`
	Sidecars []Sidecar `json:"sidecars"`
}

// Write writes the file below directory, whole or not at all.
func Write(directory string, sidecars []Sidecar) error {
	content, err := json.MarshalIndent(file{version, sidecars}, "", " ")
	if err == nil {
		err = atomicfile.Write(filepath.Join(directory, FileName), append(content, '\n'), fileMode)
	}
	if err != nil {
		return fmt.Errorf("failed to write %s: %w", FileName, err)
	}
	return nil
}

// Read reads the file below directory.
func Read(directory string) ([]Sidecar, error) {
	path := filepath.Join(directory, FileName)
	content, err := regularfile.ReadRaw(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("failed to read %s: %w", FileName, err)
	}
	var read struct {
		Version  int             `json:"version"`
		Sidecars json.RawMessage `json:"sidecars"`
	}
	if err := json.Unmarshal(content, &read); err != nil {
		return nil, fmt.Errorf("failed to parse %s: found no JSON object of a version and sidecars", path)
	}
	if read.Version != version {
		return nil, fmt.Errorf("%s: found version %d; expected %d, which this buildpack writes: stage the app again", path, read.Version, version)
	}
	var sidecars []Sidecar
	if err := json.Unmarshal(read.Sidecars, &sidecars); err != nil {
		return nil, fmt.Errorf("failed to parse %s: found no list of sidecars", path)
	}
	return sidecars, nil
}
