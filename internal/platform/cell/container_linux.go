package cell

import (
	"bytes"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

const (
	// sweepTime is the maximum time to wait for killed processes to end.
	sweepTime = 5 * time.Second
	// execTime is the maximum time to retry reading a process's environment that is empty, as it is
	// briefly during exec.
	execTime = 100 * time.Millisecond
	// reapInterval is the minimum time between two searches for ended orphans.
	reapInterval = time.Second
	// exiting is the kernel's flag PF_EXITING of a process.
	exiting = 0x4
)

// attributes make a process the leader of its own group, and end it with this program even if that
// is killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// adoptOrphans makes this program the parent of every descendant that loses its own parent, so that
// none escapes.
func adoptOrphans() {
	// If this fails, processes that leave their process group are not found; everything else works.
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// reap collects ended orphans until stop is closed: while their instance runs, nothing else does,
// and there may be very many.
func (f *processTree) reap(stop <-chan struct{}) {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	defer signal.Stop(ended)
	for {
		select {
		case <-stop:
			return
		case <-ended:
		}
		select {
		case <-stop:
			return
		case <-time.After(reapInterval):
		}
		f.mutex.Lock()
		for _, p := range f.orphans() {
			p.collect()
		}
		f.mutex.Unlock()
	}
}

// killDescendants kills all descendants of this program that have a container's guid in their
// environment, or work in a directory below the container's root; all of them if guid is empty. It
// collects those that have ended.
func (f *processTree) killDescendants(guid, root string) {
	for began := time.Now(); time.Since(began) < sweepTime; time.Sleep(2 * time.Millisecond) {
		killed, unknown := f.sweepOnce(guid, root)
		if killed == 0 && (unknown == 0 || time.Since(began) > execTime) {
			return
		}
	}
}

// sweepOnce returns how many processes it has killed or has found exiting, and for how many it
// could not tell which container they belong to.
func (f *processTree) sweepOnce(guid, root string) (killed, unknown int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	ending := map[int]bool{} // parents precede their children
	for _, p := range f.orphans() {
		if p.Zombie {
			if !p.collect() && ending[p.Parent] {
				killed++ // this program collects it once its parent has ended
			}
			ending[p.Pid] = true
			continue
		}
		environ := processtree.Environ(p.Pid)
		switch {
		case len(environ) == 0 && p.isEnding():
			killed++
			ending[p.Pid] = true
		case guid == "" || slices.Contains(environ, "CF_INSTANCE_GUID="+guid) || p.isBelow(root):
			killed++
			ending[p.Pid] = true
			_ = unix.Kill(p.Pid, unix.SIGKILL)
		case len(environ) == 0:
			unknown++
		}
	}
	return killed, unknown
}

// remember excludes the descendants that already exist: a shell may have made the reader of this
// program's output its child.
func (f *processTree) remember() {
	before := map[int]uint64{}
	for _, p := range f.orphans() {
		before[p.Pid] = p.Start
	}
	f.before = before
}

// An orphan is a descendant that this program has not started itself.
type orphan struct{ processtree.Process }

// collect takes the status of a process that has ended, if it is a child of this program, and
// reports whether it was.
func (o orphan) collect() bool {
	if !o.Zombie || o.Parent != unix.Getpid() {
		return false
	}
	_, _ = unix.Wait4(o.Pid, nil, unix.WNOHANG, nil) // the status is not needed
	return true
}

// isEnding reports whether the process is exiting, or has ended since it was found. Its environment
// is empty before that.
func (o orphan) isEnding() bool {
	proc, err := procfs.NewProc(o.Pid)
	if err != nil {
		return true
	}
	now, err := proc.Stat()
	return err != nil || now.State == "Z" || now.Flags&exiting != 0
}

// isBelow reports whether the process works in a directory below root.
func (o orphan) isBelow(root string) bool {
	directory, err := os.Readlink("/proc/" + strconv.Itoa(o.Pid) + "/cwd")
	return err == nil && root != "" && strings.HasPrefix(directory+"/", root+"/")
}

// orphans returns the descendants of this program, parents first, except those that it has started
// itself, those that remember has excluded, and the descendants of these.
func (f *processTree) orphans() []orphan {
	all := slices.DeleteFunc(processtree.All(), func(p processtree.Process) bool {
		started, known := f.before[p.Pid]
		return known && started == p.Start
	})
	var found []orphan
	for _, p := range processtree.Descendants(all, unix.Getpid()) {
		if !f.own[p.Pid] {
			found = append(found, orphan{p})
		}
	}
	return found
}

// Members returns the process IDs of the container's processes with all their descendants, by the
// number of the process; those that have lost their parent have the number -1.
func (c *Container) Members() map[int][]int {
	now := processtree.All()
	members, counted := map[int][]int{}, map[int]bool{}
	add := func(number int, p processtree.Process) {
		if !p.Zombie && !counted[p.Pid] {
			members[number], counted[p.Pid] = append(members[number], p.Pid), true
		}
	}
	for number, p := range c.Processes {
		for _, member := range processtree.Family(now, p.Running.Pid) {
			add(number, member)
		}
	}
	for _, p := range processtree.Descendants(now, c.InitPid()) {
		add(-1, p)
	}
	return members
}

// killIn kills the processes that a finished run has left in a workspace: those that work below it,
// or have a part of it mounted.
func killIn(directory string) {
	for _, p := range processtree.All() {
		proc := "/proc/" + strconv.Itoa(p.Pid)
		directoryOf, _ := os.Readlink(proc + "/cwd") // it may belong to another user
		mounts, _ := os.ReadFile(proc + "/mountinfo")
		if strings.HasPrefix(directoryOf+"/", directory+"/") || bytes.Contains(mounts, []byte("/"+filepath.Base(directory)+"/")) {
			_ = unix.Kill(p.Pid, unix.SIGKILL) // it may have ended
		}
	}
}
