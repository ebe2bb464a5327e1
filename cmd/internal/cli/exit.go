package cli

// An exitError ends the tool with a code of its own.
type exitError struct {
	code   int
	reason string
}

func (e exitError) Error() string { return e.reason }
