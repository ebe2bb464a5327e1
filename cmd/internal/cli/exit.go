package cli

// An exitError is an error with its own exit code.
type exitError struct {
	code   int
	reason string
}

func (e exitError) Error() string { return e.reason }
