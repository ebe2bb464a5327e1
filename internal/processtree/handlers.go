package processtree

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// Handlers returns the processes to send a signal to: the process with this ID if it handles the
// signal, otherwise the topmost of its descendants that do. So the signal reaches a program that
// runs below a shell or another wrapper, which the signal would end: processes without a handler
// are ended by signals such as SIGHUP.
func Handlers(all []Process, pid int, signal syscall.Signal) []Process {
	i := slices.IndexFunc(all, func(p Process) bool { return p.Pid == pid })
	if i < 0 {
		return nil
	}
	var found []Process
	for queue := []Process{all[i]}; len(queue) > 0; queue = queue[1:] {
		one := queue[0]
		if handles(one.Pid, signal) {
			found = append(found, one)
			continue
		}
		for _, p := range all {
			if p.Parent == one.Pid && p.Pid != one.Pid {
				queue = append(queue, p)
			}
		}
	}
	return found
}

// handles reports whether a process has a handler for a signal: SigCgt of proc_pid_status(5) is its
// mask, in hexadecimal.
func handles(pid int, signal syscall.Signal) bool {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil || signal <= 0 {
		return false
	}
	for line := range bytes.Lines(content) {
		if value, ok := bytes.CutPrefix(line, []byte("SigCgt:")); ok {
			mask, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 16, 64)
			return err == nil && mask>>(signal-1)&1 == 1
		}
	}
	return false
}
