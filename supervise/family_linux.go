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
const patience = time.Second

// endRest kills what descends from this process, until nothing does.
func endRest() {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if err == syscall.ECHILD {
				return
			}
			if pid <= 0 && err != syscall.EINTR {
				break
			}
		}
		killDescendants()
		time.Sleep(time.Millisecond)
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

// mainProcess is the one that MainFile names, or nil where none is known.
func mainProcess(path string) *witness {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return nil
	}
	return witnessOf(pid)
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
