//go:build ignore

// Watch is the benchmark of what a supervisor costs that watches files, or filters the log of
// its command, next to one that does neither.
//
//	watch DIRECTORY
//
// The directory holds bin/supervise and child. It prints a Markdown table, and ends with 1
// where a bar is missed.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// watched is how long each supervisor is looked at.
const watched = 20 * time.Second

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(directory string) error {
	file := filepath.Join(directory, "watched")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		return err
	}
	specs := []supervision.Spec{
		{Name: "restart", Restart: supervision.RestartAlways},
		{Name: "reload", Restart: supervision.RestartAlways, Reload: &supervision.Reload{On: []string{file, filepath.Join(directory, "bin")}, Signal: "HUP"}},
		{Name: "log", Restart: supervision.RestartAlways, Log: &supervision.Log{Level: "warn", Drop: "^healthcheck"}},
		{Name: "reload and log", Restart: supervision.RestartAlways, Reload: &supervision.Reload{On: []string{file}, Signal: "HUP"}, Log: &supervision.Log{Level: "warn"}},
	}
	if err := supervision.Write(directory, specs); err != nil {
		return err
	}
	fmt.Println()
	fmt.Printf("| idle for %s, with | resident, MB | on a processor, clock ticks | wakeups |\n", watched)
	fmt.Println("| --- | ---: | ---: | ---: |")
	var all []cost
	for _, s := range specs {
		one, err := idle(directory, s.Name)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		all = append(all, one)
		fmt.Printf("| %s | %.1f | %d | %d |\n", s.Name, float64(one.resident)/(1<<10), one.ticks, one.wakeups)
	}
	held, most := true, all[0]
	for _, one := range all[1:] {
		held = held && one.ticks <= all[0].ticks && one.wakeups <= all[0].wakeups
		if one.resident > most.resident {
			most = one
		}
	}
	fmt.Printf("\n- to watch and to filter takes no processor and no wakeup while nothing happens: %s\n", verdict(held))
	small := most.resident <= 5<<10
	fmt.Printf("- at most 5 MB resident: %s\n", verdict(small))
	if !held || !small {
		return errors.New("a bar of watching was missed")
	}
	return nil
}

func verdict(held bool) string {
	if held {
		return "held"
	}
	return "missed"
}

// A cost is what a supervisor has taken: kilobytes at the end, and what the kernel has counted
// meanwhile.
type cost struct{ resident, ticks, wakeups int }

// idle runs a child that does nothing.
func idle(directory, name string) (c cost, err error) {
	command := exec.Command(filepath.Join(directory, "bin", "supervise"), name, "--", filepath.Join(directory, "child"))
	command.Env = append(os.Environ(), "CHILD_MILLISECONDS=0")
	if err := command.Start(); err != nil {
		return cost{}, err
	}
	defer func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait() // its status is that of a signal
	}()
	time.Sleep(2 * time.Second) // it has settled
	before, err := counted(command.Process.Pid)
	if err != nil {
		return cost{}, err
	}
	time.Sleep(watched)
	after, err := counted(command.Process.Pid)
	return cost{resident: after.resident, ticks: after.ticks - before.ticks, wakeups: after.wakeups - before.wakeups}, err
}

// counted is what all threads of a process have taken so far (proc_pid_stat(5),
// proc_pid_status(5)).
func counted(pid int) (c cost, err error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil {
		return c, err
	}
	for _, task := range tasks {
		stat, statErr := os.ReadFile(filepath.Join(task, "stat"))
		status, statusErr := os.ReadFile(filepath.Join(task, "status"))
		if err := errors.Join(statErr, statusErr); err != nil {
			return c, err
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		const user, system = 11, 12 // behind the name
		c.ticks += number(fields[user]) + number(fields[system])
		for line := range strings.Lines(string(status)) {
			key, value, _ := strings.Cut(line, ":")
			value = strings.TrimSuffix(strings.TrimSpace(value), " kB")
			switch key {
			case "voluntary_ctxt_switches":
				c.wakeups += number(value)
			case "VmRSS":
				c.resident = number(value)
			}
		}
	}
	return c, nil
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}
