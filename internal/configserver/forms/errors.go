package forms

import (
	"errors"
	"fmt"
)

// ErrInvalid is wrapped by errors for which Spring's server answers 400: a key that cannot be part
// of a nested form, such as a[x, or a placeholder without a value. For others it answers 500.
// No error has a value in it.
var ErrInvalid = errors.New("invalid")

var errCircular = fmt.Errorf("%w: a placeholder ${…} that refers to itself", ErrInvalid)
