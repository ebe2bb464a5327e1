package render

import (
	"fmt"
	"regexp"
	"strings"
	"text/template"
	"time"
)

// The limits for all templates of one sidecar together. The time is for work that is much in few
// steps, such as quoting large files.
const (
	maxSteps = 200_000 // actions that are carried out, and rounds of range
	maxTime  = 10 * time.Second
)

// stepFunction is called before each action and in each round of range. It is no function of a
// template's author: prepare puts it in.
const stepFunction = "count_step"

// A budget is what is left of the limits.
type budget struct {
	steps int
	until time.Time
}

func newBudget() *budget { return &budget{maxSteps, time.Now().Add(maxTime)} }

// step is an error when the budget is used up, and prints nothing.
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

// limitedFunctions are those of text/template that make text of texts, of which none makes more
// than maxFile bytes.
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

// wideVerb is a verb of fmt that may fill its text up to much more than the argument has.
var wideVerb = regexp.MustCompile(`%[^%a-zA-Z]*(?:\d{4}|\*)`)

// maxVerb is the most that fmt fills up to, in bytes.
const maxVerb = 1_000_000

// limitedPrintf is fmt.Sprintf. It refuses what could make much more than maxFile bytes before it
// makes them: a format can ask for the same argument many times.
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

// limited is a text of at most maxFile bytes.
func limited(text string) (string, error) {
	if len(text) > maxFile {
		return "", errTooLarge
	}
	return text, nil
}

// sizes are the bytes of the largest argument and of all, as text.
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
