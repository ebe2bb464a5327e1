package vaultsource

import "time"

// refusal is a login that Vault has refused. By default, Vault locks out a role after five refusals that are less
// than 15 minutes apart (user lockout): then, other instances with the right credentials cannot log in either. So
// the session tries the same credentials again only after one minute, four minutes, and then every 16 minutes. With
// changed settings, there is a new session, which tries at once.
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
