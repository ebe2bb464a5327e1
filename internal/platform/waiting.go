package platform

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A waiting is what an instance waits for while it starts.
type waiting struct {
	process  string // like web/0
	root     string // of its droplet, as RunningInstance.Root
	sidecars []controller.PlannedSidecar
	last     atomic.Pointer[error]
}

// found takes in what the health check has found.
func (w *waiting) found(err error) { w.last.Store(&err) }

// String names the supervised sidecars that are not ready, which may hold the app or
// each other, with what their last probes have found, and the last answer to the
// platform's own check.
func (w *waiting) String() string {
	var reasons []string
	states, dependencies := status.StatesIn(w.root, w.sidecars), status.DependenciesIn(w.root, w.sidecars)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		dependedOn := slices.DeleteFunc(dependencies[name], func(other string) bool { return states[other].Ready() })
		if reason := unready(states[name], dependedOn); reason != "" {
			reasons = append(reasons, fmt.Sprintf("sidecar %q %s", name, reason))
		}
	}
	if err := w.last.Load(); err != nil && *err != nil {
		reasons = append(reasons, "health check: "+printable.OneLine((*err).Error()))
	}
	text := "Waiting for " + w.process + " to become healthy"
	if len(reasons) == 0 {
		return text
	}
	return text + ": " + strings.Join(reasons, "; ")
}

// unready says how a sidecar is that is not ready, and is empty for one that is. DependedOn are the
// names of those that it waits for.
func unready(state supervision.State, dependedOn []string) string {
	if state.Ready() {
		return ""
	}
	answer := ""
	if state.LastError != "" {
		answer = " (" + printable.OneLine(state.LastError) + ")"
	}
	if state.Phase == supervision.PhaseWaiting && len(dependedOn) > 0 {
		quoted := make([]string, len(dependedOn))
		for i, name := range dependedOn {
			quoted[i] = strconv.Quote(name)
		}
		return "waits for " + strings.Join(quoted, ", ") + answer
	}
	if state.Phase == supervision.PhaseWaiting {
		return "waits for other sidecars" + answer
	}
	return "is " + state.Phase + answer
}
