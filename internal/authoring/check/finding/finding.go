// Package finding has the rules of sidecar check, and the findings against them.
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
	// File is the path in the buildpack, or of what it has written, then below deps, app, cache or
	// home; empty where the finding is about no file.
	File string
	Line int // counted from 1; 0 where no line is meant
	// Written tells that File is none of the buildpack's own files: a staging has written it.
	Written bool
	Found   string
	// Right is what would be right here.
	Right string
	// Staging names the first dry staging that has shown it; empty where none was needed.
	Staging string
}

// Where is the location of a finding in the form of a compiler's messages, FILE:LINE; empty if it has none.
func (f Finding) Where() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

// A List collects findings: of two that say the same of the same place, the first.
type List struct {
	all  []Finding
	seen map[key]bool
}

type key struct {
	id, file, found string
	line            int
}

// Add adds a finding against the rule of an identifier, which has to be in Rules. Where
// Right is empty, the rule says it.
func (l *List) Add(id string, f Finding) {
	f.Rule = ruleOf(id)
	f.Right = cmp.Or(f.Right, f.Rule.Right)
	f.Found = strings.TrimPrefix(f.Found, "found ") // which the report says
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

// Has tells whether there is a finding against a rule, in a file unless that is empty.
func (l *List) Has(id, file string) bool {
	return slices.ContainsFunc(l.all, func(f Finding) bool { return f.Rule.ID == id && (file == "" || f.File == file) })
}

// HasLike tells whether there is a finding against a rule at a line of a file whose path
// ends this way.
func (l *List) HasLike(id, end string, line int) bool {
	return slices.ContainsFunc(l.all, func(f Finding) bool { return f.Rule.ID == id && f.Line == line && strings.HasSuffix(f.File, end) })
}

// All are the findings, the worst first, then in the order of their rules and places.
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
