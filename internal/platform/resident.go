package platform

import (
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A census is all processes of this machine at one moment.
type census []processtree.Process

// family are the process with this id, if it is there, and all that descends from it.
func (c census) family(pid int) []processtree.Process {
	i := slices.IndexFunc(c, func(p processtree.Process) bool { return p.Pid == pid })
	if i < 0 {
		return nil
	}
	return append([]processtree.Process{c[i]}, processtree.Descendants(c, pid)...)
}

// sidecar are the processes of a sidecar that was started as the process with this id
// and has told this state: where it has a supervisor, all that this one has started.
// The supervisor itself is not among them, as what is reserved is the sidecar's, nor is
// what profile scripts have left in the background before it.
func (c census) sidecar(pid int, state supervision.State) []processtree.Process {
	family := c.family(pid)
	for _, p := range family {
		if state.Supervisor != 0 && isSupervisor(p, state) {
			return processtree.Descendants(c, p.Pid)
		}
	}
	return family
}

// isSupervisor takes into account that the container may have process ids of its own.
func isSupervisor(p processtree.Process, state supervision.State) bool {
	return p.Start == state.ProcessStart &&
		(p.Pid == state.Supervisor || processtree.InnermostPid(p.Pid) == state.Supervisor)
}

// megabytes rounds up.
func megabytes(bytes int64) memory.Size { return memory.Size((bytes + 1<<20 - 1) >> 20) }
