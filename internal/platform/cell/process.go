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
	// flushTimeout is how long nothing may come of the output of a process that has
	// ended: one of its children may hold it open for ever.
	flushTimeout = 500 * time.Millisecond
	// pipeSize is the most that a process can have written without its having
	// been read.
	pipeSize = 64 << 10
)

// A Process is one program in a container, with its output in the log.
type Process struct {
	Command isolated.Command
	Running *isolated.Process // once it was started
	Source  string
	Index   int
	Log     *show.Log
	Limit   *show.LogRate // of the instance; nil: none

	Ended   chan struct{}          // closed once it has ended
	Exited  chan struct{}          // closed once its output is in the log, too
	Status  int                    // valid once ended
	Stopped atomic.Bool            // it was told to stop before it ended
	Killed  atomic.Pointer[string] // why, where it did not end by itself
	readers sync.WaitGroup
	outputs []*countingPipe
	read    chan struct{} // closed once all output is in the log
}

// start starts the process in a container.
func (p *Process) start(in *isolated.Container) (err error) {
	p.Ended, p.Exited = make(chan struct{}), make(chan struct{})
	var ends []*os.File
	defer func() {
		// The process has its own copies of what it writes to.
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
			_ = read.Close() // nothing is written to it
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

// await waits for the end of the process, and of what it has to say.
func (p *Process) await() {
	p.Status = p.Running.Wait()
	close(p.Ended)
	p.drain()
	close(p.Exited)
}

// drainOutput returns when all output is in the log. A process that still holds it
// open by then has got out of the container, and is read no more.
func (p *Process) drainOutput() {
	if p.drain() {
		return
	}
	for _, output := range p.outputs {
		_ = output.SetReadDeadline(time.Now()) // one that is closed has ended
	}
	<-p.read
}

// drain waits until all that the process can have written before it ended has
// been read, however long the log takes for it, and tells whether the output
// has ended.
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

// A countingPipe is the end of a pipe that is read, and knows how far.
type countingPipe struct {
	*os.File
	read  atomic.Int64 // bytes
	since atomic.Int64 // when the reader began to wait, in Unix nanoseconds; 0: it does not
}

func (t *countingPipe) Read(into []byte) (int, error) {
	t.since.Store(time.Now().UnixNano())
	n, err := t.File.Read(into)
	if err == nil {
		t.since.Store(0)
	}
	t.read.Add(int64(n))
	return n, err
}

// idle is how long the reader has waited. One that has read all waits for ever.
func (t *countingPipe) idle() time.Duration {
	since := t.since.Load()
	if since == 0 {
		return 0
	}
	return time.Since(time.Unix(0, since))
}

// signal signals the process alone, as the platform does; its children go with
// the container.
func (p *Process) signal(signal syscall.Signal) {
	if p.Running.Signal(signal) {
		p.Stopped.Store(true)
	}
}
