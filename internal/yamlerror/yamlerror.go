// Package yamlerror explains to the author of a YAML document why a parser cannot read it: the
// line, what was found and what was expected. The parsers are gopkg.in/yaml.v2 and v3, and their
// forks, whose errors have all this only as text. It removes quotes of the document, which may be
// secrets.
package yamlerror

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// A Problem is a reason why a document cannot be read.
type Problem struct {
	Line        int // counted from 1
	Syntax      bool
	Found, Want string
}

// statedLine finds the line in a parser's error.
var statedLine = regexp.MustCompile(`^(?:yaml: )?(?:line ([0-9]+): )?`)

// countedFromZero matches the errors whose line is counted from 0; in all others, it is counted
// from 1.
var countedFromZero = regexp.MustCompile(`^did not find expected ('-' indicator|',' or '[]}]'|key$|node content|<)|^found (undefined tag handle|incompatible YAML|duplicate %)`)

var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)

// wrongKind matches errors about values of the wrong type.
var wrongKind = regexp.MustCompile("^cannot unmarshal (!!?[^ ]*)(?: `(.*)`)? into (.*)$")

// typeErrors is the beginning of an error that lists them.
const typeErrors = "yaml: unmarshal errors:\n"

// Explain returns why a document cannot be read: one syntax problem, or each value of the wrong
// type.
func Explain(content []byte, err error) []Problem {
	if list, ok := strings.CutPrefix(err.Error(), typeErrors); ok {
		var problems []Problem
		for line := range strings.SplitSeq(list, "\n") {
			problems = append(problems, explain(content, strings.TrimSpace(line)))
		}
		return problems
	}
	return []Problem{explain(content, err.Error())}
}

// Wrap returns the error for a document, with a line for each problem: the document's name, if it
// has one, the line number, what was found, and what was expected.
func Wrap(source string, content []byte, err error) error {
	var all []error
	for _, problem := range Explain(content, err) {
		what := ""
		if problem.Syntax {
			what = "syntax: "
		}
		at := fmt.Sprintf("%s:%d", source, problem.Line)
		if source == "" {
			at = fmt.Sprintf("line %d", problem.Line)
		}
		all = append(all, fmt.Errorf("%s: %sfound %s; expected %s", at, what, problem.Found, problem.Want))
	}
	return errors.Join(all...)
}

func explain(content []byte, message string) Problem {
	match := statedLine.FindStringSubmatch(message)
	text := strings.TrimPrefix(message, match[0])
	if kind := wrongKind.FindStringSubmatch(text); kind != nil {
		line, _ := strconv.Atoi(match[1])
		return Problem{Line: max(line, 1), Found: found(kind[1], kind[2]), Want: want(kind[3])}
	}
	return Problem{
		Line: syntaxLine(content, match[1], text), Syntax: true,
		Found: "what no YAML parser can read (" + redact.Quoted(text) + ")", Want: "YAML",
	}
}

// syntaxLine returns where the parser stopped. The parser does not state the first line, and no
// line for an alias without an anchor.
func syntaxLine(content []byte, stated, text string) int {
	if anchor := unknownAnchor.FindStringSubmatch(text); anchor != nil {
		before, _, _ := bytes.Cut(content, []byte("*"+anchor[1]))
		return 1 + bytes.Count(before, []byte("\n"))
	}
	line, err := strconv.Atoi(stated)
	if err != nil {
		return 1
	}
	if countedFromZero.MatchString(text) {
		line++
	}
	return min(line, 1+bytes.Count(bytes.TrimRight(content, "\r\n"), []byte("\n")))
}

// found describes a value with this tag to users.
func found(tag, value string) string {
	kind, known := map[string]string{
		"!!seq": "a list", "!!map": "a mapping", "!!str": "the text", "!!int": "the number", "!!float": "the number", "!!bool": "the boolean", "!!null": "nothing", "!!timestamp": "the time",
	}[tag]
	switch {
	case !known:
		return "a value with a tag"
	case value == "" || tag == "!!null":
		return strings.Replace(kind, "the ", "a ", 1)
	default:
		return redact.Quoted(kind + " `" + value + "`")
	}
}

// want describes a Go type to users.
func want(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case goType == "string":
		return "text"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	default:
		return "a mapping"
	}
}
