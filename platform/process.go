package platform

import (
	"errors"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// lastWords is how long the output of a process that has ended is waited for:
// one of its children may hold it open for ever.
const lastWords = 500 * time.Millisecond

// A process is one program in a container, with its output in the log.
type process struct {
	command *exec.Cmd
	source  string
	index   int
	log     *Log

	exited  chan struct{}          // closed once it has ended and its output is in the log
	status  int                    // valid once exited
	killed  atomic.Pointer[string] // why, where it did not end by itself
	readers sync.WaitGroup
	outputs []*os.File    // that are read
	read    chan struct{} // closed once all output is in the log
}

// start starts the process at the head of a process group of its own.
func (p *process) start() (err error) {
	p.exited = make(chan struct{})
	p.command.SysProcAttr = attributes()
	var ends []*os.File
	defer func() {
		// The process has its own copies of what it writes to.
		for _, end := range ends {
			err = errors.Join(err, end.Close())
		}
	}()
	for _, output := range []struct {
		stream stream
		set    func(*os.File)
	}{
		{out, func(f *os.File) { p.command.Stdout = f }},
		{errout, func(f *os.File) { p.command.Stderr = f }},
	} {
		read, write, err := os.Pipe()
		if err != nil {
			return err
		}
		ends = append(ends, write)
		output.set(write)
		p.outputs = append(p.outputs, read)
		p.readers.Go(func() {
			p.log.stream(p.source, p.index, output.stream, read)
			_ = read.Close() // nothing is written to it
		})
	}
	p.read = make(chan struct{})
	go func() {
		p.readers.Wait()
		close(p.read)
	}()
	return p.command.Start()
}

// await waits for the end of the process, and of what it has to say.
func (p *process) await() {
	// The status says all that the error would.
	_ = p.command.Wait()
	p.status = exitStatus(p.command.ProcessState)
	select {
	case <-p.read:
	case <-time.After(lastWords):
	}
	close(p.exited)
}

// hangUp returns when all output is in the log. What still holds it open by
// then has got out of the container, and is read no more.
func (p *process) hangUp() {
	select {
	case <-p.read:
	case <-time.After(lastWords):
		for _, output := range p.outputs {
			_ = output.SetReadDeadline(time.Now()) // one that is closed has ended
		}
		<-p.read
	}
}

// signal signals the process alone, as the platform does; its children go with
// the container.
func (p *process) signal(signal syscall.Signal) {
	select {
	case <-p.exited:
	default:
		// It may have ended just now, which is what is wanted.
		_ = p.command.Process.Signal(signal)
	}
}
