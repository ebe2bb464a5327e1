package dryrun

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"code.cloudfoundry.org/buildpackapplifecycle"
	"code.cloudfoundry.org/buildpackapplifecycle/buildpackrunner/resources"
	"gopkg.in/yaml.v2"
	yamlnodes "gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlbounds"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

const (
	configFile      = "config.yml"
	maxName         = 255  // characters (CF-27)
	maxCommand      = 4096 // characters (CF-27)
	maxNodes        = 100_000
	containerMemory = 1024 // MB of the staging container, and so of the web process (CF-13)
	webProcess      = "web"
)

// config checks config.yml (CF-04).
func (w *written) config(files fs.FS) {
	content, err := regularfile.ReadFS(files, configFile, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		w.add(finding.ConfigMissing, configFile, 0, "no such file")
		return
	}
	if err != nil {
		w.add(finding.ConfigInvalid, configFile, 0, err.Error())
		return
	}
	var metadata buildpackapplifecycle.BuildpackMetadata
	switch err := yaml.Unmarshal(content, &metadata); {
	case err != nil:
		for _, p := range yamlerror.Explain(content, err) {
			w.add(finding.ConfigInvalid, configFile, p.Line, p.Found)
		}
	case metadata.Name == "":
		w.add(finding.ConfigInvalid, configFile, 0, "no name")
	case metadata.Version == "":
		w.add(finding.ConfigInvalid, configFile, 0, "no version")
	}
}

// launch checks launch.yml (CF-05 to CF-08).
func (w *written) launch(files fs.FS) {
	content, err := regularfile.ReadFS(files, launchFile, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		w.add(finding.LaunchSyntax, launchFile, 0, err.Error())
		return
	}
	var data resources.LaunchData
	var document yamlnodes.Node
	if err := yaml.Unmarshal(content, &data); err != nil {
		for _, p := range yamlerror.Explain(content, err) {
			w.add(finding.LaunchSyntax, launchFile, p.Line, p.Found)
		}
		return
	}
	if err := yamlnodes.Unmarshal(content, &document); err != nil || len(document.Content) == 0 || yamlbounds.Excess(&document, maxNodes) != nil {
		return
	}
	root := document.Content[0]
	w.keys(root, launchKeys)
	entries := valueOf(root, "processes")
	types := processTypes(data.Processes)
	seen := map[string]bool{}
	for i, process := range data.Processes {
		line := 0
		if entries != nil && i < len(entries.Content) {
			line = entries.Content[i].Line
		}
		w.process(process, line, types)
		if seen[process.Type] {
			w.add(finding.LaunchTwice, launchFile, line, "a second entry "+strconv.Quote(process.Type))
		}
		seen[process.Type] = true
	}
}

// allowed has the keys of a mapping that the platform reads, and the keys of their values.
type allowed map[string]allowed

var launchKeys = allowed{"processes": {
	"type": nil, "command": nil,
	"limits":    {"memory": nil},
	"platforms": {"cloudfoundry": {"sidecar_for": nil}},
}}

// keys finds keys that the platform drops.
func (w *written) keys(node *yamlnodes.Node, known allowed) {
	if node.Kind == yamlnodes.SequenceNode {
		for _, element := range node.Content {
			w.keys(element, known)
		}
		return
	}
	if node.Kind != yamlnodes.MappingNode || known == nil {
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		below, ok := known[key.Value]
		if !ok {
			w.add(finding.LaunchKey, launchFile, key.Line, "the key "+strconv.Quote(key.Value))
			continue
		}
		w.keys(node.Content[i+1], below)
	}
}

func valueOf(node *yamlnodes.Node, key string) *yamlnodes.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// processTypes returns the app's process types: web, processes that are not sidecars, and types
// with a sidecar.
func processTypes(all []resources.Process) []string {
	types := []string{webProcess}
	for _, p := range all {
		types = append(types, p.Platforms.Cloudfoundry.SidecarFor...)
		if len(p.Platforms.Cloudfoundry.SidecarFor) == 0 {
			types = append(types, p.Type)
		}
	}
	return types
}

func (w *written) process(p resources.Process, line int, types []string) {
	name := strconv.Quote(p.Type)
	add := func(id, format string, args ...any) {
		w.add(id, launchFile, line, name+": "+fmt.Sprintf(format, args...))
	}
	switch length := len([]rune(p.Type)); {
	case strings.TrimSpace(p.Type) == "":
		w.add(finding.LaunchName, launchFile, line, "no type")
	case length > maxName:
		w.add(finding.LaunchName, launchFile, line, fmt.Sprintf("a type of %d characters", length))
	}
	switch length := len([]rune(p.Command)); {
	case strings.TrimSpace(p.Command) == "":
		add(finding.LaunchCommand, "no command")
	case length > maxCommand:
		add(finding.LaunchCommand, "a command of %d characters", length)
	}
	w.command(p, add)
	if len(p.Platforms.Cloudfoundry.SidecarFor) == 0 {
		add(finding.LaunchProcess, "no sidecar_for")
		return
	}
	if slices.Contains(types, p.Type) {
		add(finding.LaunchReplacesApp, "the name of a process type")
	}
	w.sidecarFor(p.Platforms.Cloudfoundry.SidecarFor, add)
	switch memory := p.Limits.Memory; {
	case memory < 0 || memory >= containerMemory:
		add(finding.LaunchMemory, "%d MB", memory)
	case memory == 0:
		add(finding.LaunchNoMemory, "no limits.memory")
	}
}

func (w *written) sidecarFor(types []string, add func(id, format string, args ...any)) {
	seen := map[string]bool{}
	for _, t := range types {
		switch {
		case seen[t]:
			add(finding.LaunchFor, "%q twice", t)
		case strings.TrimSpace(t) == "" || len([]rune(t)) > maxName:
			add(finding.LaunchFor, "%q", redact.Text(t))
		}
		seen[t] = true
	}
}

// otherIndex matches directories below deps in a command.
var otherIndex = regexp.MustCompile(`(?:/home/vcap/deps|\$\{?DEPS_DIR\}?"?)/([0-9]+)\b`)

// command finds commands that use another buildpack's directory, or one that does not exist.
func (w *written) command(p resources.Process, add func(id, format string, args ...any)) {
	for _, match := range otherIndex.FindAllStringSubmatch(p.Command, -1) {
		if match[1] != w.index && !w.into.Has(finding.IndexFixed, "") {
			add(finding.IndexFixed, "%s, where the index is %s", match[0], w.index)
		}
	}
}
