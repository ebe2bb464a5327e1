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
	// sweepTime is the most that the end of what was killed is waited for.
	sweepTime = 5 * time.Second
	// execTime is the most that a process is looked at again whose environment
	// is empty, as it is for a moment while it becomes another program.
	execTime = 100 * time.Millisecond
	// reapInterval is the least time between two looks for orphans that have
	// ended.
	reapInterval = time.Second
	// exiting is the kernel's flag of a process that is about to have ended.
	exiting = 0x4
)

// attributes make a process lead a group of its own, and end with this program
// even when that is killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// adoptOrphans makes this program the parent of every process below it that
// loses its own, so that none gets away.
func adoptOrphans() {
	// Without it, what leaves its process group is not found; all else works.
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// reap collects orphans that have ended, until it is told to stop: while their
// instance runs, no other process does, and there may be very many.
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

// killDescendants kills every descendant of this program that carries a container's guid
// in its environment or is in a directory below the container's root, or all
// where the guid is empty, and collects those that have ended.
func (f *processTree) killDescendants(guid, root string) {
	for began := time.Now(); time.Since(began) < sweepTime; time.Sleep(2 * time.Millisecond) {
		killed, unknown := f.sweepOnce(guid, root)
		if killed == 0 && (unknown == 0 || time.Since(began) > execTime) {
			return
		}
	}
}

// sweepOnce returns how many it has killed or has found about to end, and how many
// it could not tell whose they are.
func (f *processTree) sweepOnce(guid, root string) (killed, unknown int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	ending := map[int]bool{} // parents come before their children
	for _, p := range f.orphans() {
		if p.Zombie {
			if !p.collect() && ending[p.Parent] {
				killed++ // this program's to collect once its parent has ended
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

// remember makes the descendants that there are already none of this family: a
// shell may have made the reader of this program's output its child.
func (f *processTree) remember() {
	before := map[int]uint64{}
	for _, p := range f.orphans() {
		before[p.Pid] = p.Start
	}
	f.before = before
}

// An orphan is a descendant that this program has not started itself.
type orphan struct{ processtree.Process }

// collect takes the status of a process that has ended, if it is this program's
// to take, and tells whether it was.
func (o orphan) collect() bool {
	if !o.Zombie || o.Parent != unix.Getpid() {
		return false
	}
	_, _ = unix.Wait4(o.Pid, nil, unix.WNOHANG, nil) // the status is not needed
	return true
}

// isEnding tells whether the process is about to have ended, or has ended since it
// was found. Its environment goes before it.
func (o orphan) isEnding() bool {
	proc, err := procfs.NewProc(o.Pid)
	if err != nil {
		return true
	}
	now, err := proc.Stat()
	return err != nil || now.State == "Z" || now.Flags&exiting != 0
}

// isBelow tells whether the process works in a directory below another.
func (o orphan) isBelow(root string) bool {
	directory, err := os.Readlink("/proc/" + strconv.Itoa(o.Pid) + "/cwd")
	return err == nil && root != "" && strings.HasPrefix(directory+"/", root+"/")
}

// orphans are the descendants of this program, parents first, without those that it has
// started itself, and without those that were there before, and theirs.
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

// Members are the process ids of the container's processes with all that they have
// started, by the number of the process; by -1 of what has lost its parent.
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

// killIn kills what still runs in a workspace whose run has ended: what works below it, or
// has a part of it mounted as its own.
func killIn(directory string) {
	for _, p := range processtree.All() {
		proc := "/proc/" + strconv.Itoa(p.Pid)
		directoryOf, _ := os.Readlink(proc + "/cwd") // it may be another user's
		mounts, _ := os.ReadFile(proc + "/mountinfo")
		if strings.HasPrefix(directoryOf+"/", directory+"/") || bytes.Contains(mounts, []byte("/"+filepath.Base(directory)+"/")) {
			_ = unix.Kill(p.Pid, unix.SIGKILL) // it may have ended
		}
	}
}
