package appstart

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
)

// NotedDirectory has the files that WriteNoted writes, below the buildpack's own directory.
const NotedDirectory = "app-env"

// simpleType are the process types that every writer of JSON, and every file system, has as they are.
var simpleType = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// Noted are, by process type, what the shell of a process of the app evaluates: the same that the
// supervisor's program would print there. A process of a type that is missing is asked for nothing.
// It is false where only that program can tell: where sidecars ask for more than variables, or for
// those that are not known yet, and where a process type has a name that is not simple.
func Noted(sidecars []Sidecar) (map[string]string, bool) {
	variables := map[string][]Variable{}
	for _, s := range sidecars {
		if !s.asksForVariablesAlone() {
			return nil, false
		}
		for _, processType := range s.ProcessTypes {
			if !simpleType.MatchString(processType) {
				return nil, false
			}
			variables[processType] = append(variables[processType], s.AppEnv...)
		}
	}
	scripts := map[string]string{}
	for processType, all := range variables {
		if len(all) > 0 {
			scripts[processType] = Script(all)
		}
	}
	return scripts, len(scripts) > 0
}

// asksForVariablesAlone is false for whatever else a field may come to ask for.
func (s Sidecar) asksForVariablesAlone() bool {
	known := Sidecar{Name: s.Name, ProcessTypes: s.ProcessTypes, AppEnv: s.AppEnv, ProxyCommand: s.ProxyCommand}
	return reflect.DeepEqual(s, known) && !slices.ContainsFunc(s.AppEnv, func(v Variable) bool {
		return v != Variable{Name: v.Name, Value: v.Value, Join: v.Join, Separator: v.Separator}
	})
}

// WriteNoted writes what Noted is to a file TYPE.sh for each process type, for the profile script
// sidecars.sh; nothing where that is false. Like FileName, they are the owner's alone.
func WriteNoted(directory string, sidecars []Sidecar) error {
	contents, ok := Noted(sidecars)
	if !ok {
		return nil
	}
	scripts := filepath.Join(directory, NotedDirectory)
	err := os.Mkdir(scripts, 0o700)
	for processType, script := range contents {
		if err == nil {
			err = atomicfile.Write(filepath.Join(scripts, processType+".sh"), []byte(script), fileMode)
		}
	}
	if err != nil {
		return fmt.Errorf("failed to write %s: %w", NotedDirectory, err)
	}
	return nil
}
