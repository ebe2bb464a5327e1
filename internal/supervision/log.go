package supervision

// LogLevels are the levels that Log.Level may be, the least important first.
var LogLevels = []string{"debug", "info", "warn", "error"}

// A Log says which lines of a command's output are not to reach the log.
type Log struct {
	// Level is one of LogLevels: lines of a lower level are dropped. Empty drops none.
	Level string `conf:"level"`
	// Prefix puts the command's name in front of each line.
	Prefix bool `conf:"prefix"`
	// Drop is a regular expression in Go's syntax: lines that it matches are dropped. Empty
	// drops none.
	Drop string `conf:"drop"`
}
