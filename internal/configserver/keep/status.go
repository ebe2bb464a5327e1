package keep

import (
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// A Status is how the sources are, as the main request's parts tell.
type Status struct {
	// Ready says that all sources have given their first answer. Once true, it stays.
	Ready       bool
	Sources     []SourceStatus
	Undecrypted int // values that are left out
	// Omitted are the first keys that the main answer leaves out for another reason, shortened.
	Omitted []environment.Omission
}

// A SourceStatus is how one source is.
type SourceStatus struct {
	Name string
	// State is waiting (no answer yet), kept (an answer of an earlier run, not confirmed yet),
	// current, or outdated (there is an answer, and the last fetch has failed).
	State string
	Age   time.Duration // of its answer; 0 without one, and if it cannot change
	Error string        // of the last fetch, without a value or credential; empty if it was good
}

// Status is described with its type.
func (k *Keeper) Status() Status {
	status := Status{}
	if current := k.main.Current(); current != nil {
		status.Undecrypted = len(current.Undecrypted)
		for _, one := range current.Omitted[:min(len(current.Omitted), maxShown)] {
			status.Omitted = append(status.Omitted, environment.Omission{Key: printable.Line(shortened(one.Key)), Reason: one.Reason})
		}
	}
	ready := true
	k.main.mutex.Lock()
	for i, p := range k.main.parts {
		one, good := k.statusLocked(i, p)
		status.Sources = append(status.Sources, one)
		ready = ready && good
	}
	k.main.mutex.Unlock()
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.ready = k.ready || ready
	status.Ready = k.ready
	return status
}

// statusLocked is how the source of a part is, and whether that is enough to be ready.
func (k *Keeper) statusLocked(index int, p *part) (status SourceStatus, ready bool) {
	status = SourceStatus{Name: k.sources[index].Name(), State: "current"}
	if p.failed != nil {
		status.Error = text(p.failed)
	}
	switch {
	case p.good == nil:
		status.State = "waiting"
		return status, false
	case p.kept:
		status.State = "kept"
	case p.failed != nil:
		status.State = "outdated"
	}
	if !k.sources[index].static {
		status.Age = max(0, k.options.Clock.Now().Sub(p.confirmed))
	}
	return status, !p.kept || k.options.ReadyFromKept
}
