package dryrun

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

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
	maxName         = 255  // characters (CF-27)
	maxCommand      = 4096 // characters (CF-27)
	maxNodes        = 100_000
	containerMemory = 1024 // MB of the staging container, and so of the web process (CF-13)
	webProcess      = "web"
)

// launch checks launch.yml (CF-05 to CF-08).
func (w *written) launch(files fs.FS) {
	content, err := regularfile.ReadFS(files, launchFile, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		w.misplaced(files)
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
	documents := yamlnodes.NewDecoder(bytes.NewReader(content))
	if err := documents.Decode(&document); err != nil || len(document.Content) == 0 || yamlbounds.Excess(&document, maxNodes) != nil {
		return
	}
	root := document.Content[0]
	w.keys(root)
	if another := new(yamlnodes.Node); documents.Decode(another) == nil {
		w.add(finding.LaunchKey, launchFile, another.Line, "a second document of YAML")
	}
	w.processes(data.Processes, root)
}

// processes checks the entries of launch.yml.
func (w *written) processes(all []resources.Process, root *yamlnodes.Node) {
	entries := valueOf(root, "processes")
	types := processTypes(all)
	seen := map[string]bool{}
	for i, process := range all {
		line := 0
		if entries != nil && i < len(entries.Content) {
			line = entries.Content[i].Line
		}
		w.process(process, line, types, entries != nil && i < len(entries.Content) && misspelled(entries.Content[i]))
		if seen[process.Type] {
			w.add(finding.LaunchTwice, launchFile, line, "a second entry "+strconv.Quote(process.Type))
		}
		seen[process.Type] = true
	}
	if !w.into.Has(finding.LaunchMemory, "") {
		w.memoryOfAll(all)
	}
}

// memoryOfAll checks that the sidecars of a process leave it some memory (CF-33).
func (w *written) memoryOfAll(all []resources.Process) {
	sums := map[string]int{}
	for _, process := range all {
		for _, t := range process.Platforms.Cloudfoundry.SidecarFor {
			if sums[t] += process.Limits.Memory; sums[t] >= containerMemory {
				w.add(finding.LaunchMemory, launchFile, 0, fmt.Sprintf("%d MB of all sidecars of the process %q together", sums[t], t))
				return
			}
		}
	}
}

// misplaced finds sidecars in a file that the platform does not read.
func (w *written) misplaced(files fs.FS) {
	var names []string
	for _, pattern := range []string{"*.yml", "*.yaml", "*/*.yml", "*/*.yaml"} {
		found, _ := fs.Glob(files, pattern) // the patterns are valid
		names = append(names, found...)
	}
	for _, name := range names {
		content, err := regularfile.ReadFS(files, name, maxText)
		if err != nil {
			continue
		}
		var data resources.LaunchData
		if yaml.Unmarshal(content, &data) != nil {
			continue
		}
		if at := slices.IndexFunc(data.Processes, func(p resources.Process) bool { return len(p.Platforms.Cloudfoundry.SidecarFor) > 0 }); at >= 0 {
			w.add(finding.LaunchMisplaced, name, 0, "the sidecar "+strconv.Quote(data.Processes[at].Type)+", and no launch.yml")
			return
		}
	}
}

// valueOf returns the value of a key, the last one if it is there twice, as the platform does.
func valueOf(node *yamlnodes.Node, key string) (value *yamlnodes.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			value = node.Content[i+1]
		}
	}
	return value
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

// process checks an entry. If it has keys that the platform drops, they are the reason for those
// that are missing.
func (w *written) process(p resources.Process, line int, types []string, dropped bool) {
	name := strconv.Quote(p.Type)
	add := func(id, format string, args ...any) {
		w.add(id, launchFile, line, name+": "+fmt.Sprintf(format, args...))
	}
	switch length := len([]rune(p.Type)); {
	case dropped && p.Type == "":
	case strings.TrimSpace(p.Type) == "":
		w.add(finding.LaunchName, launchFile, line, "no type")
	case length > maxName:
		w.add(finding.LaunchName, launchFile, line, fmt.Sprintf("a type of %d characters", length))
	}
	switch length := len([]rune(p.Command)); {
	case dropped && p.Command == "":
	case strings.TrimSpace(p.Command) == "":
		add(finding.LaunchCommand, "no command")
	case length > maxCommand:
		add(finding.LaunchCommand, "a command of %d characters", length)
	}
	w.command(p, add)
	if len(p.Platforms.Cloudfoundry.SidecarFor) == 0 {
		if !dropped {
			add(finding.LaunchProcess, "no sidecar_for")
		}
		return
	}
	if slices.Contains(types, p.Type) {
		add(finding.LaunchReplacesApp, "the name of a process type")
	}
	w.sidecarFor(p.Platforms.Cloudfoundry.SidecarFor, add)
	switch memory := p.Limits.Memory; {
	case memory < 0 || memory >= containerMemory:
		add(finding.LaunchMemory, "%d MB", memory)
	case memory == 0 && !dropped:
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
