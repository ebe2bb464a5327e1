package platform

import (
	"github.com/prometheus/procfs"

	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
)

// residents are how much memory each of these processes has resident. One that has
// ended is not among them. What several processes share counts for each of them.
func residents(pids []int) map[int]resident {
	if len(pids) == 0 {
		return nil
	}
	all, err := procfs.AllProcs()
	if err != nil {
		return nil
	}
	own := map[int]int{} // bytes
	children := map[int][]int{}
	for _, proc := range all {
		if stat, err := proc.Stat(); err == nil {
			own[stat.PID] = stat.ResidentMemory()
			children[stat.PPID] = append(children[stat.PPID], stat.PID)
		}
	}
	found := map[int]resident{}
	for _, pid := range pids {
		sum := 0
		for queue := []int{pid}; len(queue) > 0; queue = queue[1:] {
			sum += own[queue[0]]
			queue = append(queue, children[queue[0]]...)
		}
		if _, ok := own[pid]; ok {
			found[pid] = resident{all: megabytes(sum), descendants: megabytes(sum - own[pid])}
		}
	}
	return found
}

func megabytes(bytes int) memory.Size { return memory.Size((bytes + 1<<20 - 1) >> 20) }
