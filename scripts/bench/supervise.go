//go:build ignore

// Supervise is the benchmark of supervising a command: side by side, a direct start,
// tini, dumb-init, runit's runsv and supervise.
//
//	supervise DIRECTORY ROUNDS
//
// The directory holds bin/supervise and child. It prints a Markdown table, and ends
// with 1 where a bar is missed.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A contestant is a way to run the child.
type contestant struct {
	name string
	// command runs the child, whose time to live is in CHILD_MILLISECONDS.
	command []string
	// restarts is that it starts the child again and does not end with it.
	restarts bool
	// clear is what it leaves behind, removed before each start.
	clear string

	start, end []time.Duration
	resident   int64 // bytes
}

func main() {
	rounds, err := strconv.Atoi(os.Args[2])
	if err == nil {
		err = run(os.Args[1], rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(directory string, rounds int) error {
	port, stop, err := serve()
	if err != nil {
		return err
	}
	defer stop()
	child := filepath.Join(directory, "child")
	// A service as runit's manual has it, a script, and new each time, as it is in a
	// container.
	service := filepath.Join(directory, "service")
	script := []byte("#!/bin/sh\nexec " + child + "\n")
	if err := errors.Join(os.Mkdir(service, 0o755), os.WriteFile(filepath.Join(service, "run"), script, 0o755)); err != nil {
		return err
	}
	probe := &supervision.Check{Type: supervision.CheckHTTP, Port: port, Endpoint: "/", Interval: 1}
	if err := supervision.Write(directory, []supervision.Spec{
		{Name: "child", Health: probe}, {Name: "again", Health: probe, Restart: supervision.RestartAlways},
	}); err != nil {
		return err
	}
	program := filepath.Join(directory, "bin", "supervise")
	direct := &contestant{name: "direct", command: []string{child}}
	runsv := &contestant{name: "runsv", command: []string{"runsv", service}, restarts: true, clear: filepath.Join(service, "supervise")}
	ours := &contestant{name: "supervise, http probe each second", command: []string{program, "child", "--", child}}
	all := []*contestant{direct, {name: "tini", command: []string{"tini", "-s", "--", child}}, {name: "dumb-init", command: []string{"dumb-init", child}}, runsv, ours}
	again := &contestant{name: "supervise, restart", command: []string{program, "again", "--", child}, restarts: true}

	for round := -3; round < rounds; round++ {
		for i := range all {
			c := all[(i+round+3)%len(all)]
			start, end, err := c.once(30, 1)
			if err != nil {
				return err
			}
			if round >= 0 { // those before are for the caches
				c.start = append(c.start, start)
				if !c.restarts {
					c.end = append(c.end, end)
				}
			}
		}
	}
	// A child that has run for more than a second is started again at once by runsv, and
	// after its backoff, a second, by supervise.
	for range 5 {
		for _, c := range []*contestant{runsv, again} {
			_, end, err := c.once(1200, 2)
			if err != nil {
				return err
			}
			c.end = append(c.end, end)
		}
	}
	for _, c := range all {
		if c == direct {
			continue
		}
		if c.resident, err = c.idle(2*time.Second, nil); err != nil {
			return err
		}
	}
	var busy time.Duration
	const watched = 30 * time.Second
	if _, err := ours.idle(watched, &busy); err != nil {
		return err
	}
	return report(all, again, runsv, ours, float64(busy)/float64(watched)*100)
}

// once runs the child for some milliseconds, and returns how long it took to its
// first instruction, and from its last one to the end of who has started it, or to
// the first instruction of the next child.
func (c *contestant) once(milliseconds, children int) (start, end time.Duration, err error) {
	command := exec.Command(c.command[0], c.command[1:]...)
	command.Env = append(os.Environ(), "CHILD_MILLISECONDS="+strconv.Itoa(milliseconds))
	command.Stderr = os.Stderr
	if c.restarts {
		command.Stderr = nil // it says so
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := os.RemoveAll(c.clear); err != nil {
		return 0, 0, err
	}
	began := now()
	if err := command.Start(); err != nil {
		return 0, 0, err
	}
	first, err := tick(output)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", c.name, err)
	}
	last, err := tick(output)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", c.name, err)
	}
	if !c.restarts {
		_ = command.Wait()
		return first - began, now() - last, nil
	}
	ended := last
	if children > 1 {
		if ended, err = tick(output); err != nil {
			return 0, 0, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	// Where its child has ended, it has nothing to stop, and runsv would rest before.
	signal := syscall.SIGTERM
	if children == 1 {
		signal = syscall.SIGKILL
	}
	return first - began, ended - last, c.stop(command, signal)
}

// stop ends one that would go on for ever.
func (c *contestant) stop(command *exec.Cmd, signal syscall.Signal) error {
	if err := command.Process.Signal(signal); err != nil {
		return err
	}
	_ = command.Wait() // its status is that of a signal
	return nil
}

// idle runs the child for ever, and returns the memory that its supervisor has
// resident after some time, and how long it was on a processor in that time.
func (c *contestant) idle(rest time.Duration, busy *time.Duration) (resident int64, err error) {
	command := exec.Command(c.command[0], c.command[1:]...)
	command.Env = append(os.Environ(), "CHILD_MILLISECONDS=0")
	if err := command.Start(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.stop(command, syscall.SIGTERM)) }()
	time.Sleep(2 * time.Second) // it has settled
	before, err := onProcessor(command.Process.Pid)
	if err != nil {
		return 0, err
	}
	time.Sleep(rest)
	after, err := onProcessor(command.Process.Pid)
	if err != nil {
		return 0, err
	}
	if busy != nil {
		*busy = after - before
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", command.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("there is no VmRSS in status")
}

func now() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return time.Duration(ts.Nano())
}

// tick is a time that the child tells.
func tick(from io.Reader) (time.Duration, error) {
	var text [8]byte
	if _, err := io.ReadFull(from, text[:]); err != nil {
		return 0, err
	}
	return time.Duration(binary.NativeEndian.Uint64(text[:])), nil
}

// serve answers the probes.
func serve() (port string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go server.Serve(listener)
	_, port, err = net.SplitHostPort(listener.Addr().String())
	return port, func() { server.Close() }, err
}

func percentile(times []time.Duration, n int) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[min(len(sorted)-1, len(sorted)*n/100)].Microseconds()) / 1000
}

func report(all []*contestant, again, runsv, ours *contestant, percent float64) error {
	missed := false
	verdict := func(held bool) string {
		if held {
			return "held"
		}
		missed = true
		return "missed"
	}
	fmt.Println("| | start to the child's first instruction, median ms | p90 | the child's last to the end, median ms | p90 | resident, MB |")
	fmt.Println("| --- | ---: | ---: | ---: | ---: | ---: |")
	for _, c := range all {
		end, resident := "| | |", ""
		if !c.restarts {
			end = fmt.Sprintf("| %.2f | %.2f |", percentile(c.end, 50), percentile(c.end, 90))
		}
		if c.resident > 0 {
			resident = fmt.Sprintf("%.1f", float64(c.resident)/(1<<20))
		}
		fmt.Printf("| %s | %.2f | %.2f %s %s |\n", c.name, percentile(c.start, 50), percentile(c.start, 90), end, resident)
	}
	fmt.Printf("\nFrom a child's last instruction to the next one's first: runsv %.2f ms, supervise %.2f ms, of which its backoff is 1000.\n",
		percentile(runsv.end, 50), percentile(again.end, 50))
	fmt.Printf("\n- supervise starts a child in no more time than runsv: %s\n", verdict(percentile(ours.start, 50) <= percentile(runsv.start, 50)))
	fmt.Printf("- it ends within 1 ms of its child, after what a direct start takes: %s\n", verdict(percentile(ours.end, 50)-percentile(all[0].end, 50) <= 1))
	fmt.Printf("- at most 5 MB resident: %s\n", verdict(ours.resident <= 5<<20))
	fmt.Printf("- less than 0.1%% of a processor with a probe each second (%.3f%%): %s\n", percent, verdict(percent < 0.1))
	if missed {
		return errors.New("a bar of supervising was missed")
	}
	return nil
}
