package render

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// A TemplateError says what is wrong in a template, and where. It quotes neither values nor texts
// of the template.
type TemplateError struct {
	At           string // the template's name for the user
	Line, Column int    // counted from 1, in characters; column 0 if only the line is known
	What         string
}

func (e *TemplateError) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", e.At, e.Line, e.What)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.At, e.Line, e.Column, e.What)
}

// templateName is the name that package text/template puts before the position in its errors.
const templateName = "template"

// Both begin with "template: NAME:". A parse error has the line, an execution error the line and
// the column, in bytes from 0.
var (
	parseError   = regexp.MustCompile(`^template: ` + templateName + `:(\d+): (?s:(.*))$`)
	executeError = regexp.MustCompile(`^template: ` + templateName + `:(\d+):(\d+): executing "(?:[^"\\]|\\.)*" at (?s:(.*))$`)
)

// explain converts an error of package text/template. Only the error's text contains the position.
func (s source) explain(err error) error {
	text := err.Error()
	if errors.Is(err, errTooLarge) {
		return fmt.Errorf("%s: %w", s.at, errTooLarge)
	}
	if found := executeError.FindStringSubmatch(text); found != nil {
		line, column := number(found[1]), number(found[2])
		return &TemplateError{s.at, line, s.column(line, column), whyNotExecuted(err, found[3])}
	}
	if found := parseError.FindStringSubmatch(text); found != nil {
		return &TemplateError{s.at, number(found[1]), 0, whyNotParsed(found[2])}
	}
	return fmt.Errorf("%s: it is not a template of Go's text/template", s.at)
}

// lineAndColumn parses a position in an error of the template package.
func lineAndColumn(location string) (line, column int) {
	parts := strings.Split(location, ":")
	return number(parts[len(parts)-2]), number(parts[len(parts)-1])
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // the expression only matches digits
	return n
}

// column counts characters from 1, while the template package counts bytes from 0.
func (s source) column(line, bytes int) int {
	text := s.text
	for range line - 1 {
		_, text, _ = strings.Cut(text, "\n")
	}
	return 1 + utf8.RuneCountInString(text[:min(bytes, len(text))])
}

var (
	notDefined = regexp.MustCompile(`^function "(\w+)" not defined$`)
	// singleQuotes matches errors that quote such text without double quotes around it.
	singleQuotes = regexp.MustCompile(`^(?:malformed|unterminated) character constant`)
	quoted       = regexp.MustCompile(`"(?:[^"\\]|\\.)*"(?:\.\.\.)?`)
)

// functionNames lists the functions of templates other than text/template's own, for messages; see
// scope.functions.
const functionNames = "base64, binding, cert, config, default, env, file, json, text, toml, yaml"

// elsewhere maps names of functions in Helm, consul-template and Ansible, in lower case, to those here.
var elsewhere = map[string]string{
	"tojson": "json", "to_json": "json", "quote": "json", "toyaml": "yaml", "to_yaml": "yaml", "totoml": "toml", "b64enc": "base64", "b64encode": "base64", "base64encode": "base64",
	"getenv": "env", "secret": "binding", "credential": "binding", "credentials": "binding", "key": "config", "readfile": "file", "include": "file",
}

// whyNotParsed returns the reason of a parse error. It removes text that the parser quotes from the
// template, which may be a secret, except for the name of a function.
func whyNotParsed(reason string) string {
	if found := notDefined.FindStringSubmatch(reason); found != nil {
		meant := cmp.Or(elsewhere[strings.ToLower(found[1])], suggest.Name(found[1], strings.Split(functionNames, ", ")))
		return fmt.Sprintf("found the function %q%s, one of Go's text/template, or text in double quotes", found[1], suggest.Before(meant, "expected one of "+functionNames))
	}
	if singleQuotes.MatchString(reason) {
		return "found text in single quotes; expected double quotes"
	}
	return quoted.ReplaceAllString(reason, "a text")
}

// whyNotExecuted returns the reason of an execution error.
func whyNotExecuted(err error, reason string) string {
	var problem *valueProblem
	var missing *missingError
	switch {
	case errors.As(err, &missing):
		return missing.Error()
	case errors.As(err, &problem):
		return problem.Error()
	}
	return whyRejected(reason)
}
