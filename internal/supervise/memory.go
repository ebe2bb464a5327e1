//go:build linux

package supervise

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// How often to poll memory. The kernel only reports the memory of control groups, and the
// supervisor has none of its own. The more often it polls, the less memory the sidecar can allocate
// in between.
const (
	// fillRate is the fastest allocation expected, in bytes per second: the next poll comes before
	// the rest of the limit could be used up at this rate. On some machines, some programs are
	// faster.
	fillRate    = 2 << 30
	longestRest = 500 * time.Millisecond
	calmRest    = 20 * time.Millisecond // the least pause while memory does not grow
	busyRest    = time.Millisecond      // the least pause while it grows
	// growth is how many bytes more than at the last poll count as growing.
	growth = 1 << 20
	// maxOpenSizes is how many files are kept open at most.
	maxOpenSizes = 4
	// Polling may use one part in this many of a processor's time. Measuring means to read each
	// mapping of several processes.
	calmShare, youngShare, busyShare, measureShare = 1000, 100, 10, 100
	// youth is how long a command counts as starting: it allocates most of what it needs then, in
	// processes that have just started.
	youth = 10 * time.Second
	// longestScan is the longest time between two scans of all processes, if the new processes are
	// known and there are fewer than fewProcesses.
	longestScan  = 10 * time.Second
	fewProcesses = 200
)

// A memoryWatch finds the descendants of a process, and polls their memory.
type memoryWatch struct {
	ancestor int
	limit    int64 // bytes

	family []processtree.Process
	// sizes are open files with the memory sizes of the first processes of the tree, and load is
	// /proc/loadavg: opening them each time would be most of the cost of a poll.
	sizes []int
	load  int
	// newest is the process id most recently assigned when the tree was last found; scanned and
	// scanCost describe the last scan of all processes.
	newest   int
	scanned  time.Time
	scanCost time.Duration
	// sharing is how much smaller the tree's memory was, at the last measurement, than the sum of
	// its processes.
	sharing     int64
	measured    time.Time
	measureCost time.Duration
}

// watchMemory calls tell with the resident memory of a process's descendants once it exceeds the
// limit, and then returns. It also returns when the context ends.
func watchMemory(ctx context.Context, ancestor int, limit int64, tell func(used int64)) {
	w := newMemoryWatch(ancestor, limit)
	defer w.close()
	var before int64
	started, spent := time.Now(), processorTime()
	for {
		spent += w.scan() // limited separately
		used := w.look()
		if ctx.Err() != nil {
			return
		}
		if used > limit {
			tell(used)
			return
		}
		now := processorTime()
		rest := restAfter(limit-used, used-before, now-spent, time.Since(started) < youth)
		before, spent = used, now
		if !clock.Sleep(ctx, rest) {
			return
		}
	}
}

// restAfter returns how long to wait before the next poll. left is how many bytes are left, grown
// how many were allocated since the previous poll, cost how much processor time this process has
// used since then; young says that the command has just started.
func restAfter(left, grown int64, cost time.Duration, young bool) time.Duration {
	rest := time.Duration(float64(left) / fillRate * float64(time.Second))
	switch {
	case grown > growth:
		rest = max(rest/2, busyRest, busyShare*cost)
	case young:
		rest = max(rest, calmRest, youngShare*cost)
	default:
		rest = max(rest, calmRest, calmShare*cost)
	}
	return min(rest, longestRest)
}

// newMemoryWatch returns a watch that the caller must close.
func newMemoryWatch(ancestor int, limit int64) *memoryWatch {
	return &memoryWatch{ancestor: ancestor, limit: limit, load: openProc("/proc/loadavg")}
}

func (w *memoryWatch) close() {
	w.closeSizes()
	closeProc(w.load)
}

func (w *memoryWatch) closeSizes() {
	for _, file := range w.sizes {
		closeProc(file)
	}
	w.sizes = w.sizes[:0]
}

