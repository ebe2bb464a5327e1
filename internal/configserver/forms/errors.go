package forms

import "errors"

// ErrInvalid is wrapped by errors for which Spring's server answers 400: a key that cannot be part
// of a nested form, such as a[x, or a placeholder without a value. For others it answers 500.
// No error has a value in it.
var ErrInvalid = errors.New("invalid")
