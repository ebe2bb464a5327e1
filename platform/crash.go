package platform

import (
	"fmt"
	"time"
)

// How the platform starts a crashed instance again (PR-19).
const (
	immediateRestarts = 3
	firstBackoff      = 30 * time.Second
	longestBackoff    = 16 * time.Minute
	crashReset        = 5 * time.Minute
)

// crashes counts the crashes of one instance.
type crashes int

// after counts a crash of an instance that ran for some time; one that ran for
// long starts the count anew.
func (c crashes) after(ran time.Duration) crashes {
	if ran >= crashReset {
		return 1
	}
	return c + 1
}

// pause is how long the platform waits before the instance is started again.
func (c crashes) pause() time.Duration {
	if c <= immediateRestarts {
		return 0
	}
	pause := firstBackoff
	for range c - immediateRestarts - 1 {
		if pause = 2 * pause; pause >= longestBackoff {
			return longestBackoff
		}
	}
	return pause
}

// A crash is the end of an instance that nobody asked for.
type crash struct {
	description string // as cf events shows it (PR-18)
	at          time.Time
}

// report writes what the platform's API says of a crash.
func (i *instance) report(c crash, count crashes) {
	i.log.line(sourceAPI, i.index, out, fmt.Sprintf("Process has crashed with type: %q", i.process.Type))
	i.log.line(sourceAPI, i.index, out, fmt.Sprintf(
		`App instance exited with guid %s payload: {"instance"=>%q, "index"=>%d, "cell_id"=>%q, "reason"=>"CRASHED", "exit_description"=>%q, "crash_count"=>%d, "crash_timestamp"=>%d, "version"=>%q}`,
		appGUID(i.app.Name), i.guid, i.index, cellID, c.description, count, c.at.UnixNano(), appGUID(i.app.Name)))
}

// tellCrashed tells of a crash those who show how the instance is.
func (i *instance) tellCrashed(c crash, pause time.Duration) {
	i.tell(func(r *RunningInstance) {
		r.Health, r.Details = HealthCrashed, c.description
		if pause > 0 {
			r.Details += "; it is started again at " + time.Now().Add(pause).Format(time.TimeOnly)
		}
		r.Restarts++
		r.Root, r.Started, r.Pids = "", time.Time{}, nil
	})
}
