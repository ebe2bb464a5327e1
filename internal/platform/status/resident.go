package status

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// sidecarProcesses returns the processes of a sidecar, whose first process has this ID and whose
// state this is. If it has a supervisor, these are the processes that the supervisor has started;
// without the supervisor itself, since the reservation is the sidecar's, and without background
// processes of profile scripts.
func sidecarProcesses(all []processtree.Process, pid int, state supervision.State) []processtree.Process {
	family := processtree.Family(all, pid)
	for _, p := range family {
		if state.Supervisor != 0 && isSupervisor(p, state) {
			return processtree.Descendants(all, p.Pid)
		}
	}
	return family
}

// isSupervisor takes into account that the container may have its own process IDs.
func isSupervisor(p processtree.Process, state supervision.State) bool {
	return p.Start == state.ProcessStart &&
		(p.Pid == state.Supervisor || processtree.InnermostPid(p.Pid) == state.Supervisor)
}

// megabytes rounds up.
func megabytes(bytes int64) memory.Size { return memory.Size((bytes + 1<<20 - 1) >> 20) }
