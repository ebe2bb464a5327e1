package render

import "fmt"

// maxFile is the most bytes that a template, a file that is read and one that is written may
// have.
const maxFile = 4 << 20

var errTooLarge = fmt.Errorf("found more than %d MB; expected a file of at most that", maxFile>>20)

// A missingError is a value that is not there, of which a default can take the place.
type missingError struct{ text string }

func (e *missingError) Error() string { return e.text }

// A valueProblem is what is wrong with a value that a template uses, without the value.
type valueProblem struct{ err error }

func (e *valueProblem) Error() string { return e.err.Error() }
func (e *valueProblem) Unwrap() error { return e.err }

// valueError marks an error as one that may be told: it quotes no value.
func valueError(err error) error {
	if err == nil {
		return nil
	}
	return &valueProblem{err}
}
