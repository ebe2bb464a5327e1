//go:build linux

package supervise

import "syscall"

// delegate runs this program again as a child that supervises instead, forwards signals to it, and
// returns its exit status. It is for a process that already has children: the platform's launcher
// has sourced profile scripts before it becomes the supervisor, and these may have started
// something in the background, such as another buildpack's agent. Neither that agent nor anything
// that it starts or leaves behind belongs to the sidecar; all descendants of the new process do.
// When the supervisor ends, the agent keeps running; the platform ends it with the instance.
func delegate(argv, environ []string, say *asyncLogger) int {
	signals := notify() // before there is a child to forward them to
	pid, err := syscall.ForkExec("/proc/self/exe", argv, &syscall.ProcAttr{
		Env: environ, Files: []uintptr{0, 1, 2},
		// A group of its own keeps it from getting signals twice. See command.start for the rest.
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		say.say("the supervisor cannot be started apart from what runs already: %s", err)
		return statusFailed
	}
	go func() {
		for sig := range signals {
			if sig != syscall.SIGPIPE {
				_ = syscall.Kill(pid, sig.(syscall.Signal)) // it may have ended
			}
		}
	}()
	return exitStatus((&reaper{}).waitFor(pid))
}
