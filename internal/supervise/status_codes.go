//go:build linux

package supervise

// Exit statuses, as the shell uses them.
const (
	statusFailed        = 1   // the supervisor itself failed, or gave up
	statusUsage         = 2   // the command line was wrong
	statusNotExecutable = 126 // the program exists and cannot be executed
	statusNotFound      = 127
	statusSignal        = 128 // plus the signal's number
)
