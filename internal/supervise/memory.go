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

// How often to poll memory. The kernel only reports the memory of control groups, so
// without one of its own the supervisor has to poll: the more often, the less memory the
// sidecar can take in between.
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
	// maxOpenSizes is how many files are kept open at most.
	maxOpenSizes = 4
	// One part in so many is how much of a processor looking may take; measuring is to look
	// at each mapping of several processes.
	calmShare, youngShare, busyShare, measureShare = 1000, 100, 10, 100
	// youth is how long a command is taken to be starting: when most of what it needs is
	// taken, by processes that have just been started.
	youth = 10 * time.Second
	// longestScan is how long at most until all processes are read again, where those that
	// are new are known, and are fewer than so many.
	longestScan  = 10 * time.Second
	fewProcesses = 200
)

// A memoryWatch knows the processes below one, and looks at their memory.
type memoryWatch struct {
	ancestor int
	limit    int64 // bytes

	family []processtree.Process
	// sizes are the open files with the sizes of the tree's first members, and load is
	// /proc/loadavg: to open them each time would be most of what a look costs.
	sizes []int
	load  int
	// newest is the process id that was given out last when the tree was found; scanned
	// and scanCost are of the last time that all processes were read for that.
	newest   int
	scanned  time.Time
	scanCost time.Duration
	// sharing is how much less the tree had at the last measurement than its processes
	// one by one.
	sharing     int64
	measured    time.Time
	measureCost time.Duration
}

// watchMemory tells how much memory is resident below a process once it is more
// than the limit, and returns then, or when the context ends.
func watchMemory(ctx context.Context, ancestor int, limit int64, tell func(used int64)) {
	w := newMemoryWatch(ancestor, limit)
	defer w.close()
	var before int64
	started, spent := time.Now(), processorTime()
	for {
		spent += w.scan() // that has a limit of its own
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

// restAfter is how long after a look the next one comes: so many bytes are left, so
// many have been taken since the one before, this process was so long on a processor
// since then, and the command is young.
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

// newMemoryWatch is one that has to be closed.
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

// look is how much memory the tree has, in bytes; more where it is known that it is
// within the limit.
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

// scan finds the tree, where a process or a thread has been started anywhere in the
// container since the last time, or that cannot be known. It returns how long it was on
// a processor.
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
		return 0 // it was just done, and takes long
	}
	w.closeSizes()
	w.family = w.family[:0]
	for _, p := range processtree.Descendants(processtree.All(), w.ancestor) {
		w.add(p)
	}
	w.newest, w.scanned, w.scanCost = newest, time.Now(), processorTime()-began
	return w.scanCost
}

// addNew adds those of the processes that have been started since the last time whose
// parents are of the tree. The newest of then is looked for again: it may have got
// its number, and not been there yet.
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

// newestProcess is the process id that was given out last, to a process or a thread:
// the last field of /proc/loadavg (proc_loadavg(5)).
func (w *memoryWatch) newestProcess() (pid int, known bool) {
	line := readProc(w.load)
	pid, err := strconv.Atoi(string(bytes.TrimSpace(line[bytes.LastIndexByte(line, ' ')+1:])))
	return pid, err == nil
}

// resident is the resident memory of the i-th of the tree, in bytes, 0 where it has
// ended (proc_pid_statm(5)).
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

// openProc opens a file of /proc, as cheaply as it can be done; negative where it is
// not there.
func openProc(path string) int {
	file, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return file
}

// readProc reads a small file of /proc as it is now.
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
