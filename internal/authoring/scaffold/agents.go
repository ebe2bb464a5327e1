package scaffold

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// An Agent is a file of the archive (for python a directory) that a runtime loads into apps.
type Agent struct {
	Runtime, Path string
}

// A setting is the variable with which a runtime loads an agent.
type setting struct {
	Variable  string
	Join      string // append or prepend
	Separator string // empty: the variable's default
	Value     string
	before    string // text in front of the path
}

// runtimes has the setting of each runtime: the JVM's tool interface, --require of Node.js, and so
// on.
var runtimes = map[string]setting{
	"dotnet": {Variable: "DOTNET_STARTUP_HOOKS", Join: "append", Separator: ":"},
	"java":   {Variable: "JAVA_TOOL_OPTIONS", Join: "append", before: "-javaagent:"},
	"nodejs": {Variable: "NODE_OPTIONS", Join: "append", before: "--require="},
	"python": {Variable: "PYTHONPATH", Join: "prepend", Separator: ":"},
	"ruby":   {Variable: "RUBYOPT", Join: "append", before: "-r"},
}

// Runtimes returns the names of the runtimes for which there can be an agent.
func Runtimes() []string {
	var names []string
	for name := range runtimes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ParseAgent parses RUNTIME=PATH.
func ParseAgent(text string) (Agent, error) {
	runtime, file, found := strings.Cut(text, "=")
	_, known := runtimes[runtime]
	if known && !found {
		return Agent{}, fmt.Errorf("expected a path in the archive after it: %s=PATH", runtime)
	}
	if !known {
		return Agent{}, fmt.Errorf("expected RUNTIME=PATH%s", suggest.Before(suggest.Name(runtime, Runtimes()), "the runtimes are "+strings.Join(Runtimes(), ", ")))
	}
	if file = path.Clean(file); file == "." || path.IsAbs(file) || file == ".." || strings.HasPrefix(file, "../") {
		return Agent{}, fmt.Errorf("expected a path in the archive after %s=", runtime)
	}
	return Agent{runtime, file}, nil
}

// setting returns the setting with the agent's path; staging fills in the package's directory.
func (a Agent) setting() setting {
	s := runtimes[a.Runtime]
	s.Value = s.before + "$SIDECAR_PACKAGE/" + a.Path
	return s
}
