//go:build linux

package supervise

import (
	"os"
	"os/signal"
	"syscall"
)

// notify returns every signal that a supervisor forwards. SIGPIPE is among them so that a closed
// log ends the command at most, and not the supervisor.
func notify() chan os.Signal {
	const room = 32
	signals := make(chan os.Signal, room)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGWINCH, syscall.SIGPIPE)
	return signals
}

// ends reports whether a signal also ends the supervisor.
func ends(sig syscall.Signal) bool { return sig == syscall.SIGTERM || sig == syscall.SIGINT }
