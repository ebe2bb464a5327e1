//go:build !linux

package platform

import "syscall"

// attributes make a process lead a group of its own.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// adoptOrphans has no equal here: what leaves its process group is not found.
func adoptOrphans() {}

func (f *family) sweep(guid, root string) {}

func (f *family) strangers() []int { return nil }

func (f *family) remember() {}

func (f *family) reap(<-chan struct{}) {}

// killIn has no equal here.
func killIn(string) {}
