package dryrun

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// processesLeft returns the names of the processes that a staging's phases have left when the last
// buildpack finalizes. Containers that are not sealed also show those of the machine, so there it
// returns none.
func (r *run) processesLeft(files stage.Files) []string {
	if !r.Stager.Sealed {
		return nil
	}
	content, err := regularfile.Read(filepath.Join(files.Tmp, processes), maxText)
	if err != nil {
		return nil
	}
	return strings.Fields(string(content))
}

// examineProcesses finds processes that do not end with supply.
func (r *run) examineProcesses(files stage.Files, s *staged) {
	left := slices.DeleteFunc(r.processesLeft(files), func(name string) bool { return slices.Contains(r.others, name) })
	slices.Sort(left)
	if left = slices.Compact(left); len(left) > 0 && !r.into.Has(finding.StagingProcess, "") {
		r.into.Add(finding.StagingProcess, finding.Finding{Staging: s.name, Found: "the process " + r.secrets.mask(strings.Join(left, ", ")) + " after supply has ended"})
	}
}
