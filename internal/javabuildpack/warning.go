package javabuildpack

import (
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// smallHeap is a heap, in MB, that is too small for most apps that serve requests.
const smallHeap = 64

// Warning explains that an app of the Java buildpack gets too little heap in a process with these
// reservations, with numbers and remedies. It is empty if the heap is large enough.
func (c Calculator) Warning(reserved controller.Reservations, environ []string) string {
	limit := reserved.Budget().AppLimit()
	regions, ok := c.Regions(limit)
	if !ok || limit <= 0 { // this is refused elsewhere
		return ""
	}
	heap := int64(limit)<<20 - regions.Sum()
	var outcome string
	switch {
	case heap < 0:
		outcome = "so it does not start"
	case regions.Heap == 0 && heap>>20 < smallHeap:
		outcome = fmt.Sprintf("so its heap has %s", memory.Size(heap>>20))
	default:
		return ""
	}
	share := fmt.Sprintf("has %s", limit)
	if reserved.Budget().Reserved() > 0 {
		share = fmt.Sprintf("has %s of its %s, since its sidecars reserve %s", limit, reserved.Process, reserved)
	}
	return fmt.Sprintf("The Java buildpack's memory calculator takes %s, and the app of the process %s %s, %s. %s",
		regions, printable.Name(reserved.ProcessType), share, outcome, c.advice(reserved, limit, environ))
}

// Minimum says on one line how much memory a process needs for its sidecars and the calculator's
// regions.
func (c Calculator) Minimum(reserved controller.Reservations) string {
	regions, ok := c.Regions(reserved.Process)
	if !ok {
		return ""
	}
	return fmt.Sprintf("The Java buildpack's memory calculator takes %s; with sidecars that reserve %s, an app starts in a process %s of more than %s alone.",
		regions, reserved, printable.Name(reserved.ProcessType), reserved.Budget().Reserved()+regions.size())
}

// String returns the sum, and its parts.
func (r Regions) String() string {
	what := "all but the heap"
	rest := ""
	if r.Heap > 0 {
		what, rest = "all regions", fmt.Sprintf(" + heap %s", mebibytes(r.Heap))
	}
	if r.HeadRoom > 0 {
		rest += fmt.Sprintf(" + headroom %s", mebibytes(r.HeadRoom))
	}
	return fmt.Sprintf("%s for %s (direct memory %s + metaspace %s + code cache %s + stacks of %d threads %s%s)",
		r.size(), what, mebibytes(r.DirectMemory), mebibytes(r.Metaspace), mebibytes(r.CodeCache), r.Threads, mebibytes(r.Stack*int64(r.Threads)), rest)
}
