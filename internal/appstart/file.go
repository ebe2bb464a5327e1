// Package appstart describes what sidecars require of the app's own processes before these start.
// bin/supply writes it to the buildpack's directory; the supervisor's program reads it for the
// profile scripts sidecars.sh and sidecar-ports.sh, and prints code for the shell of such a
// process.
package appstart

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// FileName is the file in the buildpack's own directory. It may contain the user's values, so its
// mode is 0600.
const FileName = "app-start.json"

const (
	// version is the version that is written, and the only one that is read.
	version  = 1
	fileMode = 0o600
	// maxFile is the maximum size in bytes, far more than any file has. Every process in the app's
	// container can write to it.
	maxFile = 64 << 20
)

// A Sidecar has what one sidecar requires of the processes in its containers.
type Sidecar struct {
	Name string `json:"name"`
	// ProcessTypes are the types of these processes.
	ProcessTypes []string `json:"process_types"`
	// AppEnv are variables for the app. If AppEnvFrom is set, they are in that variable of the
	// environment instead.
	AppEnv     []Variable `json:"app_env,omitempty"`
	AppEnvFrom string     `json:"app_env_from,omitempty"`
	// OTelIdentity sets the app's identity in OpenTelemetry's variables (see package otel), after
	// AppEnv.
	OTelIdentity bool `json:"otel_identity,omitempty"`
	// HoldApp makes the app wait until the sidecar is ready.
	HoldApp bool `json:"hold_app,omitempty"`
	// StopAfterApp makes the app's process record its ID for the supervisor that outlives it.
	StopAfterApp bool `json:"stop_after_app,omitempty"`
	// SignalsApp makes it record its ID for a sidecar that signals it.
	SignalsApp bool `json:"signals_app,omitempty"`
	// ProxyCommand is the beginning of a proxy's command; empty for other sidecars.
	ProxyCommand string `json:"proxy_command,omitempty"`
}

// A Variable is a variable for the app. Its value expands $NAME, ${NAME} and ${NAME:-OTHERWISE}.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Join is Append or Prepend, with Separator. If it is empty, the variable is only set if it is
	// not set yet.
	Join      string `json:"join,omitempty"`
	Separator string `json:"separator,omitempty"`
	// Config is a key of config-server's configuration, used instead of Value. Default is the value
	// if the key does not exist; nil makes that an error.
	Config  string  `json:"config,omitempty"`
	Default *string `json:"default,omitempty"`
	// Literal disables the expansion of variables.
	Literal bool `json:"-"`
}

// AsksApp reports whether the sidecar requires anything of the app's process, except ports.
func (s Sidecar) AsksApp() bool {
	return len(s.AppEnv) > 0 || s.AppEnvFrom != "" || s.OTelIdentity || s.HoldApp || s.StopAfterApp || s.SignalsApp
}

type file struct {
	Version  int       `json:"version"`
	Sidecars []Sidecar `json:"sidecars"`
}

// Write writes the file below directory atomically.
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
