package forms

import (
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// maxNesting is how deep placeholders may be in each other, those of values among them.
const maxNesting = 500

// maxPlaceholders is how many placeholders one answer may replace. A few lines can ask for
// billions: a: ${b}${b}, b: ${c}${c}, and so on.
const maxPlaceholders = 1_000_000

var (
	errNesting      = fmt.Errorf("placeholders ${…} more than %d deep in each other", maxNesting)
	errPlaceholders = fmt.Errorf("more than %d placeholders ${…}", maxPlaceholders)
)

// A budget bounds what the placeholders of one answer may cost.
type budget struct{ depth, placeholders, bytes int }

func (b *budget) enter() error {
	if b.depth++; b.depth > maxNesting {
		return errNesting
	}
	return nil
}

func (b *budget) leave() { b.depth-- }

func (b *budget) spend(bytes int) error {
	b.placeholders++
	b.bytes += bytes
	if b.placeholders > maxPlaceholders {
		return errPlaceholders
	}
	if b.bytes > environment.MaxBytes {
		return fmt.Errorf("larger than %d MB with placeholders ${…} replaced", environment.MaxBytes>>20)
	}
	return nil
}
