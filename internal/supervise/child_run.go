//go:build linux

package supervise

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	// maxFailures consecutive failures of the liveness probe count as a crash.
	maxFailures = 3
	// defaultStopTimeout replaces a StopTimeout of 0, in seconds.
	defaultStopTimeout = 5
)

func (f *finding) add(err error) {
	f.passed, f.last = f.passed || err == nil, err
}

// watch starts the probes and the memory watch that the spec asks for.
func (a *childRun) watch() {
	var ctx context.Context
	ctx, a.endWatch = context.WithCancel(context.Background())
	do := func(what func()) {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		if !a.over {
			what()
		}
	}
	watch := func(c *supervision.Check, probed func(error)) {
		p := probe{Check: *c, command: a.command, children: &a.children}
		a.watching.Go(func() {
			p.watch(ctx, startTimeout(a.spec), func(err error) { do(func() { probed(err) }) })
		})
	}
	if a.spec.Readiness != nil {
		watch(a.spec.Readiness, a.readinessProbedLocked)
	}
	if a.spec.Health != nil {
		watch(a.spec.Health, a.healthProbedLocked)
	}
	if a.spec.MemoryLimit > 0 {
		a.watching.Go(func() {
			watchMemory(ctx, os.Getpid(), a.spec.MemoryLimit, func(used int64) { do(func() { a.exceededLocked(used) }) })
		})
	}
}

func (a *childRun) readinessProbedLocked(err error) {
	a.ready.add(err)
	a.publishLocked()
}

// healthProbedLocked counts failures, except those before the first success, for which the spec
// allows some time.
func (a *childRun) healthProbedLocked(err error) {
	a.alive.add(err)
	switch {
	case a.stop.isTold(): // what it depends on may be gone
		return
	case err == nil:
		a.failures = 0
	case a.alive.passed:
		a.failures++
		if a.failures == maxFailures {
			a.endLocked(fmt.Sprintf("failed its health check %d times in a row (%s)", maxFailures, err), statusFailed)
		}
	case time.Since(a.started) > startTimeout(a.spec):
		a.endLocked(fmt.Sprintf("did not pass its health check within %s (%s)", startTimeout(a.spec), err), statusFailed)
	}
	a.publishLocked()
}

// isUpLocked reports whether each check of the command has passed at least once.
func (a *childRun) isUpLocked() bool {
	return (a.spec.Readiness == nil || a.ready.passed) && (a.spec.Health == nil || a.alive.passed)
}

// publishLocked publishes what the probes have found.
func (a *childRun) publishLocked() {
	if a.isUpLocked() && !isClosed(a.up) {
		close(a.up)
	}
	if a.reason != "" || a.reloading != "" || a.stop.isTold() {
		return
	}
	phase, answer := supervision.PhaseReady, error(nil)
	switch {
	case !a.isUpLocked():
		phase, answer = supervision.PhaseStarting, a.ready.last
		if answer == nil {
			answer = a.alive.last
		}
	case a.alive.last != nil:
		phase, answer = supervision.PhaseUnhealthy, a.alive.last
	case a.ready.last != nil:
		phase, answer = supervision.PhaseUnready, a.ready.last
	}
	if phase != supervision.PhaseReady {
		a.healthySince = time.Time{}
	} else if a.healthySince.IsZero() {
		a.healthySince = time.Now()
		if a.again && (a.spec.Readiness != nil || a.spec.Health != nil) {
			a.say("is ready again, %s after it was started", a.healthySince.Sub(a.started).Round(time.Millisecond))
			a.again = false
		}
	}
	a.status.update(func(s *supervision.State) {
		s.Phase, s.Pid, s.LastError = phase, a.pid, ""
		if s.Started.IsZero() {
			s.Started = a.started
		}
		if answer != nil {
			s.LastError = answer.Error()
		}
	})
}

// exceededLocked kills a command that uses too much memory, without SIGTERM first: it could use
// even more while it shuts down.
func (a *childRun) exceededLocked(used int64) {
	a.endLocked(fmt.Sprintf("used %s of its %s of memory", megabytes(used), megabytes(a.spec.MemoryLimit)), statusSignal+int(syscall.SIGKILL))
	a.killLocked()
	a.until = time.Time{}
}

// endLocked ends the command because of a fault.
func (a *childRun) endLocked(reason string, status int) {
	if a.reason != "" || a.reloading != "" || a.stop.isDue() {
		return
	}
	a.reason, a.faultStatus = reason, status
	if !a.stop.isTold() {
		a.status.update(func(s *supervision.State) { s.Phase, s.LastError = supervision.PhaseUnhealthy, "it "+reason })
	}
	a.signalLocked(syscall.SIGTERM)
	a.killInLocked(seconds(a.spec.StopTimeout, defaultStopTimeout))
}

// askToEndLocked ends the command because the supervisor was told to end.
func (a *childRun) askToEndLocked(sig syscall.Signal) {
	a.until = a.stop.killAt
	a.signalLocked(sig)
}

// killInLocked kills what still runs after a pause.
func (a *childRun) killInLocked(pause time.Duration) {
	a.until = time.Now().Add(pause)
	a.afterWithMutex(pause, a.killLocked)
}

// awaitGroup waits for the rest of the command's process group, which was asked to end with the
// command and gets the same time. If no process was asked, it returns at once.
func (a *childRun) awaitGroup() {
	for time.Now().Before(a.until) {
		a.children.reapAll()
		if syscall.Kill(-a.pid, 0) != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// afterWithMutex calls do after a pause, with the mutex held, unless the command has ended by then.
func (a *childRun) afterWithMutex(pause time.Duration, do func()) {
	time.AfterFunc(pause, func() {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		if !a.over {
			do()
		}
	})
}

// signalLocked signals the process group. It also continues stopped processes, which could not end
// otherwise.
func (a *childRun) signalLocked(sig syscall.Signal) {
	_ = syscall.Kill(-a.pid, sig) // it may have ended
	if group, err := syscall.Getpgid(a.pid); err == nil && group != a.pid {
		_ = syscall.Kill(a.pid, sig) // it may have left its group
	}
	if ends(sig) {
		_ = syscall.Kill(-a.pid, syscall.SIGCONT)
	}
}

// killLocked also kills processes that have left the process group.
func (a *childRun) killLocked() {
	a.signalLocked(syscall.SIGKILL)
	killDescendants()
}

// exit describes how the command ended.
func (a *childRun) exit(status syscall.WaitStatus) exit {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.over, a.supervisor.current = true, nil
	close(a.ended)
	end := exit{status: exitStatus(status), reloading: a.reloading != ""}
	if a.reason != "" {
		end.reason, end.status = a.reason, a.faultStatus
	}
	if !a.healthySince.IsZero() {
		end.health = time.Since(a.healthySince)
	}
	return end
}
