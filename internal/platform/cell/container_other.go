//go:build !linux

package cell

import "syscall"

// attributes make a process lead a group of its own.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// adoptOrphans has no equal here: what leaves its process group is not found.
func adoptOrphans() {}

// killDescendants has no equal here: a process group ends with its leader.
func (f *processTree) killDescendants(guid, root string) {}

func (f *processTree) remember() {}

func (f *processTree) reap(<-chan struct{}) {}

// Members are not known here.
func (c *Container) Members() map[int][]int { return nil }

// killIn has no equal here.
func killIn(string) {}
