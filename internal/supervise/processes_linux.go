package supervise

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// adopt makes this process the parent of all that its descendants leave behind.
func adopt() error {
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// endWithParent has this process end when its parent does.
func endWithParent() {
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0, 0, 0) // it ends by its time-out otherwise
}

// patience is how long the killed may take to be gone: one that the kernel does not
// let go cannot be waited for.
const patience = 3 * time.Second

// killStragglers kills what descends from this process, until nothing does.
func (r *reaper) killStragglers() {
	for end := time.Now().Add(patience); r.reapAll() && time.Now().Before(end); {
		killDescendants()
		time.Sleep(time.Millisecond)
	}
}

func killDescendants() {
	for _, p := range processtree.Descendants(processtree.All(), os.Getpid()) {
		if !p.Zombie {
			_ = syscall.Kill(p.Pid, syscall.SIGKILL) // it may be gone
		}
	}
}

// killTree kills a child of this process that leads a process group: the group, and what
// descends from the child and has left it. None is left out because it has been started
// meanwhile: all are stopped before.
func killTree(root int) {
	stopped := map[int]bool{}
	for more := []int{root}; len(more) > 0; {
		for _, pid := range more {
			stopped[pid] = true
			_ = syscall.Kill(pid, syscall.SIGSTOP) // it may be gone
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

// A processID tells a process from all others, earlier and later ones included. The
// zero value is that of none.
type processID struct {
	pid   int
	start uint64 // see processtree.Process
}

// identify is the process that has this id now.
func identify(pid int) processID { return processID{pid: pid, start: processtree.Start(pid)} }

// ended is true of a zombie, too.
func (p processID) ended() bool { return p.start == 0 || processtree.Start(p.pid) != p.start }

// How often a process or a state is looked at that the kernel does not tell of.
const (
	firstLook   = 10 * time.Millisecond
	longestLook = time.Second
)

// awaitEnd returns when the process has ended, or at a time.
func (p processID) awaitEnd(until time.Time) {
	file, err := unix.PidfdOpen(p.pid, 0)
	if err != nil {
		file = -1 // a kernel before 5.3, or one that does not let it; poll ignores it
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

// poll waits for an event of a file, at most for some time, and tells whether there
// was one. Of a negative file there never is.
func poll(file int, events int16, timeout time.Duration) bool {
	milliseconds := int(timeout/time.Millisecond) + 1 // and not at once, for less than one
	happened, err := unix.Poll([]unix.PollFd{{Fd: int32(file), Events: events}}, milliseconds)
	return err == nil && happened > 0 // a signal ends it, too
}
