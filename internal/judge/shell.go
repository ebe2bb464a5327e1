package judge

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A call is one simple command of a shell command.
type call struct {
	// words are its name without a directory, and its arguments, after the shell's quoting; a word
	// that is only known at the start is empty. Words that only run the rest, such as exec, are
	// omitted.
	words []string
	// assigned are the variables assigned before it.
	assigned []string
}

// calls returns the simple commands of a shell command in order, or none if bash would reject it.
func calls(command string) []call {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(command), "")
	if err != nil {
		return nil
	}
	var all []call
	syntax.Walk(file, func(node syntax.Node) bool {
		n, ok := node.(*syntax.CallExpr)
		if !ok || len(n.Args) == 0 {
			return true
		}
		var one call
		for _, a := range n.Assigns {
			one.assigned = append(one.assigned, a.Name.Value)
		}
		for _, word := range n.Args {
			one.words = append(one.words, literal(word))
		}
		for len(one.words) > 1 && (one.words[0] == "exec" || one.words[0] == "command") {
			one.words = one.words[1:]
		}
		if name := one.words[0]; name != "" {
			one.words[0] = path.Base(name)
		} else { // for example "$JAVA_HOME/bin/java"
			one.words[0] = path.Base(strings.Trim(text(n.Args[len(n.Args)-len(one.words)]), `"'`))
		}
		all = append(all, one)
		return true
	})
	return all
}

// literal returns a word without its quotes, or nothing if it contains anything to expand other
// than $HOME.
func literal(word *syntax.Word) string {
	text, ok := unquoted(word.Parts)
	if !ok {
		return ""
	}
	return text
}

func unquoted(parts []syntax.WordPart) (string, bool) {
	text := ""
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			text += p.Value
		case *syntax.SglQuoted:
			text += p.Value
		case *syntax.DblQuoted:
			inner, ok := unquoted(p.Parts)
			if !ok {
				return "", false
			}
			text += inner
		case *syntax.ParamExp:
			if p.Param == nil || p.Param.Value != "HOME" || p.Exp != nil {
				return "", false
			}
			text += "$HOME"
		default:
			return "", false
		}
	}
	return text, true
}

// text returns a word as written in a script.
func text(word *syntax.Word) string {
	var written strings.Builder
	if syntax.NewPrinter().Print(&written, word) != nil {
		return ""
	}
	return written.String()
}
