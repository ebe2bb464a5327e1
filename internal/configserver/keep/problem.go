package keep

import (
	"strings"
	"sync/atomic"
	"unicode"
)

// problem is something that fails again and again until it works, and that is logged only when it begins, changes
// and ends. Its methods are safe for concurrent use.
type problem struct {
	reason atomic.Pointer[string] // nil if there is none
}

// occurred records that the problem persists or begins, and reports whether to log it: it is new, or has another
// reason. Numbers are ignored in the comparison, since ports differ each time.
func (p *problem) occurred(err error) bool {
	reason := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, err.Error())
	last := p.reason.Swap(&reason)
	return last == nil || *last != reason
}

// ended records that there is no problem, and reports whether there was one before.
func (p *problem) ended() bool { return p.reason.Swap(nil) != nil }

func (p *problem) persists() bool { return p.reason.Load() != nil }
