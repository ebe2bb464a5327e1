package render

import (
	"fmt"
	"regexp"
	"strings"
	"text/template"
	"time"
)

// Limits for all templates of one sidecar together. The time limits expensive single steps, such as
// quoting large files.
const (
	maxSteps = 200_000 // actions carried out, and rounds of range
	maxTime  = 10 * time.Second
)

// stepFunction is called before each action and in each round of range. Template authors cannot
// call it: prepare inserts it.
const stepFunction = "count_step"

// A budget is what remains of the limits.
type budget struct {
	steps int
	until time.Time
}

func newBudget() *budget { return &budget{maxSteps, time.Now().Add(maxTime)} }

// step returns an error if the budget is used up, and prints nothing.
func (b *budget) step() (string, error) {
	b.steps--
	switch {
	case b.steps < 0:
		return "", valueError(fmt.Errorf("the templates of this sidecar take more than %d steps; expected at most that: range over less", maxSteps))
	case time.Now().After(b.until):
		return "", valueError(fmt.Errorf("the templates of this sidecar take more than %s; expected at most that: range over less", maxTime))
	}
	return "", nil
}

// limitedFunctions replaces functions of text/template that produce text, so that none produces
// more than maxFile bytes.
func limitedFunctions() template.FuncMap {
	functions := template.FuncMap{"printf": limitedPrintf}
	for name, function := range map[string]func(...any) string{
		"print": fmt.Sprint, "println": fmt.Sprintln,
		"html": template.HTMLEscaper, "js": template.JSEscaper, "urlquery": template.URLQueryEscaper,
	} {
		functions[name] = func(arguments ...any) (string, error) {
			if _, total := sizes(arguments); total > maxFile {
				return "", errTooLarge
			}
			return limited(function(arguments...))
		}
	}
	return functions
}

// wideVerb matches a verb of fmt that may pad its text to far more than the argument's size.
var wideVerb = regexp.MustCompile(`%[^%a-zA-Z]*(?:\d{4}|\*)`)

// maxVerb is the most that fmt pads to, in bytes.
const maxVerb = 1_000_000

// limitedPrintf is fmt.Sprintf, but fails before it produces much more than maxFile bytes: a format
// can use the same argument many times.
func limitedPrintf(format string, arguments ...any) (string, error) {
	largest, _ := sizes(arguments)
	if wideVerb.MatchString(format) {
		largest = max(largest, maxVerb)
	}
	if len(format) > maxFile || strings.Count(format, "%")*largest > 4*maxFile {
		return "", errTooLarge
	}
	return limited(fmt.Sprintf(format, arguments...))
}

// limited returns a text of at most maxFile bytes, or an error.
func limited(text string) (string, error) {
	if len(text) > maxFile {
		return "", errTooLarge
	}
	return text, nil
}

// sizes returns the size of the largest argument and of all together, in bytes of text.
func sizes(arguments []any) (largest, total int) {
	for _, argument := range arguments {
		text, ok := argument.(string)
		if !ok {
			text = fmt.Sprint(argument)
		}
		largest, total = max(largest, len(text)), total+len(text)
	}
	return largest, total
}
