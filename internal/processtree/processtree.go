// Package processtree reads processes, their descent and their memory from /proc. Without /proc,
// there are no processes.
package processtree

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A Process is a snapshot of a process in /proc.
type Process struct {
	Pid, Parent int
	// Start is when it was started, in clock ticks since the machine was booted. Together with the
	// process ID, it identifies a process, and it is the same in every PID namespace.
	Start uint64
	// Zombie is true if it has ended, but its parent has not collected its status yet.
	Zombie bool
	// Resident is its resident memory in bytes.
	Resident int64
}

// All returns all visible processes. It skips those that end meanwhile.
func All() []Process {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close() // it was only read
	names, _ := proc.Readdirnames(-1)
	var all []Process
	buffer := make([]byte, statSize)
	for _, name := range names {
		if name[0] < '0' || name[0] > '9' {
			continue
		}
		if one, ok := read(name, buffer); ok {
			all = append(all, one)
		}
	}
	return all
}

// Find returns the process with this ID, if it exists. It also finds zombies, and threads (see
// IsThread).
func Find(pid int) (Process, bool) {
	return read(strconv.Itoa(pid), make([]byte, statSize))
}

// Start returns when a process was started (see Process); 0 if it has ended, even if its parent has
// not collected its status.
func Start(pid int) uint64 {
	one, ok := Find(pid)
	if !ok || one.Zombie {
		return 0
	}
	return one.Start
}

// Descendants returns the descendants of a process among all, parents first.
func Descendants(all []Process, ancestor int) []Process {
	children := map[int][]Process{}
	for _, p := range all {
		children[p.Parent] = append(children[p.Parent], p)
	}
	found := append([]Process(nil), children[ancestor]...)
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].Pid]...)
	}
	return found
}

// Family returns the process with this ID, if it is among all, and its descendants.
func Family(all []Process, pid int) []Process {
	i := slices.IndexFunc(all, func(p Process) bool { return p.Pid == pid })
	if i < 0 {
		return nil
	}
	return append([]Process{all[i]}, Descendants(all, pid)...)
}

// InnermostPid returns the ID of a process in its innermost PID namespace; 0 if the process does
// not exist, or if the kernel does not tell.
func InnermostPid(pid int) int { return statusNumber(pid, "NSpid:") }

// Environ returns the environment that a process was started with, in the form of os.Environ; nil
// if it has ended, or belongs to another user.
func Environ(pid int) []string {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	if err != nil || len(content) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(content), "\x00"), "\x00")
}

// IsThread reports whether an ID is that of a thread other than the process's main one: /proc has
// threads, too, although it does not list them.
func IsThread(pid int) bool {
	process := statusNumber(pid, "Tgid:")
	return process != 0 && process != pid
}

// statusNumber returns the last number in a line of /proc/PID/status, or 0.
func statusNumber(pid int, key string) int {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(content) {
		if value, ok := bytes.CutPrefix(line, []byte(key)); ok {
			value = bytes.TrimSpace(value)
			number, _ := strconv.Atoi(string(value[bytes.LastIndexAny(value, " \t")+1:])) // 0 if it is not a number
			return number
		}
	}
	return 0
}

// statSize is more than the size of any /proc/PID/stat.
const statSize = 2048

// read reads /proc/PID/stat (proc_pid_stat(5)) with little work, since there may be many processes.
func read(pid string, buffer []byte) (Process, bool) {
	file, err := syscall.Open("/proc/"+pid+"/stat", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return Process{}, false
	}
	n, err := syscall.Read(file, buffer)
	_ = syscall.Close(file) // it was only read
	if err != nil {
		return Process{}, false
	}
	return parse(pid, buffer[:n])
}

// parse reads the fields after the last parenthesis, since a name may contain some.
func parse(pid string, stat []byte) (Process, bool) {
	const state, parent, start, resident = 0, 1, 19, 21
	var one Process
	var err error
	if one.Pid, err = strconv.Atoi(pid); err != nil {
		return Process{}, false
	}
	number := 0
	for field := range bytes.FieldsSeq(stat[bytes.LastIndexByte(stat, ')')+1:]) {
		switch number {
		case state:
			one.Zombie = field[0] == 'Z' || field[0] == 'X'
		case parent:
			one.Parent, err = strconv.Atoi(string(field))
		case start:
			one.Start, err = strconv.ParseUint(string(field), 10, 64)
		case resident:
			one.Resident, err = strconv.ParseInt(string(field), 10, 64)
			one.Resident *= int64(os.Getpagesize())
			return one, err == nil
		}
		if err != nil {
			break
		}
		number++
	}
	return Process{}, false
}
