package sidecar

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/listing"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// A Position is a place in a document: a file's name as the user knows it, or
// the name of an environment variable, and the line in it, counted from 1; 0
// where there is no line to name.
type Position struct {
	Source string
	Line   int
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.Source
	}
	return fmt.Sprintf("%s:%d", p.Source, p.Line)
}

// A Problem is one thing that is wrong with what the user wrote.
type Problem struct {
	At    Position
	What  string // the field or the sidecar that it is about
	Found string // what is there
	Meant string // what was most likely meant; may be empty
	Want  string // what would be right
}

func (p Problem) Error() string {
	if p.Meant != "" {
		return fmt.Sprintf("%s: %s: found %s; did you mean %s? Expected %s", p.At, p.What, p.Found, p.Meant, p.Want)
	}
	return fmt.Sprintf("%s: %s: found %s; expected %s", p.At, p.What, p.Found, p.Want)
}

// Problems is every Problem of what was read. As an error it prints one on a
// line, those on which a document was given up first, and no more than listing.Max.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(listing.Lines(lines), "\n")
}

// A diagnostics collects problems and keeps one of each: a YAML alias can lead to
// the same place many times.
type diagnostics struct {
	problems Problems
	seen     map[Problem]bool
	gaveUp   bool // on a document, so that of what is missing nothing is known
}

func (r *diagnostics) add(problem Problem) {
	if r.seen[problem] {
		return
	}
	if r.seen == nil {
		r.seen = map[Problem]bool{}
	}
	r.seen[problem] = true
	r.problems = append(r.problems, problem)
}

// giveUp reports that a document comes to too much.
func (r *diagnostics) giveUp(at Position, found string) {
	r.add(Problem{At: at, What: sizeProblem, Found: found, Want: "fewer, or aliases that repeat less"})
	r.gaveUp = true
}

// err is the problems in the order of the documents and of their lines. It is
// nil without any; an empty Problems, converted to error, would not be nil.
func (r *diagnostics) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	order := map[string]int{}
	for _, problem := range r.problems {
		if _, known := order[problem.At.Source]; !known {
			order[problem.At.Source] = len(order)
		}
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(gaveUpRank(a), gaveUpRank(b)), cmp.Compare(order[a.At.Source], order[b.At.Source]), cmp.Compare(a.At.Line, b.At.Line))
	})
	return r.problems
}

// gaveUpRank puts what a document was given up on first: of a long list, no more is
// shown.
func gaveUpRank(p Problem) int {
	if p.What == sizeProblem {
		return 0
	}
	return 1
}

// sizeProblem is what a document is given up on.
const sizeProblem = "size"

// quote shows a value on one line, whatever is in it, and no more of it than
// tells the reader which one is meant, without what may be a secret.
func quote(text string) string {
	return strconv.Quote(clip(redact.Text(text)))
}

// quoteName is quote for a key: behind what no name has may begin a value.
func quoteName(text string) string {
	return strconv.Quote(redact.Name(text))
}

func clip(text string) string {
	const maxLength = 60
	if utf8.RuneCountInString(text) <= maxLength {
		return text
	}
	return string([]rune(text)[:maxLength]) + "…"
}

// quotedList names some things for a message.
func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, ", ")
}
