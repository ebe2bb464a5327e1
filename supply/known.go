package supply

import (
	_ "embed" // for the script
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// knownScript, in the deps directory, distinguishes the sidecars that the buildpack knows from the
// app, for sidecar buildpacks of any version.
const knownScript = "known-sidecars.sh"

//go:embed known-sidecars.sh
var knownSidecars string

// privateMode is the mode of files that may contain the user's values: in the droplet and in the
// app's container, only the app and its sidecars may read them.
const privateMode = 0o600

// writeKnown writes the script with the sidecars that are known at staging: this buildpack's, and
// those of the buildpacks before it.
func (s *Supplier) writeKnown(verdict judge.Verdict) error {
	if len(verdict.Sidecars) == 0 {
		return nil
	}
	known := slices.Collect(sidecarsOf(verdict.Processes))
	for _, n := range verdict.Neighbors {
		known = slices.AppendSeq(known, sidecarsOf(n.Processes))
	}
	if err := os.WriteFile(filepath.Join(s.Stager.DepDir(), knownScript), []byte(knownSidecarsOf(known)), privateMode); err != nil {
		return fmt.Errorf("failed to write the script %s: %w", knownScript, err)
	}
	return nil
}

// sidecarsOf returns the sidecars among the entries of a launch.yml.
func sidecarsOf(processes []launch.Process) iter.Seq[launch.Process] {
	return func(yield func(launch.Process) bool) {
		for _, p := range processes {
			if p.IsSidecar() && !yield(p) {
				return
			}
		}
	}
}

// knownSidecarsOf returns a script that knows these sidecars.
func knownSidecarsOf(sidecars []launch.Process) string {
	var calls strings.Builder
	for _, p := range sidecars {
		calls.WriteString(`_sidecars_known "${2-}" ` + shell.Quote(p.Command))
		for _, t := range p.SidecarFor {
			quoted, _ := json.Marshal(t) // text can always be encoded
			calls.WriteString(" " + shell.Quote(string(quoted)))
		}
		calls.WriteByte('\n')
	}
	return strings.Replace(knownSidecars, "# @SIDECARS@\n", calls.String(), 1)
}
