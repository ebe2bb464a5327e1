package supervise

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
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

// endRest kills what descends from this process, until nothing does.
func endRest() {
	for end := time.Now().Add(patience); reapAll() && time.Now().Before(end); {
		killDescendants()
		time.Sleep(time.Millisecond)
	}
}

// reapAll takes leave of the children that have ended, and tells whether there are
// others.
func reapAll() bool {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err == syscall.ECHILD {
			return false
		}
		if pid <= 0 && err != syscall.EINTR {
			return true
		}
	}
}

func killDescendants() {
	for _, t := range below(tasks(), os.Getpid()) {
		if !t.zombie {
			_ = syscall.Kill(t.pid, syscall.SIGKILL) // it may be gone
		}
	}
}

// waitFor waits for the end of a child. It takes leave of all others that end
// meanwhile, which are those that the child has left behind.
func waitFor(child int) syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err == nil && pid == child || err == syscall.ECHILD {
			return status
		}
	}
}

// A witness tells whether a process is still the one that it was.
type witness struct {
	pid  int
	born string
}

// mainProcesses are those that MainFile names, a line for each; a nil stands for one
// that is not known.
func mainProcesses(path string) []*witness {
	content, err := os.ReadFile(path)
	if err != nil {
		return []*witness{nil}
	}
	var all []*witness
	for _, line := range strings.Fields(string(content)) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			all = append(all, nil)
			continue
		}
		all = append(all, witnessOf(pid))
	}
	if len(all) == 0 {
		return []*witness{nil}
	}
	return all
}

func witnessOf(pid int) *witness { return &witness{pid: pid, born: born(pid)} }

func (w witness) gone() bool { return w.born == "" || born(w.pid) != w.born }

// allGone is false where one of the processes is not known.
func allGone(all []*witness) bool {
	return !slices.ContainsFunc(all, func(w *witness) bool { return w == nil || !w.gone() })
}

// born is when a process was started, empty where it has ended.
func born(pid int) string {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
	const state, started = 0, 19
	if len(fields) <= started || fields[state] == "Z" || fields[state] == "X" {
		return ""
	}
	return fields[started]
}
