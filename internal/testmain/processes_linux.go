package testmain

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/prometheus/procfs"
)

// descendants are the processes that descend from this one, and have not ended.
func descendants() []int {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil
	}
	children := map[int][]int{}
	for _, proc := range all {
		if stat, err := proc.Stat(); err == nil && stat.State != "Z" && stat.State != "X" {
			children[stat.PPID] = append(children[stat.PPID], stat.PID)
		}
	}
	found := children[os.Getpid()]
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found
}

// kill kills the descendants that there are.
func kill() {
	for _, pid := range descendants() {
		_ = syscall.Kill(pid, syscall.SIGKILL) // or it has just ended
	}
}

func nameOf(pid int) string {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)) // or it has just ended
	return strings.TrimSuffix(string(content), "\n")
}

func commandOf(pid int) string {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if len(content) == 0 {
		return nameOf(pid)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(content), "\x00", " "))
}
