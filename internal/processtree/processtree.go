// Package processtree reads from /proc which processes there are, which descend
// from which, and how much memory they have together. Where there is no /proc, there
// are no processes.
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

// A Process is one as /proc tells of it at one moment.
type Process struct {
	Pid, Parent int
	// Start is when it was started, in clock ticks since the machine was. Together
	// with the process id it tells a process from a later one of the same number, and
	// it is the same in every process id namespace.
	Start uint64
	// Zombie is that it has ended, and its parent has not asked for its status yet.
	Zombie bool
	// Resident is its resident memory in bytes.
	Resident int64
}

// All are the processes that can be seen. One that ends meanwhile is left out.
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

// Find is the process with this id, if there is one. A zombie is one; a thread is found,
// too (see IsThread).
func Find(pid int) (Process, bool) {
	return read(strconv.Itoa(pid), make([]byte, statSize))
}

// Start is when a process was started (see Process), and 0 where it has ended, though
// its parent may not know yet.
func Start(pid int) uint64 {
	one, ok := Find(pid)
	if !ok || one.Zombie {
		return 0
	}
	return one.Start
}

// Descendants are those of all processes that descend from one, parents first.
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

// Family are the process with this id, if it is among all of these, and its descendants.
func Family(all []Process, pid int) []Process {
	i := slices.IndexFunc(all, func(p Process) bool { return p.Pid == pid })
	if i < 0 {
		return nil
	}
	return append([]Process{all[i]}, Descendants(all, pid)...)
}

// InnermostPid is the id of a process in the innermost process id namespace that it
// is in; 0 where the process is not there, or the kernel does not tell.
func InnermostPid(pid int) int { return statusNumber(pid, "NSpid:") }

// Environ is the environment that a process was started with, as os.Environ has it; none
// where it has ended, or is another user's.
func Environ(pid int) []string {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	if err != nil || len(content) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(content), "\x00"), "\x00")
}

// IsThread tells whether an id is that of a thread of a process, and not the process's
// own: /proc has threads, too, though it does not list them.
func IsThread(pid int) bool {
	process := statusNumber(pid, "Tgid:")
	return process != 0 && process != pid
}

// statusNumber is the last number in a line of /proc/PID/status, or 0.
func statusNumber(pid int, key string) int {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(content) {
		if value, ok := bytes.CutPrefix(line, []byte(key)); ok {
			value = bytes.TrimSpace(value)
			number, _ := strconv.Atoi(string(value[bytes.LastIndexAny(value, " \t")+1:])) // 0 where it is none
			return number
		}
	}
	return 0
}

// statSize is more than a /proc/PID/stat has.
const statSize = 2048

// read reads /proc/PID/stat (proc_pid_stat(5)), with as little as can be for each of
// many processes.
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

// parse reads the fields behind the last parenthesis: a name may have any in it.
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
