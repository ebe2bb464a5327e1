package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/paketo-buildpacks/packit/v2/chronos"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

// signalDebounce is the time within which a second signal counts as the same one: a terminal
// signals all of a script's processes, and the script passes the signal on. No one presses Ctrl-C
// twice that fast.
const signalDebounce = 200 * time.Millisecond

// lastLines is how long writing the log may take after a second signal.
const lastLines = time.Second

// A stopError is the signal that has ended a run, which is a regular end.
type stopError struct{ os.Signal }

func (e stopError) Error() string { return "by a signal" }

// exitCode is the status that a shell reports for a program that the signal has ended.
func (e stopError) exitCode() int {
	number, _ := e.Signal.(syscall.Signal)
	return 128 + int(number)
}

// Other reasons to end a run early. errReaderGone is a regular end, too.
var (
	errReaderGone = errors.New("the log is not read any more")
	errLog        = errors.New("the log cannot be written")
)

// withPlatform runs work on a platform, and stops it at the first signal; a second signal skips the
// grace period.
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
	defer signal.Stop(signals) // only after the platform is closed
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

// stopSignals receives the signals that end a run. SIGPIPE is one of them: without a handler,
// sidecar push | head would kill sidecar before it has stopped the app.
func stopSignals() chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGPIPE)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// watch cancels the context at the first signal, or when the log cannot be written. From then on,
// it does not wait for a reader of the log that has stopped reading; after another signal, it waits
// neither for a slow reader nor for processes that are being stopped.
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
			cancel(stopError{s})
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
