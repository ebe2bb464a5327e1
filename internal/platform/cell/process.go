package cell

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
)

const (
	// flushTimeout is how long the output of an ended process may stay silent: one of its children
	// may keep it open forever.
	flushTimeout = 500 * time.Millisecond
	// pipeSize is the maximum that a process can have written but that is not read yet, in bytes.
	pipeSize = 64 << 10
)

// A Process is a program in a container, whose output goes to the log.
type Process struct {
	Command isolated.Command
	Running *isolated.Process // set by start
	Source  string
	Index   int
	Log     *show.Log
	Limit   *show.LogRate // of the instance; nil: none

	Ended   chan struct{}          // closed once it has ended
	Exited  chan struct{}          // closed once its output is in the log, too
	Status  int                    // valid once Ended is closed
	Stopped atomic.Bool            // it was stopped before it ended
	Killed  atomic.Pointer[string] // the reason, if it did not end by itself
	readers sync.WaitGroup
	outputs []*countingPipe
	read    chan struct{} // closed once all output is in the log
}

// start starts the process in a container.
func (p *Process) start(in *isolated.Container) (err error) {
	p.Ended, p.Exited = make(chan struct{}), make(chan struct{})
	var ends []*os.File
	defer func() {
		// The process has its own copies of these.
		for _, end := range ends {
			err = errors.Join(err, end.Close())
		}
	}()
	for _, output := range []struct {
		stream show.Stream
		set    func(*os.File)
	}{
		{show.Out, func(f *os.File) { p.Command.Stdout = f }},
		{show.Err, func(f *os.File) { p.Command.Stderr = f }},
	} {
		read, write, err := os.Pipe()
		if err != nil {
			return err
		}
		ends = append(ends, write)
		output.set(write)
		tapped := &countingPipe{File: read}
		p.outputs = append(p.outputs, tapped)
		p.readers.Go(func() {
			show.SplitLines(tapped, func(text string) { p.Limit.Raw(p.Log, p.Source, p.Index, output.stream, text) })
			_ = read.Close() // the reading end
		})
	}
	p.read = make(chan struct{})
	go func() {
		p.readers.Wait()
		close(p.read)
	}()
	p.Running, err = in.Start(p.Command)
	return err
}

// await waits for the end of the process and of its output.
func (p *Process) await() {
	p.Status = p.Running.Wait()
	close(p.Ended)
	p.drain()
	close(p.Exited)
}

// drainOutput returns when all output is in the log. A process that still keeps it open has escaped
// from the container; its output is not read any further.
func (p *Process) drainOutput() {
	if p.drain() {
		return
	}
	for _, output := range p.outputs {
		_ = output.SetReadDeadline(time.Now()) // fails only if it has ended
	}
	<-p.read
}

// drain waits until everything that the process can have written before its end has been read,
// however slow the log is, and reports whether the output has ended.
func (p *Process) drain() bool {
	before := make([]int64, len(p.outputs))
	for i, output := range p.outputs {
		before[i] = output.read.Load()
	}
	for {
		select {
		case <-p.read:
			return true
		case <-time.After(flushTimeout / 20):
		}
		drained := true
		for i, output := range p.outputs {
			drained = drained && (output.idle() >= flushTimeout || output.read.Load()-before[i] > pipeSize)
		}
		if drained {
			return false
		}
	}
}

// signal signals only this process, as the platform does; its children end with the container.
func (p *Process) signal(signal syscall.Signal) {
	if p.Running.Signal(signal) {
		p.Stopped.Store(true)
	}
}
