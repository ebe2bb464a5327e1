package cell

import (
	"os/exec"
	"sync"
)

// A processTree knows the children that this program waits for itself, so that no other code reaps
// them.
type processTree struct {
	mutex  sync.Mutex
	own    map[int]bool
	before map[int]uint64 // descendants that existed at the start, with their start times
}

// add starts a command as a known child.
func (f *processTree) add(command *exec.Cmd, start func() error) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := start(); err != nil {
		return err
	}
	if f.own == nil {
		f.own = map[int]bool{}
	}
	f.own[command.Process.Pid] = true
	return nil
}

func (f *processTree) remove(command *exec.Cmd) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	delete(f.own, command.Process.Pid)
}
