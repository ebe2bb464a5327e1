package supervision

// LogLevels are the values of Log.Level, in increasing order.
var LogLevels = []string{"debug", "info", "warn", "error"}

// A Log says which lines of a command's output do not go to the log.
type Log struct {
	// Level is one of LogLevels: lines of a lower level are dropped. If empty, none are.
	Level string `conf:"level"`
	// Prefix starts each line with the command's name.
	Prefix bool `conf:"prefix"`
	// Drop is a regular expression in Go's syntax: lines that match it are dropped. If empty, none
	// are.
	Drop string `conf:"drop"`
}
