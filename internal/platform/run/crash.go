package run

import (
	"fmt"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

// A crash is the unrequested end of an instance.
type crash struct {
	description string // as cf events shows it (CF-18)
	at          time.Time
	running     time.Duration // how long it was RUNNING before; 0: it never was
}

// report writes what the platform's API says of a crash, its payload cut to what a
// person reads. The platform's has the instance's guid, index and cell in it, which
// the lines of the cell have, and a timestamp and a version.
func (i *instance) report(c crash) {
	i.log.Line(show.SourceAPI, i.index, show.Out, fmt.Sprintf("Process has crashed with type: %q", i.process.Type))
	i.log.Line(show.SourceAPI, i.index, show.Out, fmt.Sprintf(
		`App instance exited with guid %s payload: {"reason"=>"CRASHED", "exit_description"=>%q, "crash_count"=>%d}`,
		cell.AppGUID(i.app.Name), c.description, i.crashes))
}

// tellCrashed tells of a crash those who show how the instance is, and of the next
// start unless that follows at once.
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
