package finding

import "slices"

// A Severity is the severity of a finding.
type Severity string

// The severities, the worst first: an app cannot be staged or run, or a secret leaks; something
// goes wrong in some pushes; nothing goes wrong, but an author may want to know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Severities has all severities, the worst first.
var Severities = []Severity{Error, Warning, Note}

// AtLeast reports whether a severity is as bad as another one, or worse.
func (s Severity) AtLeast(other Severity) bool {
	return slices.Index(Severities, s) <= slices.Index(Severities, other)
}

// A Rule is one check.
type Rule struct {
	ID       string
	Severity Severity
	// Platform are the rules of docs/platform-rules.md behind it; none if it follows from
	// buildpack-packager or from a shell.
	Platform []string
	Found    string // what is wrong, in general
	Right    string // what would be right
}

func cf(rules ...string) []string { return rules }
