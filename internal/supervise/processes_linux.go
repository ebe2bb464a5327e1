package supervise

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// adopt makes this process the subreaper, and so the parent, of its descendants' orphans.
func adopt() error {
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// endWithParent has this process end when its parent does.
func endWithParent() {
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0, 0, 0) // without it, the timeout ends the process
}

// patience is how long to wait for killed processes to end: one that the kernel does not release
// cannot be waited for.
const patience = 3 * time.Second

// killStragglers kills all descendants of this process, until there are none.
func (r *reaper) killStragglers() {
	for end := time.Now().Add(patience); r.reapAll() && time.Now().Before(end); {
		killDescendants()
		time.Sleep(time.Millisecond)
	}
}

func killDescendants() {
	for _, p := range processtree.Descendants(processtree.All(), os.Getpid()) {
		if !p.Zombie {
			_ = syscall.Kill(p.Pid, syscall.SIGKILL) // it may have ended
		}
	}
}

// killTree kills a child of this process that leads a process group: the group, and those of the
// child's descendants that have left it. It stops all of them first, so that none can start another
// that is missed.
func killTree(root int) {
	stopped := map[int]bool{}
	for more := []int{root}; len(more) > 0; {
		for _, pid := range more {
			stopped[pid] = true
			_ = syscall.Kill(pid, syscall.SIGSTOP) // it may have ended
		}
		more = nil
		for _, p := range processtree.Descendants(processtree.All(), root) {
			if !stopped[p.Pid] {
				more = append(more, p.Pid)
			}
		}
	}
	_ = syscall.Kill(-root, syscall.SIGKILL)
	for pid := range stopped {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// A processID identifies a process among all others, even earlier and later ones with the same id.
// The zero value identifies none.
type processID struct {
	pid   int
	start uint64 // see processtree.Process
}

// identify returns the identity of the process that has this id now.
func identify(pid int) processID { return processID{pid: pid, start: processtree.Start(pid)} }

// ended is also true for a zombie.
func (p processID) ended() bool { return p.start == 0 || processtree.Start(p.pid) != p.start }

// How often to poll a process or a state if the kernel does not report its changes.
const (
	firstLook   = 10 * time.Millisecond
	longestLook = time.Second
)

// awaitEnd returns when the process has ended, or at the given time.
func (p processID) awaitEnd(until time.Time) {
	file, err := unix.PidfdOpen(p.pid, 0)
	if err != nil {
		file = -1 // a kernel before 5.3, or one that forbids it; poll ignores the file
	} else {
		defer unix.Close(file) // it was only read
	}
	for pause := firstLook; !p.ended(); pause = min(2*pause, longestLook/10) {
		left := time.Until(until)
		if left <= 0 {
			return
		}
		if file < 0 {
			left = min(left, pause)
		}
		poll(file, unix.POLLIN, left)
	}
}

// poll waits for an event of a file, up to a timeout, and reports whether there was one. A negative
// file never has any.
func poll(file int, events int16, timeout time.Duration) bool {
	milliseconds := int(timeout/time.Millisecond) + 1 // round up: 0 would not wait
	happened, err := unix.Poll([]unix.PollFd{{Fd: int32(file), Events: events}}, milliseconds)
	return err == nil && happened > 0 // a signal ends it, too
}
