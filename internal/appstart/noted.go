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

// NotedDirectory has the files of WriteNoted, below the buildpack's own directory.
const NotedDirectory = "app-env"

// simpleType matches process types that need no escapes in JSON and are valid names of files.
var simpleType = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// Noted returns, by process type, the code for the shell of the app's processes: the same that the
// supervisor's program would print there; types without an entry need none. It returns false if
// only that program can tell: if sidecars require more than variables, or variables that are not
// known at staging, or if a process type has an unusual name.
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

// asksForVariablesAlone returns false for all other fields, also future ones.
func (s Sidecar) asksForVariablesAlone() bool {
	known := Sidecar{Name: s.Name, ProcessTypes: s.ProcessTypes, AppEnv: s.AppEnv, ProxyCommand: s.ProxyCommand}
	return reflect.DeepEqual(s, known) && !slices.ContainsFunc(s.AppEnv, func(v Variable) bool {
		return v != Variable{Name: v.Name, Value: v.Value, Join: v.Join, Separator: v.Separator}
	})
}

// WriteNoted writes the code of Noted to a file TYPE.sh for each process type, for the profile
// script sidecars.sh; it writes nothing if Noted returns false. Like FileName, only the owner can
// read them.
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
