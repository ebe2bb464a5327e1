package testmain

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// descendants returns the running descendants of this process.
func descendants() []int {
	var found []int
	for _, p := range processtree.Descendants(processtree.All(), os.Getpid()) {
		if !p.Zombie {
			found = append(found, p.Pid)
		}
	}
	return found
}

// kill kills all current descendants.
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
