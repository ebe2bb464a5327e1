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

// liveInterval is the time between two looks at how the processes are.
const liveInterval = time.Second

// A liveTable is a table of processes that stays on a terminal. Reading their state takes
// time, so a separate goroutine does it, and does not block writes to the terminal.
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

// start looks now and then, until it is ended.
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
	default: // it has not been heard of the last time yet
	}
}

// Changed and Lines are a platform.Footer's.
func (l *liveTable) Changed() <-chan struct{} { return l.changed }

func (l *liveTable) Lines() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.render(l.statuses)
}

// output is the destination of a platform's log. On a terminal, a table of all running
// processes is below the log, and refreshed until end is called.
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

// tableLines is the table as it stays below the log: at most half as high as the terminal.
// Its last column stays empty, in which a terminal may begin a new line.
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