// look returns the tree's memory in bytes. The result may be too large if it is within the limit
// all the same.
func (w *memoryWatch) look() int64 {
	var sum int64
	for i := range w.family {
		w.family[i].Resident = w.resident(i)
		sum += w.family[i].Resident
	}
	if sum <= w.limit || len(w.family) < 2 {
		w.sharing = 0
		return sum
	}
	if sum-w.sharing > w.limit || time.Since(w.measured) > max(longestRest, measureShare*w.measureCost) {
		began := processorTime()
		w.sharing = sum - processtree.Resident(w.family)
		w.measured, w.measureCost = time.Now(), processorTime()-began
	}
	return sum - w.sharing
}

// scan finds the tree, if a process or a thread has started anywhere in the container since the
// last scan, or if that is unknown. It returns the processor time that it used.
func (w *memoryWatch) scan() time.Duration {
	newest, known := w.newestProcess()
	since := time.Since(w.scanned)
	began := processorTime()
	switch {
	case known && since < longestScan && newest == w.newest:
		return 0
	case known && since < longestScan && newest > w.newest && newest-w.newest < fewProcesses:
		w.addNew(newest)
		w.newest = newest
		return processorTime() - began
	case since < min(calmShare*w.scanCost, longestRest):
		return 0 // the last scan was just now, and expensive
	}
	w.closeSizes()
	w.family = w.family[:0]
	for _, p := range processtree.Descendants(processtree.All(), w.ancestor) {
		w.add(p)
	}
	w.newest, w.scanned, w.scanCost = newest, time.Now(), processorTime()-began
	return w.scanCost
}

// addNew adds the processes that have started since the last scan and whose parents are in the
// tree. It also looks up the previous newest id again: that id may have been assigned before the
// process appeared.
func (w *memoryWatch) addNew(newest int) {
	for pid := w.newest; pid <= newest; pid++ {
		p, ok := processtree.Find(pid)
		if ok && !w.has(pid) && (p.Parent == w.ancestor || w.has(p.Parent)) && !processtree.IsThread(pid) {
			w.add(p)
		}
	}
}

func (w *memoryWatch) has(pid int) bool {
	return slices.ContainsFunc(w.family, func(p processtree.Process) bool { return p.Pid == pid })
}

func (w *memoryWatch) add(p processtree.Process) {
	w.family = append(w.family, p)
	if len(w.sizes) < maxOpenSizes {
		w.sizes = append(w.sizes, openProc(sizePath(p.Pid)))
	}
}

// newestProcess returns the id most recently assigned to a process or a thread: the last field of
// /proc/loadavg (proc_loadavg(5)).
func (w *memoryWatch) newestProcess() (pid int, known bool) {
	line := readProc(w.load)
	pid, err := strconv.Atoi(string(bytes.TrimSpace(line[bytes.LastIndexByte(line, ' ')+1:])))
	return pid, err == nil
}

// resident returns the resident memory of the tree's i-th process in bytes, or 0 if it has ended
// (proc_pid_statm(5)).
func (w *memoryWatch) resident(i int) int64 {
	if i < len(w.sizes) {
		return residentIn(readProc(w.sizes[i]))
	}
	file := openProc(sizePath(w.family[i].Pid))
	defer closeProc(file)
	return residentIn(readProc(file))
}

func sizePath(pid int) string { return "/proc/" + strconv.Itoa(pid) + "/statm" }

func residentIn(statm []byte) int64 {
	_, behind, _ := bytes.Cut(statm, []byte(" "))
	pages, _, _ := bytes.Cut(behind, []byte(" "))
	number, err := strconv.ParseInt(string(pages), 10, 64)
	if err != nil {
		return 0
	}
	return number * int64(os.Getpagesize())
}

// openProc opens a file below /proc with as little work as possible. It returns a negative number
// if the file does not exist.
func openProc(path string) int {
	file, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return file
}

// readProc reads a small file below /proc again from its start.
func readProc(file int) []byte {
	buffer := make([]byte, 128)
	n, err := syscall.Pread(file, buffer, 0)
	if err != nil {
		return nil
	}
	return buffer[:n]
}

func closeProc(file int) {
	if file >= 0 {
		_ = syscall.Close(file) // it was only read
	}
}

// processorTime returns how much processor time this process has used.
func processorTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		return 0 // polling then counts as free
	}
	return time.Duration(ts.Nano())
}

// megabytes formats a size.
func megabytes(bytes int64) string {
	return strconv.FormatInt((bytes+1<<20-1)>>20, 10) + "M"
}
