//go:build linux

package supervise

// Exit statuses, which are the shell's.
const (
	statusFailed        = 1   // what the supervisor itself could not do, or gave up
	statusUsage         = 2   // it was called wrongly
	statusNotExecutable = 126 // what was found cannot be run
	statusNotFound      = 127
	statusSignal        = 128 // and the signal's number
)
