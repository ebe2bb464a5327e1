package supervise

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"
)

// How often memory is looked at: the more often, the closer it is to the limit.
const (
	calmPause  = 500 * time.Millisecond
	closePause = 50 * time.Millisecond
)

// A task is a process as /proc tells of it.
type task struct {
	pid, parent int
	zombie      bool
	resident    int64 // bytes
}

// tasks are the processes of the container. One that ends meanwhile is left out.
func tasks() []task {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close() // it was only read
	names, _ := proc.Readdirnames(-1)
	var all []task
	buffer := make([]byte, 1024)
	for _, name := range names {
		if name[0] < '0' || name[0] > '9' {
			continue
		}
		if one, ok := readTask(name, buffer); ok {
			all = append(all, one)
		}
	}
	return all
}

// readTask reads /proc/PID/stat (proc_pid_stat(5)).
func readTask(pid string, buffer []byte) (task, bool) {
	file, err := os.Open("/proc/" + pid + "/stat")
	if err != nil {
		return task{}, false
	}
	n, _ := file.Read(buffer)
	_ = file.Close()                                     // it was only read
	_, behind, ok := bytes.Cut(buffer[:n], []byte(") ")) // of the name, in which there may be anything
	if last := bytes.LastIndex(buffer[:n], []byte(") ")); last >= 0 {
		behind = buffer[last+2 : n]
	}
	fields := bytes.Fields(behind)
	const state, parent, resident = 0, 1, 21
	if !ok || len(fields) <= resident {
		return task{}, false
	}
	one := task{zombie: fields[state][0] == 'Z' || fields[state][0] == 'X'}
	one.pid, err = strconv.Atoi(pid)
	pages := int64(0)
	if err == nil {
		one.parent, err = strconv.Atoi(string(fields[parent]))
	}
	if err == nil {
		pages, err = strconv.ParseInt(string(fields[resident]), 10, 64)
	}
	one.resident = pages * int64(os.Getpagesize())
	return one, err == nil
}

// below are those of the tasks that descend from a process.
func below(all []task, ancestor int) []task {
	children := map[int][]task{}
	for _, t := range all {
		children[t.parent] = append(children[t.parent], t)
	}
	var found []task
	for queue := []int{ancestor}; len(queue) > 0; queue = queue[1:] {
		found = append(found, children[queue[0]]...)
		for _, child := range children[queue[0]] {
			queue = append(queue, child.pid)
		}
	}
	return found
}

// resident is the memory of all that descends from a process, in bytes. What several
// of them share counts once, which is looked at only where it decides on a limit.
func resident(ancestor int, limit int64) int64 {
	family := below(tasks(), ancestor)
	var sum int64
	for _, t := range family {
		sum += t.resident
	}
	if sum <= limit || len(family) < 2 {
		return sum
	}
	sum = 0
	for _, t := range family {
		sum += proportional(t)
	}
	return sum
}

// proportional is a task's memory with its part of what it shares, or all of it
// where the kernel does not tell.
func proportional(t task) int64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", t.pid))
	if err != nil {
		return t.resident
	}
	for line := range bytes.Lines(content) {
		if value, ok := bytes.CutPrefix(line, []byte("Pss:")); ok {
			kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(value), []byte("kB")))), 10, 64)
			if err == nil {
				return kilobytes << 10
			}
		}
	}
	return t.resident
}

// watchMemory tells how much memory is resident below a process once it is more
// than the limit, and returns then, or when the context ends.
func watchMemory(ctx context.Context, ancestor int, limit int64, tell func(used int64)) {
	for {
		used := resident(ancestor, limit)
		if ctx.Err() != nil {
			return
		}
		if used > limit {
			tell(used)
			return
		}
		pause := calmPause
		if used > limit/2 {
			pause = closePause
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// megabytes prints a size.
func megabytes(bytes int64) string {
	return strconv.FormatInt((bytes+1<<20-1)>>20, 10) + "M"
}
