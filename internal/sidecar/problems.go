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

// A Position is a place in a document: the file's name as the user knows it, or the name of an
// environment variable, and the line, counted from 1; 0 if there is no line.
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

// A Problem is one mistake in what the user wrote.
type Problem struct {
	At    Position
	What  string // the field or the sidecar
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

// Problems is every Problem that was found. As an error it prints one a line, first those that
// stopped the reading of a document, and no more than listing.Max.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(listing.Lines(lines), "\n")
}

// A diagnostics collects problems without duplicates: YAML aliases can lead to the same node many
// times.
type diagnostics struct {
	problems Problems
	seen     map[Problem]bool
	gaveUp   bool // stopped reading a document, so missing things may just be unread
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

// giveUp reports that a document is too large.
func (r *diagnostics) giveUp(at Position, found string) {
	r.add(Problem{At: at, What: sizeProblem, Found: found, Want: "fewer, or aliases that repeat less"})
	r.gaveUp = true
}

// err returns the problems in the order of the documents and their lines, or nil if there are none;
// an empty Problems, converted to error, would not be nil.
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

// gaveUpRank sorts problems that stopped the reading of a document first, since a long list is cut.
func gaveUpRank(p Problem) int {
	if p.What == sizeProblem {
		return 0
	}
	return 1
}

// sizeProblem names the problem of a document that is too large.
const sizeProblem = "size"

// quote shows a value on one line, without what may be a secret, and shortened to what identifies
// it.
func quote(text string) string {
	return strconv.Quote(clip(redact.Text(text)))
}

// quoteName is quote for a key: a value may begin after a character that no name contains.
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

// quotedList lists names for a message.
func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, ", ")
}
