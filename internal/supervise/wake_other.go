//go:build !linux

package supervise

// wakeWaiters does nothing: commands are only supervised on Linux.
func wakeWaiters(string) {}
