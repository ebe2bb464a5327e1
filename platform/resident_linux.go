package platform

import "github.com/prometheus/procfs"

// residents are how much memory each of these processes has resident, in bytes. One
// that has ended is not among them. What several of them share counts once.
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
		if _, ok := own[pid]; !ok {
			continue
		}
		family := []int{pid}
		for i := 0; i < len(family); i++ {
			family = append(family, children[family[i]]...)
		}
		sum := 0
		for _, member := range family[1:] {
			sum += proportional(member, own[member], len(family))
		}
		found[pid] = resident{all: sum + proportional(pid, own[pid], len(family)), descendants: sum}
	}
	return found
}

// proportional is a process's memory with its part of what it shares, or all of it
// where there are none to share it with, or the kernel does not tell.
func proportional(pid, resident, family int) int {
	if family == 1 {
		return resident
	}
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return resident
	}
	rollup, err := proc.ProcSMapsRollup()
	if err != nil || rollup.Pss == 0 {
		return resident
	}
	return int(rollup.Pss)
}
