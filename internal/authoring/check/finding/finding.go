// Package finding has the rules of sidecar check, and collects findings.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Finding is one violation of a rule.
type Finding struct {
	Rule Rule
	// File is the path in the buildpack or, for a file that it has written, below deps, app, cache
	// or home; empty if the finding concerns no file.
	File string
	Line int // counted from 1; 0 for no line
	// Written is true if a staging has written File.
	Written bool
	Found   string
	// Right is what would be right here; empty for the rule's text.
	Right string
	// Staging is the name of the first staging that has shown it; empty if none was needed.
	Staging string
}

// Where returns the location in the form of compiler messages, FILE:LINE; empty if there is none.
func (f Finding) Where() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

// A List collects findings, without duplicates.
type List struct {
	all  []Finding
	seen map[key]bool
}

type key struct {
	id, file, found string
	line            int
}

// Add adds a finding for a rule, whose identifier must be in Rules. If Right is empty, the rule's
// text applies.
func (l *List) Add(id string, f Finding) {
	f.Rule = ruleOf(id)
	f.Right = cmp.Or(f.Right, f.Rule.Right)
	f.Found = strings.TrimPrefix(f.Found, "found ") // the report adds this word
	k := key{id, f.File, f.Found, f.Line}
	if l.seen[k] {
		return
	}
	if l.seen == nil {
		l.seen = map[key]bool{}
	}
	l.seen[k] = true
	l.all = append(l.all, f)
}

// Has reports whether there is a finding for a rule, in this file unless that is empty.
func (l *List) Has(id, file string) bool {
	return slices.ContainsFunc(l.all, func(f Finding) bool { return f.Rule.ID == id && (file == "" || f.File == file) })
}

// HasLike reports whether there is a finding for a rule at this line of a file whose path ends with
// end.
func (l *List) HasLike(id, end string, line int) bool {
	return slices.ContainsFunc(l.all, func(f Finding) bool { return f.Rule.ID == id && f.Line == line && strings.HasSuffix(f.File, end) })
}

// All returns the findings, the worst first, then in the order of their rules and locations.
func (l *List) All() []Finding {
	all := slices.Clone(l.all)
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Severities, a.Rule.Severity), slices.Index(Severities, b.Rule.Severity)),
			cmp.Compare(indexOf(a.Rule.ID), indexOf(b.Rule.ID)),
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return all
}
