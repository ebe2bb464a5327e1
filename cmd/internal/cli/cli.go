// Package cli is the wiring of the command line tool sidecar.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/paketo-buildpacks/packit/v2/chronos"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// The exit codes of sidecar. A staging that failed has the builder's (CF-11).
const (
	exitSuccess = 0
	exitFailed  = 1
	exitUsage   = 2
)

// Embedded is what the tool carries with it: the lifecycle, the init of containers, and the
// buildpack.
type Embedded struct {
	Version   string
	Lifecycle cell.Lifecycle
	Init      string // the file of the program that becomes it
	Buildpack stage.Builtin
}

// Main is sidecar.
func Main(carried Embedded, args, environ []string, stdout, stderr io.Writer) int {
	t := &tool{carried: carried, environ: environ, stdout: stdout}
	root := t.root()
	root.SetArgs(args[1:])
	root.SetOut(stdout)
	root.SetErr(stderr)
	return report(stderr, root.Execute())
}

// tool is what the commands have in common.
type tool struct {
	carried Embedded
	environ []string
	stdout  io.Writer

	lifecycle string // directory; empty: the carried one
}

// A usageError is a command line that makes no sense.
type usageError struct {
	command string
	err     error
}

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// signalDebounce is the time in which another signal is taken for the same one: a terminal
// signals all of a script's processes, and the script passes the signal on. No
// hand is as fast.
const signalDebounce = 200 * time.Millisecond

// lastLines is how long the log may take after a second signal.
const lastLines = time.Second

// Why a run ends that was not at its end. The first two are as good as any end.
var (
	errStopped    = errors.New("by a signal")
	errReaderGone = errors.New("the log is not read any more")
	errLog        = errors.New("the log cannot be written")
)

// report prints an error, and finds the exit code that it stands for.
func report(stderr io.Writer, err error) int {
	var usage usageError
	var staging *stage.StagingError
	switch {
	case err == nil:
		return exitSuccess
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "Incorrect usage: %s\nSee '%s --help'.\n", printable.Text(err.Error()), usage.command)
		return exitUsage
	}
	fmt.Fprintf(stderr, "FAILED\n%s\n", printable.Text(strings.TrimSpace(err.Error())))
	if errors.As(err, &staging) {
		return staging.Status
	}
	return exitFailed
}

// withPlatform runs work on a platform, and ends it at the first signal to stop; a
// second one leaves what is being stopped no more time.
func (t *tool) withPlatform(work func(context.Context, *platform.Platform, *show.Log) error) error {
	lifecycle := t.carried.Lifecycle
	if t.lifecycle != "" {
		var err error
		if lifecycle, err = cell.LifecycleIn(t.lifecycle); err != nil {
			return fmt.Errorf("failed to find the lifecycle: %w", err)
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := stopSignals()
	defer signal.Stop(signals) // not before the platform is closed
	p := platform.New(lifecycle, t.carried.Init, t.carried.Buildpack, t.environ, "")
	defer p.Close()
	output, endShow := t.output(p)
	defer endShow()
	done := make(chan struct{})
	defer close(done)
	go watch(signals, output, p, cancel, done)

	err := work(ctx, p, show.NewLog(t.colored(output), chronos.DefaultClock))
	unwritten := output.Close()
	switch cause := context.Cause(ctx); {
	case cause == nil:
		return errors.Join(err, unwritten)
	case errors.Is(cause, errLog) && !errors.Is(err, cause):
		return errors.Join(err, cause)
	default:
		return err
	}
}

// stopSignals are those that end a run. A reader that is gone, as of
// sidecar push | head, is one too, and not a reason to die on the spot.
func stopSignals() chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGPIPE)
	if !signal.Ignored(syscall.SIGHUP) { // as it is below nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// watch ends the context at the first signal, or when the log cannot be written.
// From then on a log's reader that reads nothing is not waited for, and after
// another signal neither is a slow one, nor what is being stopped.
func watch(signals <-chan os.Signal, output *show.Output, p *platform.Platform, cancel context.CancelCauseFunc, done <-chan struct{}) {
	var last time.Time
	for {
		select {
		case <-done:
			return
		case s := <-signals:
			if s == syscall.SIGPIPE {
				cancel(errReaderGone)
				break
			}
			if !last.IsZero() && time.Since(last) > signalDebounce {
				p.Hurry()
				time.AfterFunc(lastLines, output.GiveUp)
			}
			last = time.Now()
			cancel(errStopped)
		case err := <-output.Failed():
			if errors.Is(err, syscall.EPIPE) {
				cancel(errReaderGone)
				break
			}
			cancel(fmt.Errorf("%w: %w", errLog, err))
		}
		output.Expedite()
	}
}
