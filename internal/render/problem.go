package render

import (
	"errors"
	"fmt"
)

// maxFile limits the size of a template, of each file that is read and of each file that is
// written, in bytes.
const maxFile = 4 << 20

var errTooLarge = fmt.Errorf("found more than %d MB; expected a file of at most that", maxFile>>20)

// A missingError says that a value does not exist; a default can replace it.
type missingError struct{ text string }

func (e *missingError) Error() string { return e.text }

// A valueProblem says what is wrong with a value that a template uses, without the value.
type valueProblem struct{ err error }

func (e *valueProblem) Error() string { return e.err.Error() }
func (e *valueProblem) Unwrap() error { return e.err }

// valueError marks an error as one that may be shown: it quotes no value.
func valueError(err error) error {
	if err == nil {
		return nil
	}
	return &valueProblem{err}
}

var errEndless = valueError(errors.New("the template calls itself without an end"))
