//go:build ignore

// Chain is the benchmark of waiting: sidecars that depend on each other, one on the
// next, and what it costs to wait.
//
//	chain DIRECTORY
//
// The directory holds bin/supervise and child. It prints Markdown, and ends with 1
// where a bar is missed.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	links = 200
	turns = 5
	// atMost is how many times the time of starting the same programs one by one a chain
	// may take: all of its supervisors start at once, and one after the other goes on.
	atMost  = 2
	waiters = 50
	watched = 20 * time.Second
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A program is a running one, with what it writes when it has come up.
type program struct {
	*exec.Cmd
	output io.ReadCloser
}

func run(directory string) error {
	site := filepath.Join(directory, "chain")
	if err := errors.Join(os.MkdirAll(filepath.Join(site, "bin"), 0o755),
		os.Link(filepath.Join(directory, "bin", "supervise"), filepath.Join(site, "bin", "supervise"))); err != nil {
		return err
	}
	var chained, alone []time.Duration
	for range turns {
		for _, one := range []struct {
			measure func(string, string) (time.Duration, error)
			times   *[]time.Duration
		}{{chain, &chained}, {oneByOne, &alone}} {
			took, err := one.measure(site, filepath.Join(directory, "child"))
			if err != nil {
				return err
			}
			*one.times = append(*one.times, took)
		}
	}
	slices.Sort(chained)
	slices.Sort(alone)
	ratio := float64(chained[turns/2]) / float64(alone[turns/2])
	percent, err := idle(site)
	if err != nil {
		return err
	}
	return report(ratio, percent)
}

// chain starts all links, the last one first, and returns how long it takes until that
// one is up.
func chain(site, child string) (took time.Duration, err error) {
	var specs []supervision.Spec
	for i := range links {
		spec := supervision.Spec{Name: strconv.Itoa(i), Timeout: 600}
		if i > 0 {
			spec.DependsOn = []string{strconv.Itoa(i - 1)}
		} else {
			spec.Readiness = &supervision.Check{Type: supervision.CheckProcess} // it has to tell
		}
		specs = append(specs, spec)
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(site, supervision.RunDirectory)), supervision.Write(site, specs)); err != nil {
		return 0, err
	}
	began := time.Now()
	var all []program
	defer func() { err = errors.Join(err, stop(all)) }()
	for i := links - 1; i >= 0; i-- {
		p, err := start(site, strconv.Itoa(i), child)
		if err != nil {
			return 0, err
		}
		all = append(all, p)
	}
	if err := all[0].await(); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// oneByOne starts the same programs below supervisors that do not wait, each when the
// one before is up.
func oneByOne(site, child string) (took time.Duration, err error) {
	var specs []supervision.Spec
	for i := range links {
		specs = append(specs, supervision.Spec{Name: strconv.Itoa(i)})
	}
	if err := supervision.Write(site, specs); err != nil {
		return 0, err
	}
	began := time.Now()
	var all []program
	defer func() { err = errors.Join(err, stop(all)) }()
	for i := range links {
		p, err := start(site, strconv.Itoa(i), child)
		if err != nil {
			return 0, err
		}
		all = append(all, p)
		if err := p.await(); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

func start(site, name, child string) (program, error) {
	command := exec.Command(filepath.Join(site, "bin", "supervise"), name, "--", child)
	command.Env = append(os.Environ(), "CHILD_MILLISECONDS=0") // for ever
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return program{}, err
	}
	return program{Cmd: command, output: output}, command.Start()
}

// await returns when the program has written its first tick.
func (p program) await() error {
	_, err := io.ReadFull(p.output, make([]byte, 8))
	return err
}

func stop(all []program) error {
	var errs []error
	for _, p := range all {
		errs = append(errs, p.Process.Kill())
	}
	for _, p := range all {
		_ = p.Wait() // its status is that of the signal
	}
	return errors.Join(errs...)
}

// idle is the part of a processor, in percent, that one waiter takes.
func idle(site string) (percent float64, err error) {
	if err := supervision.Write(site, []supervision.Spec{{Name: "never", Timeout: 3600}}); err != nil {
		return 0, err
	}
	if err := appstart.Write(site, []appstart.Sidecar{{Name: "never", ProcessTypes: []string{"web"}, HoldApp: true}}); err != nil {
		return 0, err
	}
	var all []program
	defer func() { err = errors.Join(err, stop(all)) }()
	for range waiters {
		command := exec.Command(filepath.Join(site, "bin", "supervise"), "--app", strconv.Itoa(os.Getpid()))
		if err := command.Start(); err != nil {
			return 0, err
		}
		all = append(all, program{Cmd: command})
	}
	time.Sleep(2 * time.Second) // they have settled
	var before, after time.Duration
	for _, sum := range []*time.Duration{&before, &after} {
		for _, p := range all {
			one, err := onProcessor(p.Process.Pid)
			if err != nil {
				return 0, err
			}
			*sum += one
		}
		if sum == &before {
			time.Sleep(watched)
		}
	}
	return float64(after-before) / float64(watched) / waiters * 100, nil
}

func report(ratio, percent float64) error {
	missed := false
	verdict := func(held bool) string {
		if held {
			return "held"
		}
		missed = true
		return "missed"
	}
	fmt.Printf("\n- a chain of %d sidecars takes %.2f times as long as to start the same one by one (at most %d): %s\n", links, ratio, atMost, verdict(ratio <= atMost))
	fmt.Printf("- less than 0.1%% of a processor to wait (%.3f%%): %s\n", percent, verdict(percent < 0.1))
	if missed {
		return errors.New("a bar of waiting was missed")
	}
	return nil
}
