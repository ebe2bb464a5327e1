//go:build linux

package supervise

import (
	"os"
	"os/signal"
	"syscall"
)

// notify hands over every signal that a supervisor passes on. SIGPIPE is among them
// so that a reader that is gone ends the command alone, if anything.
func notify() chan os.Signal {
	const room = 32
	signals := make(chan os.Signal, room)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGWINCH, syscall.SIGPIPE)
	return signals
}

// ends tells the signals that end the supervisor, too.
func ends(sig syscall.Signal) bool { return sig == syscall.SIGTERM || sig == syscall.SIGINT }
