//go:build linux

package supervise

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// How often memory is looked at. The kernel tells nobody without a control group of
// its own how much a process has, so that it can only be asked: the more often, the
// less can be taken between two looks.
const (
	// fillRate is how fast memory is taken at worst, in bytes per second: the next look
	// comes before what is left could be full. Some programs take it faster, on some
	// machines.
	fillRate    = 2 << 30
	longestRest = 500 * time.Millisecond
	calmRest    = 20 * time.Millisecond // at least, while nothing grows
	busyRest    = time.Millisecond      // at least, while it grows
	// growth is how many bytes more than at the last look are taken for growing.
	growth = 1 << 20
	// One part in so many is how much of a processor looking may take.
	calmShare, busyShare, scanShare = 1000, 10, 100
)

// A memoryWatch knows the processes below one, and looks at their memory.
type memoryWatch struct {
	ancestor int
	limit    int64 // bytes

	family []processtree.Process
	// newest is what /proc/loadavg said at the last scan for the family, the process
	// id that was given out last among it.
	newest   []byte
	scanned  time.Time
	scanCost time.Duration
	// sharing is how much less the family had at the last measurement than its processes
	// one by one.
	sharing     int64
	measured    time.Time
	measureCost time.Duration
}

// watchMemory tells how much memory is resident below a process once it is more
// than the limit, and returns then, or when the context ends.
func watchMemory(ctx context.Context, ancestor int, limit int64, tell func(used int64)) {
	w := &memoryWatch{ancestor: ancestor, limit: limit}
	var before int64
	for {
		began := processorTime()
		used := w.look()
		cost := processorTime() - began
		if ctx.Err() != nil {
			return
		}
		if used > limit {
			tell(used)
			return
		}
		if !sleep(ctx, restAfter(limit-used, used-before, cost)) {
			return
		}
		before = used
	}
}

// restAfter is how long after a look the next one comes, which has found that so many
// bytes are left and so many have been taken since the one before, and was so long on
// a processor.
func restAfter(left, grown int64, cost time.Duration) time.Duration {
	rest := time.Duration(float64(left) / fillRate * float64(time.Second))
	if grown > growth {
		rest = max(rest/2, busyRest, busyShare*cost)
	} else {
		rest = max(rest, calmRest, calmShare*cost)
	}
	return min(rest, longestRest)
}

// look is how much memory the family has, in bytes; more where it is known that it is
// within the limit.
func (w *memoryWatch) look() int64 {
	w.scan()
	var sum int64
	for i := range w.family {
		w.family[i].Resident = residentNow(w.family[i].Pid)
		sum += w.family[i].Resident
	}
	if sum <= w.limit || len(w.family) < 2 {
		w.sharing = 0
		return sum
	}
	if sum-w.sharing > w.limit || time.Since(w.measured) > max(longestRest, scanShare*w.measureCost) {
		began := processorTime()
		w.sharing = sum - processtree.Resident(w.family)
		w.measured, w.measureCost = time.Now(), processorTime()-began
	}
	return sum - w.sharing
}

// scan finds the family, where a process or a thread has been started anywhere in the
// container since the last time, or that cannot be known.
func (w *memoryWatch) scan() {
	newest := newestProcess()
	since := time.Since(w.scanned)
	isSame := len(newest) > 0 && bytes.Equal(newest, w.newest)
	if isSame && since < longestRest || since < min(scanShare*w.scanCost, longestRest) {
		return
	}
	began := processorTime()
	w.family = processtree.Descendants(processtree.All(), w.ancestor)
	w.newest, w.scanned, w.scanCost = newest, time.Now(), processorTime()-began
}

// newestProcess changes when a process is started: the last field of /proc/loadavg is
// the process id that was given out last (proc_loadavg(5)).
func newestProcess() []byte {
	line := readProc("/proc/loadavg", make([]byte, 128))
	return line[bytes.LastIndexByte(line, ' ')+1:]
}

// residentNow is a process's resident memory in bytes, 0 where it has ended
// (proc_pid_statm(5)).
func residentNow(pid int) int64 {
	_, behind, _ := bytes.Cut(readProc("/proc/"+strconv.Itoa(pid)+"/statm", make([]byte, 128)), []byte(" "))
	pages, _, _ := bytes.Cut(behind, []byte(" "))
	number, err := strconv.ParseInt(string(pages), 10, 64)
	if err != nil {
		return 0
	}
	return number * int64(os.Getpagesize())
}

// readProc reads a small file of /proc, as cheaply as it can be done.
func readProc(path string, buffer []byte) []byte {
	file, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(file) // it was only read
	n, err := syscall.Read(file, buffer)
	if err != nil {
		return nil
	}
	return buffer[:n]
}

// processorTime is how long this process was on a processor.
func processorTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		return 0 // looking is then taken to cost nothing
	}
	return time.Duration(ts.Nano())
}

// megabytes prints a size.
func megabytes(bytes int64) string {
	return strconv.FormatInt((bytes+1<<20-1)>>20, 10) + "M"
}
