package dryrun

import (
	"io/fs"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	// maxDisk is how much a staging may write, in bytes: the disk of its container.
	maxDisk = 4 << 30
	// diskInterval is the time between two measurements.
	diskInterval = 2 * time.Second
)

// watchDisk calls exceeded when the files below a directory exceed maxDisk, and returns a function
// that stops it.
func watchDisk(directory string, exceeded func()) (end func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for tick := time.NewTicker(diskInterval); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
			}
			if usage(directory) > maxDisk {
				exceeded()
			}
		}
	})
	return func() { close(done); watching.Wait() }
}

// usage returns the disk usage of the files below a directory, in bytes.
func usage(directory string) (bytes int64) {
	_ = filepath.WalkDir(directory, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it is being removed
		}
		if info, err := entry.Info(); err == nil {
			if status, ok := info.Sys().(*syscall.Stat_t); ok {
				bytes += status.Blocks * 512
			}
		}
		return nil
	})
	return bytes
}
