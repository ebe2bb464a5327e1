// Package shellscript reads shell scripts without running them: whether bash can read them, and
// what a script does to the shell that sources it.
package shellscript

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"
)

// MaxSize is the most of a script that is read, in bytes; a longer one is none that a
// person has written.
const MaxSize = 1 << 20

// A Problem is one thing at a line of a script.
type Problem struct {
	Line  int
	Found string
}

// Language is the shell that a script's first line names: bash, sh or none. A profile.d
// script is bash, whatever it says, since the launcher sources it.
func Language(content []byte) string {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	rest, ok := strings.CutPrefix(string(line), "#!")
	if !ok {
		return ""
	}
	for _, word := range strings.Fields(rest) {
		switch name := path.Base(word); name {
		case "bash":
			return "bash"
		case "sh", "dash":
			return "sh"
		}
	}
	return ""
}

// Parse reads a script. The Problem is nil where there is no syntax error. The file is nil, too, where
// bash can read a script that this package's parser cannot, such as $((a) | b), which bash
// takes for a command once it is no arithmetic.
func Parse(content []byte) (*syntax.File, *Problem) {
	file, problem := parse(content)
	if problem != nil && bashReads(content) {
		return nil, nil
	}
	return file, problem
}

func parse(content []byte) (*syntax.File, *Problem) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(bytes.NewReader(content), "")
	var parse syntax.ParseError
	var lang syntax.LangError
	switch {
	case err == nil:
		return file, nil
	case errors.As(err, &parse):
		return nil, &Problem{Line: int(parse.Pos.Line()), Found: parse.Text}
	case errors.As(err, &lang):
		return nil, &Problem{Line: int(lang.Pos.Line()), Found: lang.Feature}
	default:
		return nil, &Problem{Line: 1, Found: err.Error()}
	}
}

// bashTimeout is how long bash may take to read a script.
const bashTimeout = 10 * time.Second

// bashReads tells whether this machine's bash finds no error in a script, of which it runs
// nothing.
func bashReads(content []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), bashTimeout)
	defer cancel()
	bash := exec.CommandContext(ctx, "bash", "--norc", "--noprofile", "-n")
	bash.Env, bash.Stdin = []string{}, bytes.NewReader(content)
	return bash.Run() == nil
}

// words are a call's words as they are written, with what has to be expanded left as "".
func words(call *syntax.CallExpr) []string {
	var all []string
	for _, word := range call.Args {
		all = append(all, literal(word))
	}
	return all
}

// literal is a word that nothing has to be expanded in, without its quotes.
func literal(word *syntax.Word) string {
	if word == nil {
		return ""
	}
	var text strings.Builder
	for _, part := range word.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			text.WriteString(p.Value)
		case *syntax.SglQuoted:
			text.WriteString(p.Value)
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					return ""
				}
				text.WriteString(lit.Value)
			}
		default:
			return ""
		}
	}
	return text.String()
}
