package manifest

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// A Problem is one thing for which the CLI or Cloud Controller turns a manifest
// down, or this tool does where it says so.
type Problem struct {
	At sidecar.Position
	// Message is Cloud Controller's own, without the app's name, wherever it has
	// one.
	Message string
	Found   string // what is in the file; may be empty
	Want    string // what would be right; may be empty
	// Hidden tells that the platform keeps the message to itself: the user sees
	// a server error instead.
	Hidden bool
}

func (p Problem) Error() string {
	text := p.Message
	if p.Hidden || p.Found != "" || p.Want != "" {
		text = printable.Unended(text)
	}
	message := fmt.Sprintf("%s: %s", p.At, text)
	if p.Hidden {
		message += " (the user sees a server error instead)"
	}
	if p.Found != "" {
		message += "; found " + p.Found
	}
	if p.Want != "" {
		message += "; expected " + p.Want
	}
	return message
}

// A Note is what the platform takes and is most likely not meant.
type Note struct {
	At   sidecar.Position
	Text string
}

func (n Note) String() string { return fmt.Sprintf("%s: %s", n.At, n.Text) }

// problems collects them, one of each.
type problems []Problem

func (p *problems) add(problem Problem) {
	for _, known := range *p {
		if known == problem {
			return
		}
	}
	*p = append(*p, problem)
}

// err is nil if there are no problems.
func (p problems) err() error {
	all := make([]error, len(p))
	for i, problem := range p {
		all[i] = problem
	}
	return errors.Join(all...)
}

// show is a value in the words of a reader of the file, and no more of it than
// tells which one is meant.
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case bool:
		return fmt.Sprintf("the boolean %t", v)
	case string:
		return quote(v)
	case []any:
		return "a list"
	case object:
		return "a mapping"
	default:
		return "the number " + clip(inspect(v))
	}
}

// quote leaves out what may be a secret.
func quote(text string) string { return strconv.Quote(clip(redact.Text(text))) }

func clip(text string) string {
	const maxLength = 60
	if utf8.RuneCountInString(text) <= maxLength {
		return text
	}
	return string([]rune(text)[:maxLength]) + "…"
}
