package run

import (
	"fmt"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

// A crash is the unexpected end of an instance.
type crash struct {
	description string // as cf events shows it (CF-18)
	at          time.Time
	running     time.Duration // how long it was RUNNING; 0: never
}

// report logs a crash as the platform's API does, with a payload for people: without the instance's
// GUID, index and cell, which the cell's log lines have, and without timestamp and version.
func (i *instance) report(c crash) {
	i.log.Line(show.SourceAPI, i.index, show.Out, fmt.Sprintf("Process has crashed with type: %q", i.process.Type))
	i.log.Line(show.SourceAPI, i.index, show.Out, fmt.Sprintf(
		`App instance exited with guid %s payload: {"reason"=>"CRASHED", "exit_description"=>%q, "crash_count"=>%d}`,
		cell.AppGUID(i.app.Name), c.description, i.crashes))
}

// tellCrashed updates the instance's status after a crash, with the time of the next start unless
// that follows at once.
func (i *instance) tellCrashed(c crash, pause time.Duration) {
	i.tell(func(r *status.RunningInstance) {
		r.Health, r.Details = status.HealthCrashed, c.description
		if pause > 0 {
			r.Details += "; it is started again at " + c.at.Add(pause).Format(time.TimeOnly)
		}
		r.Restarts++
		r.Root, r.Started, r.Pids = "", time.Time{}, nil
	})
}
