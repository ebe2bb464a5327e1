package forms

import (
	"errors"
	"fmt"
)

// Errors for which Spring's server answers 400 wrap ErrInvalid: a key that cannot be part of a nested form, such
// as a[x, or a placeholder without a value. It answers 500 for others. No error contains a value.
var ErrInvalid = errors.New("invalid")

var errCircular = fmt.Errorf("%w: a placeholder ${…} that refers to itself", ErrInvalid)
