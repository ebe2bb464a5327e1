package cli

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

// liveInterval is the time between two refreshes of the table.
const liveInterval = time.Second

// A liveTable is a table of processes that stays below the log on a terminal. A separate goroutine
// reads the state of the processes, since that takes time, and must not block writes to the
// terminal.
type liveTable struct {
	look    func() []status.Status
	render  func([]status.Status) []string
	changed chan struct{}

	mutex    sync.Mutex
	statuses []status.Status
}

func newLive(look func() []status.Status, render func([]status.Status) []string) *liveTable {
	return &liveTable{look: look, render: render, changed: make(chan struct{}, 1)}
}

// start refreshes the table until end is called.
func (l *liveTable) start() (end func()) {
	stop := make(chan struct{})
	go func() {
		ticker := time.NewTicker(liveInterval)
		defer ticker.Stop()
		for {
			l.update()
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	}()
	return sync.OnceFunc(func() { close(stop) })
}

func (l *liveTable) update() {
	statuses := l.look()
	l.mutex.Lock()
	l.statuses = statuses
	l.mutex.Unlock()
	select {
	case l.changed <- struct{}{}:
	default: // the last change has not been drawn yet
	}
}

// Changed and Lines implement show.StatusArea.
func (l *liveTable) Changed() <-chan struct{} { return l.changed }

func (l *liveTable) Lines() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.render(l.statuses)
}

// output returns the destination of the platform's log. On a terminal, a table of all running
// processes is below the log; it is refreshed until end is called.
func (t *tool) output(p *platform.Platform) (output *show.Output, end func()) {
	terminal := t.terminal()
	if terminal == nil {
		return show.NewOutput(t.stdout), func() {}
	}
	l := newLive(
		func() []status.Status { return status.Statuses(p.Running()) },
		func(statuses []status.Status) []string {
			columns, rows := terminal.size()
			return tableLines(statuses, columns, rows, time.Now())
		})
	return show.NewOutputWithStatus(t.stdout, l), l.start()
}

// tableLines returns the lines below the log, at most half as many as the terminal has rows. The
// last column stays empty, because some terminals start a new line when it is written.
func tableLines(statuses []status.Status, columns, rows int, now time.Time) []string {
	if len(statuses) == 0 || rows < 2 {
		return nil
	}
	severalApps := slices.ContainsFunc(statuses, func(s status.Status) bool { return s.App != statuses[0].App })
	lines := table{statuses: statuses, apps: severalApps, names: nameColumns, now: now}.lines()
	lines = fit(lines, columns-1, rows/2)
	if strings.Join(lines, "") == "" {
		return nil // nothing fits
	}
	return lines
}
