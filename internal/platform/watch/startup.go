package watch

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

// A Startup describes what a starting instance waits for.
type Startup struct {
	Process  string // like web/0
	Root     string // that of its droplet, as in RunningInstance.Root
	Sidecars []controller.PlannedSidecar
	last     atomic.Pointer[error]
}

// Found stores the result of a health check.
func (w *Startup) Found(err error) { w.last.Store(&err) }

// String lists the supervised sidecars that are not ready, which may hold the app or each other,
// with their last probes' results, and the last result of the platform's own check.
func (w *Startup) String() string {
	var reasons []string
	states, dependencies := status.StatesIn(w.Root, w.Sidecars), status.DependenciesIn(w.Root, w.Sidecars)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		dependedOn := slices.DeleteFunc(dependencies[name], func(other string) bool { return states[other].Ready() })
		if reason := unready(states[name], dependedOn); reason != "" {
			reasons = append(reasons, fmt.Sprintf("sidecar %q %s", name, reason))
		}
	}
	if err := w.last.Load(); err != nil && *err != nil {
		reasons = append(reasons, "health check: "+printable.OneLine((*err).Error()))
	}
	text := "Waiting for " + w.Process + " to become healthy"
	if len(reasons) == 0 {
		return text
	}
	return text + ": " + strings.Join(reasons, "; ")
}

// unready describes a sidecar that is not ready; it returns "" if it is. dependedOn are the
// sidecars that it waits for.
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
