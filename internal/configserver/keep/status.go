package keep

import (
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// Status describes the state of the sources for the main request.
type Status struct {
	// Ready means that all sources have given their first answer. Once true, it stays true.
	Ready       bool
	Sources     []SourceStatus
	Undecrypted int // number of values left out because they could not be decrypted
	// Omitted lists the first keys that the main answer leaves out for other reasons, shortened.
	Omitted []environment.Omission
}

// SourceStatus describes the state of one source.
type SourceStatus struct {
	Name string
	// State is waiting (no answer yet), kept (an answer of an earlier run, not confirmed yet), current, or
	// outdated (there is an answer, but the last fetch failed).
	State string
	Age   time.Duration // of its answer; 0 if there is none, or it cannot change
	Error string        // of the last fetch, without values and credentials; empty if it succeeded
}

// Status returns the state of all sources.
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

// statusLocked returns the state of a part's source, and whether that suffices to be ready.
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
