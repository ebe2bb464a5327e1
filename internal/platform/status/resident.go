package status

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// sidecarProcesses are those of all processes that belong to a sidecar, which was started as
// the process with this id and has told this state: where it has a supervisor, all that this one has started.
// The supervisor itself is not among them, as what is reserved is the sidecar's, nor is
// what profile scripts have left in the background before it.
func sidecarProcesses(all []processtree.Process, pid int, state supervision.State) []processtree.Process {
	family := processtree.Family(all, pid)
	for _, p := range family {
		if state.Supervisor != 0 && isSupervisor(p, state) {
			return processtree.Descendants(all, p.Pid)
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
