// Package shellscript analyzes shell scripts without running them: whether bash can read them, and
// how a script affects the shell that sources it.
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

// MaxSize is the maximum size of a script, in bytes; no one writes longer ones by hand.
const MaxSize = 1 << 20

// A Problem is a problem at a line of a script.
type Problem struct {
	Line  int
	Found string
}

// Language returns the shell in a script's first line: bash, sh or "". A profile.d script is bash
// in any case, since the launcher sources it.
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

// WindowsLine returns the first line that ends with CR and LF, counted from 1; 0 if there is none.
// The shell takes the CR as part of the last word.
func WindowsLine(content []byte) int {
	at := bytes.Index(content, []byte("\r\n"))
	if at < 0 {
		return 0
	}
	return 1 + bytes.Count(content[:at], []byte("\n"))
}

// Parse parses a script. The Problem is nil if there is no syntax error. Both are nil if bash can
// read a script that this package's parser cannot, such as $((a) | b), which bash reads as a
// command because it is not arithmetic.
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

// bashTimeout is the maximum time for bash to read a script.
const bashTimeout = 10 * time.Second

// bashReads reports whether this machine's bash finds no error in a script. It runs nothing.
func bashReads(content []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), bashTimeout)
	defer cancel()
	bash := exec.CommandContext(ctx, "bash", "--norc", "--noprofile", "-n")
	bash.Env, bash.Stdin = []string{}, bytes.NewReader(content)
	return bash.Run() == nil
}

// words returns a call's words, with "" for those with expansions.
func words(call *syntax.CallExpr) []string {
	var all []string
	for _, word := range call.Args {
		all = append(all, literal(word))
	}
	return all
}
