package controller

import (
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Forecast predicts what happens to an app that is pushed, pushed again unchanged, rolled back,
// and pushed once more.
type Forecast struct {
	// Plan is the plan of the first push.
	Plan  Plan
	First Refusals
	// Lost are sidecars that the app declares but does not have after the first push, although
	// nothing is refused: the manifest has changed a sidecar of the previous droplet, which is
	// deleted with that droplet (CF-34, CF-38).
	Lost []string
	// Second and AfterRollback only contain refusals that are new in that push. If the first push
	// is refused, there are no others, and they are empty.
	Second        Refusals // CF-38
	AfterRollback Refusals // CF-39
}

// SimulatePushes makes these pushes in turn, and starts from what is stored.
func (r *State) SimulatePushes(staged []launch.Process, app App) Forecast {
	var seen Refusals
	unseen := func(refusals Refusals) Refusals {
		refusals = slices.DeleteFunc(slices.Clone(refusals), func(refusal Refusal) bool { return slices.ContainsFunc(seen, refusal.same) })
		seen = append(seen, refusals...)
		return refusals
	}
	first, _ := r.Push(staged, app)
	prospects := Forecast{Plan: first, First: unseen(first.Refusals)}
	if len(prospects.First) > 0 {
		return prospects
	}
	prospects.Lost = r.lost(staged, app)
	second, _ := r.Push(staged, app)
	prospects.Second = unseen(second.Refusals)
	r.Rollback()
	third, _ := r.Push(staged, app)
	prospects.AfterRollback = unseen(third.Refusals)
	return prospects
}

// lost returns the declared sidecars that are not stored.
func (r *State) lost(staged []launch.Process, app App) []string {
	var lost []string
	for _, name := range declaredNames(staged, app) {
		if !slices.ContainsFunc(r.sidecars, func(s sidecarState) bool { return s.Type == name }) {
			lost = append(lost, name)
		}
	}
	return lost
}
