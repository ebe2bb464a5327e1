//go:build linux

package supervise

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// watchFiles starts to watch the files before the command first starts, so that no change is missed
// that comes after the command has read them. If a file changes while the command is being made
// from it, the command is made once more.
func (s *supervisor) watchFiles() error {
	if s.spec.Reload == nil {
		return s.makeCommand()
	}
	if s.files != nil { // and a goroutine uses them
		return s.makeCommand()
	}
	s.files = newFileWatch(s.spec.Reload.On, s.say)
	s.files.aim(s.environ, "")
	s.files.look()
	if err := s.makeCommand(); err != nil {
		return err
	}
	s.files.aim(s.command.environ, s.command.directory)
	var err error
	if len(s.files.look()) > 0 {
		err = s.makeCommand()
	}
	s.files.sayEmpty()
	go func() {
		for {
			told := s.files.await()
			if changed := s.files.look(); len(changed) > 0 {
				changed, told = s.slowDown(changed, told)
				s.reload(changed, told)
			}
		}
	}()
	return err
}

// slowDown waits before a reload if those before it have followed each other without a calm period,
// and returns what has changed by then. It logs this once; until things are calm, further reloads
// are not logged.
func (s *supervisor) slowDown(changed []string, told time.Time) ([]string, time.Time) {
	pause := s.brake.next(told)
	said := s.braked.Swap(pause > 0)
	if pause == 0 {
		return changed, told
	}
	if !said {
		s.say("%s changes again and again, as if the sidecar changed it itself when it reloads; it reloads at most every %s until a minute passes without a change, and does not log each time",
			strings.Join(changed, ", "), longestBackoff)
	}
	time.Sleep(pause)
	at := time.Now()
	more := s.files.look()
	if len(more) == 0 {
		return changed, told
	}
	changed = slices.Concat(changed, more)
	slices.Sort(changed)
	return slices.Compact(changed), at
}

// sayReload logs what a reload does, except while reloads are slowed down.
func (s *supervisor) sayReload(format string, args ...any) {
	if !s.braked.Load() {
		s.say(format, args...)
	}
}

// reload has the command read its files again, which changed before the given time. A command made
// since then has already read them.
func (s *supervisor) reload(changed []string, at time.Time) {
	s.mutex.Lock()
	a := s.current
	if a == nil {
		s.late.changed, s.late.at = changed, at
	}
	current := a != nil && a.made.Before(at) && !s.stop.isTold()
	s.mutex.Unlock()
	switch {
	case !current:
	case s.spec.Reload.Restart:
		a.reloadByRestart(strings.Join(changed, ", "))
	default:
		a.reloadBySignal(strings.Join(changed, ", "))
	}
}

// reloadByRestart stops the command so that it starts again, unless that start would fail: bindings
// may be incomplete, or lack a key. The command then keeps running until the next change.
func (a *childRun) reloadByRestart(changed string) {
	if !a.rerender(changed) {
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if !a.over && !a.stop.isTold() {
		a.restartLocked(changed)
	}
}

// rerender rewrites all of the command's files, or none. Its success shows that the command's
// variables can be made, too; it logs a failure.
func (a *childRun) rerender(changed string) bool {
	if a.renderFiles == nil {
		return true
	}
	err := a.renderFiles()
	if err != nil && !isClosed(a.ended) {
		a.say("%s changed, and it goes on with what it has: %s", changed, err)
	}
	return err == nil
}

// restartLocked ends the command so that it is started again.
func (a *childRun) restartLocked(changed string) {
	if a.reason != "" || a.reloading != "" {
		return
	}
	a.reloading = changed
	a.sayReload("%s changed; it is stopped and started again", changed)
	a.status.update(func(s *supervision.State) {
		s.Phase, s.LastError = supervision.PhaseRestarting, "it is started again, since "+changed+" changed"
	})
	a.signalLocked(syscall.SIGTERM)
	a.killInLocked(seconds(a.spec.StopTimeout, defaultStopTimeout))
}

// reloadBySignal rewrites the command's files, and then signals the command. It waits until the
// command is ready for the first time: before that, it may not handle the signal yet.
func (a *childRun) reloadBySignal(changed string) {
	select {
	case <-a.up:
	case <-a.ended:
		return
	case <-a.stop.told:
		return
	}
	if !a.rerender(changed) {
		return
	}
	name := a.spec.Reload.Signal
	sig := unix.SignalNum("SIG" + name)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		sent, over := a.signalHandlers(sig)
		switch {
		case over:
			return
		case sent:
			a.sayReload("%s changed; it is sent SIG%s", changed, name)
			return
		case time.Since(a.started) > handlerTimeout:
			a.sayReload("%s changed, and it goes on with what it has: SIG%s would end it, as it does not handle that", changed, name)
			return
		}
		time.Sleep(pause)
	}
}

// handlerTimeout is how long after its start a command may take to install its signal handler.
const handlerTimeout = 10 * time.Second

// signalHandlers signals the command's process if that handles the signal, or else those of its
// children that do, and so on: a shell around the program would be ended by the signal. over means
// that there is no longer a command to signal.
func (a *childRun) signalHandlers(sig syscall.Signal) (sent, over bool) {
	handlers := handlersBelow(a.pid, sig, processtree.All())
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.over || a.stop.isTold() {
		return false, true
	}
	for _, pid := range handlers {
		sent = syscall.Kill(pid, sig) == nil || sent
	}
	return sent, false
}

func handlersBelow(pid int, sig syscall.Signal, all []processtree.Process) []int {
	if handles(pid, sig) {
		return []int{pid}
	}
	var handlers []int
	for _, p := range all {
		if p.Parent == pid {
			handlers = append(handlers, handlersBelow(p.Pid, sig, all)...)
		}
	}
	return handlers
}

// handles reports whether a process handles a signal: catches it, or blocks it in order to wait for
// it, as tini does (proc_pid_status(5)).
func handles(pid int, sig syscall.Signal) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		if key != "SigBlk" && key != "SigCgt" {
			continue
		}
		if set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64); err == nil && set>>(sig-1)&1 == 1 {
			return true
		}
	}
	return false
}
