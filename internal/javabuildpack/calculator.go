// Package javabuildpack computes how Cloud Foundry's Java buildpack divides a process's memory: the
// start command calls a memory calculator, which assigns the memory to the regions of the JVM, and
// the rest to the heap.
package javabuildpack

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/cloudfoundry/java-buildpack-memory-calculator/v4/calculator"
	"github.com/cloudfoundry/java-buildpack-memory-calculator/v4/flags"
	jvm "github.com/cloudfoundry/java-buildpack-memory-calculator/v4/memory"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

// A Calculator has the arguments of the memory calculator.
type Calculator struct {
	Classes  int // loaded classes
	Threads  int
	HeadRoom int // the unused percentage of the process's memory
	// Options is JAVA_OPTS, as far as it is known. Its sizes of regions take precedence.
	Options string
}

// DefaultThreads is the number of threads that the Java buildpack plans for by default
// (java-buildpack, src/java/jres/jre.go).
const DefaultThreads = 250

// The arguments of the calculator, in versions 3 and 4, that the Java buildpack writes
// into a start command (java-buildpack, src/java/jres/memory_calculator.go).
var (
	called       = regexp.MustCompile(`memory-calculator\S*\s`)
	classesFlag  = regexp.MustCompile(`--?(?:loaded-class-count|loadedClassCount|loadedClasses)[= ](\d+)`)
	threadsFlag  = regexp.MustCompile(`--?(?:thread-count|threadCount|stackThreads)[= ](\d+)`)
	headRoomFlag = regexp.MustCompile(`--?(?:head-room|headRoom)[= ](\d+)`)
)

// FromCommand reads the calculator's arguments from a start command. It returns false if the
// command does not call it, or in an unknown way. environ is the app's environment.
func FromCommand(command string, environ []string) (Calculator, bool) {
	classes, ok := number(classesFlag, command)
	if !ok || !called.MatchString(command) {
		return Calculator{}, false
	}
	threads, ok := number(threadsFlag, command)
	if !ok {
		return Calculator{}, false
	}
	headRoom, _ := number(headRoomFlag, command)
	return Calculator{Classes: classes, Threads: threads, HeadRoom: headRoom, Options: options(environ)}, true
}

func number(flag *regexp.Regexp, command string) (int, bool) {
	found := flag.FindStringSubmatch(command)
	if found == nil {
		return 0, false
	}
	value, err := strconv.Atoi(found[1])
	return value, err == nil
}

// Regions are the sizes of a JVM's memory regions, in bytes.
type Regions struct {
	DirectMemory, Metaspace, CodeCache int64
	Stack                              int64 // of one thread
	Threads                            int
	HeadRoom                           int64 // unused memory
	// Heap is 0 if no option sets its size.
	Heap int64
}

// Sum returns the sum of all regions.
func (r Regions) Sum() int64 {
	return r.DirectMemory + r.Metaspace + r.CodeCache + r.Stack*int64(r.Threads) + r.HeadRoom + r.Heap
}

// Regions returns what the calculator makes of a MEMORY_LIMIT. It returns false if the calculator
// would refuse its arguments, or if the meaning of an option is not known.
func (c Calculator) Regions(limit memory.Size) (Regions, bool) {
	if c.Threads <= 0 || c.HeadRoom < 0 || c.HeadRoom > 100 {
		return Regions{}, false
	}
	var stated flags.JVMOptions
	if err := stated.Set(strings.ReplaceAll(c.Options, "\n", " ")); err != nil {
		return Regions{}, false
	}
	// Of all memory that there could be, each region gets what it takes.
	total := flags.TotalMemory(math.MaxInt64)
	none, classes, threads := flags.HeadRoom(0), flags.LoadedClassCount(c.Classes), flags.ThreadCount(c.Threads)
	computed, err := calculator.Calculator{HeadRoom: &none, JvmOptions: &stated, LoadedClassCount: &classes, ThreadCount: &threads, TotalMemory: &total}.Calculate()
	if err != nil {
		return Regions{}, false
	}
	r := Regions{Threads: c.Threads, HeadRoom: int64(float64(int64(limit)<<20) * (float64(c.HeadRoom) / 100))}
	for _, region := range computed {
		switch size := region.(type) {
		case jvm.MaxDirectMemory:
			r.DirectMemory = int64(size)
		case jvm.MaxMetaspace:
			r.Metaspace = int64(size)
		case jvm.ReservedCodeCache:
			r.CodeCache = int64(size)
		case jvm.Stack:
			r.Stack = int64(size)
		}
	}
	r.take(stated)
	return r, true
}

// take applies the sizes in options, which the calculator does not compute.
func (r *Regions) take(stated flags.JVMOptions) {
	if stated.MaxDirectMemory != nil {
		r.DirectMemory = int64(*stated.MaxDirectMemory)
	}
	if stated.MaxMetaspace != nil {
		r.Metaspace = int64(*stated.MaxMetaspace)
	}
	if stated.ReservedCodeCache != nil {
		r.CodeCache = int64(*stated.ReservedCodeCache)
	}
	if stated.Stack != nil {
		r.Stack = int64(*stated.Stack)
	}
	if stated.MaxHeap != nil {
		r.Heap = int64(*stated.MaxHeap)
	}
}

// size returns the sum in MB, rounded up.
func (r Regions) size() memory.Size { return mebibytes(r.Sum()) }

func mebibytes(bytes int64) memory.Size { return memory.Size((bytes + 1<<20 - 1) >> 20) }
