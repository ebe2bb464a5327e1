package forms

import (
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// maxNesting limits how deeply placeholders may be nested, including those in the values of placeholders.
const maxNesting = 500

// maxPlaceholders limits the placeholders that one answer may replace. A few lines can require billions: a:
// ${b}${b}, b: ${c}${c}, and so on.
const maxPlaceholders = 1_000_000

var (
	errNesting      = fmt.Errorf("placeholders ${…} more than %d deep in each other", maxNesting)
	errPlaceholders = fmt.Errorf("more than %d placeholders ${…}", maxPlaceholders)
)

// budget limits what replacing one answer's placeholders may cost.
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
