package platform

import (
	"github.com/prometheus/procfs"

	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
)

// residents are how much memory each of these processes has resident, together with
// all that descends from it. One that has ended is not among them. What several
// processes share counts for each of them.
func residents(pids []int) map[int]memory.Size {
	if len(pids) == 0 {
		return nil
	}
	all, err := procfs.AllProcs()
	if err != nil {
		return nil
	}
	resident := map[int]int{} // bytes
	children := map[int][]int{}
	for _, proc := range all {
		if stat, err := proc.Stat(); err == nil {
			resident[stat.PID] = stat.ResidentMemory()
			children[stat.PPID] = append(children[stat.PPID], stat.PID)
		}
	}
	found := map[int]memory.Size{}
	for _, pid := range pids {
		sum := 0
		for queue := []int{pid}; len(queue) > 0; queue = queue[1:] {
			sum += resident[queue[0]]
			queue = append(queue, children[queue[0]]...)
		}
		if _, ok := resident[pid]; ok {
			found[pid] = memory.Size((sum + 1<<20 - 1) >> 20)
		}
	}
	return found
}
