//go:build !linux

package cell

import "syscall"

// attributes make a process the leader of its own group.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// adoptOrphans does nothing on this system: processes that leave their process group are not found.
func adoptOrphans() {}

// killDescendants does nothing on this system: a process group ends with its leader.
func (f *processTree) killDescendants(guid, root string) {}

func (f *processTree) remember() {}

func (f *processTree) reap(<-chan struct{}) {}

// Members is nil: this system does not tell.
func (c *Container) Members() map[int][]int { return nil }

// killIn does nothing on this system.
func killIn(string) {}
