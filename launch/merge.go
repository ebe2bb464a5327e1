package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	lifecycleyaml "gopkg.in/yaml.v2" // the lifecycle's own parser

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// Merge merges later processes into earlier ones as the lifecycle does: a process in both is
// replaced at its position, even a sidecar by a process and vice versa, and new ones are appended
// (CF-07). Duplicates among the new ones remain duplicates (CF-08).
func Merge(earlier, later []Process) []Process {
	merged := slices.Clone(earlier)
	for _, p := range later {
		replaced := false
		for i := range earlier {
			if merged[i].Type == p.Type {
				merged[i] = p
				replaced = true
			}
		}
		if !replaced {
			merged = append(merged, p)
		}
	}
	return merged
}

// Procfile is the name of the file, in the app's root, that declares processes.
const Procfile = "Procfile"

// FromCommands makes ordinary processes from a Procfile's lines or the output of bin/release,
// sorted by type.
func FromCommands(commands map[string]string) []Process {
	processes := make([]Process, 0, len(commands))
	for _, t := range slices.Sorted(maps.Keys(commands)) {
		processes = append(processes, Process{Type: t, Command: commands[t]})
	}
	return processes
}

// maxProcfileSize is far more than any app's commands need, in bytes.
const maxProcfileSize = 1 << 20

// ReadProcfile reads the Procfile of an app, which is optional.
func ReadProcfile(app fs.FS) ([]Process, error) {
	content, err := regularfile.ReadFS(app, Procfile, maxProcfileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read %s: %w", Procfile, err)
	}
	return ParseProcfile(content)
}

// ParseProcfile parses a Procfile as the lifecycle does: as YAML that maps process types to
// commands. If a type occurs twice, the last one wins.
func ParseProcfile(content []byte) ([]Process, error) {
	commands := map[string]string{}
	if err := lifecycleyaml.Unmarshal(content, &commands); err != nil {
		return nil, yamlerror.Wrap(Procfile, content, err)
	}
	return FromCommands(commands), nil
}
