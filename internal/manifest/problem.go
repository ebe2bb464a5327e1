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

// A Problem is a reason why the CLI or Cloud Controller refuses a manifest; or why this tool does,
// if it says so.
type Problem struct {
	At sidecar.Position
	// Message is Cloud Controller's own message, if it has one, without the app's name.
	Message string
	Found   string // the value in the file; may be empty
	Want    string // what would be right; may be empty
	// Hidden is true if the platform does not show the message: the user sees a server error
	// instead.
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

// A Note is a remark on a setting that the platform accepts, but that is probably a mistake.
type Note struct {
	At   sidecar.Position
	Text string
}

func (n Note) String() string { return fmt.Sprintf("%s: %s", n.At, n.Text) }

// problems collects problems without duplicates.
type problems []Problem

func (p *problems) add(problem Problem) {
	for _, known := range *p {
		if known == problem {
			return
		}
	}
	*p = append(*p, problem)
}

// err returns nil if there are no problems.
func (p problems) err() error {
	all := make([]error, len(p))
	for i, problem := range p {
		all[i] = problem
	}
	return errors.Join(all...)
}

// show describes a value to users, with only as much of it as identifies it.
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

// quote quotes a text without possible secrets.
func quote(text string) string { return strconv.Quote(clip(redact.Text(text))) }

func clip(text string) string {
	const maxLength = 60
	if utf8.RuneCountInString(text) <= maxLength {
		return text
	}
	return string([]rune(text)[:maxLength]) + "…"
}
