//go:build linux

package supervise

import "syscall"

// delegate runs this program again, as a child that supervises in its place, passes
// signals on to it, and returns its exit status. It is for a process that has children
// already: the platform's launcher becomes the supervisor, and has sourced profile
// scripts before, which may have left something in the background, such as another
// buildpack's agent. That is not the sidecar's, nor is what it starts later, or leaves
// behind; all that descends from the new process is. When the supervisor ends, what was
// there before goes on; the platform ends it with the instance.
func delegate(argv, environ []string, say *asyncLogger) int {
	signals := notify() // before there is anything that they could not be passed on to
	pid, err := syscall.ForkExec("/proc/self/exe", argv, &syscall.ProcAttr{
		Env: environ, Files: []uintptr{0, 1, 2},
		// In a group of its own it gets no signal twice. See command.start for the rest.
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		say.say("the supervisor cannot be started apart from what runs already: %s", err)
		return statusFailed
	}
	go func() {
		for sig := range signals {
			if sig != syscall.SIGPIPE {
				_ = syscall.Kill(pid, sig.(syscall.Signal)) // it may be gone
			}
		}
	}()
	return exitStatus((&reaper{}).waitFor(pid))
}
