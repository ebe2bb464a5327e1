package launch

import "slices"

// Prospects are what the platform will refuse of an app that is pushed, then
// pushed again as it is, then rolled back and pushed once more. Each holds what
// those before it do not.
type Prospects struct {
	// Plan is that of the first push.
	Plan          Plan
	First         Refusals
	Second        Refusals // PR-38
	AfterRollback Refusals // PR-39
}

// Foresee pushes the app to what is on record.
func (r *Record) Foresee(staged []Process, app App) Prospects {
	var seen Refusals
	unseen := func(refusals Refusals) Refusals {
		refusals = slices.DeleteFunc(slices.Clone(refusals), func(refusal Refusal) bool { return slices.Contains(seen, refusal) })
		seen = append(seen, refusals...)
		return refusals
	}
	first, _ := r.Push(staged, app)
	prospects := Prospects{Plan: first, First: unseen(first.Refusals)}
	second, _ := r.Push(staged, app)
	prospects.Second = unseen(second.Refusals)
	r.Rollback()
	third, _ := r.Push(staged, app)
	prospects.AfterRollback = unseen(third.Refusals)
	return prospects
}
