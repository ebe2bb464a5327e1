package vaultsource

import "time"

// refusal is a login that Vault has refused. After five refusals, each within a quarter of an hour of the one
// before, Vault locks out the role: the other instances, whose credentials may be right, can no longer log in,
// either (its user lockout, by default). So the same credentials are tried again only a minute later, then four
// minutes, and then each quarter of an hour and a bit. Changed settings make a new session, which tries at once.
type refusal struct {
	err   error
	at    time.Time
	count int
}

func (r *refusal) record(err error, now time.Time) {
	*r = refusal{err, now, r.count + 1}
}

// holds reports whether it is too early for another attempt.
func (r *refusal) holds(now time.Time) bool {
	if r.err == nil || now.Before(r.at) { // the clock was set back
		return false
	}
	pauses := []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute}
	return now.Sub(r.at) < pauses[min(r.count, len(pauses))-1]
}
