//go:build !linux

package supervise

// wakeWaiters does nothing: commands are supervised on Linux only.
func wakeWaiters(string) {}
