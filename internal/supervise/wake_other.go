//go:build !linux

package supervise

// wakeWaiters has nobody to wake: commands are supervised on Linux only.
func wakeWaiters(string) {}
