// Package launch reads, writes and merges launch.yml, the file in which a buildpack tells the
// platform what to run. It is not an API: make a buildpack of your own from package buildpack.
package launch

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	lifecycleyaml "gopkg.in/yaml.v2" // the lifecycle's own parser
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// FileName is the name of the file in a buildpack's own deps directory.
const FileName = "launch.yml"

// document is the structure of launch.yml.
type document struct {
	Processes []documentProcess `yaml:"processes"`
}

type documentProcess struct {
	Type      text              `yaml:"type"`
	Command   text              `yaml:"command"`
	Limits    documentLimits    `yaml:"limits,omitempty"`
	Platforms documentPlatforms `yaml:"platforms,omitempty"`
}

type documentLimits struct {
	Memory int `yaml:"memory,omitempty"`
}

type documentPlatforms struct {
	CloudFoundry struct {
		SidecarFor []string `yaml:"sidecar_for,omitempty,flow"`
	} `yaml:"cloudfoundry,omitempty"`
}

// text is a string that the lifecycle's parser reads back unchanged.
type text string

// MarshalYAML quotes a text that begins with white space: the encoder would write such a block with
// the wrong indentation.
func (t text) MarshalYAML() (any, error) {
	if strings.IndexFunc(string(t), unicode.IsSpace) != 0 {
		return string(t), nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: string(t), Style: yaml.DoubleQuotedStyle}, nil
}

// maxFileSize limits how much of a launch.yml is read, in bytes.
const maxFileSize = 1 << 20

// Read reads a launch.yml as the lifecycle does. If the lifecycle would fail on it, for example
// because of limits.memory: 256M, Read fails, too (CF-05). If there is no file, the error is
// fs.ErrNotExist.
func Read(path string) ([]Process, error) {
	content, err := regularfile.Read(path, maxFileSize)
	if err != nil {
		return nil, fmt.Errorf("failed to read %s: %w", FileName, err)
	}
	processes, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("failed to parse %s: %w", path, err)
	}
	return processes, nil
}

// Parse parses the content of a launch.yml as Read does.
func Parse(content []byte) ([]Process, error) {
	var read document
	if err := lifecycleyaml.Unmarshal(content, &read); err != nil {
		return nil, yamlerror.Wrap("", content, err)
	}
	processes := make([]Process, len(read.Processes))
	for i, p := range read.Processes {
		processes[i] = Process{Type: string(p.Type), Command: string(p.Command), Memory: p.Limits.Memory}
		if types := p.Platforms.CloudFoundry.SidecarFor; len(types) > 0 {
			processes[i].SidecarFor = types
		}
	}
	return processes, nil
}

// Write writes a launch.yml below directory, atomically. It fails, and writes nothing, if the
// lifecycle would accept the content and the platform then fail on it.
func Write(directory string, processes []Process) (err error) {
	if err := validate(processes); err != nil {
		return fmt.Errorf("failed to write %s: %w", FileName, err)
	}
	var out document
	for _, p := range processes {
		entry := documentProcess{Type: text(p.Type), Command: text(p.Command), Limits: documentLimits{Memory: p.Memory}}
		entry.Platforms.CloudFoundry.SidecarFor = p.SidecarFor
		out.Processes = append(out.Processes, entry)
	}
	content, err := yaml.Marshal(out)
	if err != nil {
		return fmt.Errorf("failed to encode %s: %w", FileName, err)
	}
	path := filepath.Join(directory, FileName)
	if err := atomicfile.Write(path, content, 0o600); err != nil {
		return fmt.Errorf("failed to write %s: %w", path, err)
	}
	return nil
}
