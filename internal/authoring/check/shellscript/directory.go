package shellscript

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// afterChange returns the changes of the directory that are not undone after one more command. A
// script undoes them if it returns to the previous directory, to one that it has saved in a
// variable, or to the app's, in which it began (CF-14).
func afterChange(changes []Problem, saved map[string]bool, command string, arguments []*syntax.Word, line int) []Problem {
	var written []string
	for _, argument := range arguments {
		if text := wordText(argument); text != "--" && text != "-P" && text != "-L" {
			written = append(written, text)
		}
	}
	target := strings.Join(written, " ")
	switch {
	case command == "popd", command == "cd" && (target == "-" || target == "$OLDPWD"):
		return changes[:max(0, len(changes)-1)]
	case command == "cd" && (target == "" || target == "~" || target == "$HOME" || saved[strings.TrimPrefix(target, "$")]):
		return nil
	default:
		return append(changes, Problem{line, strings.TrimSpace(command + " " + target)})
	}
}

// wordText returns a word without quotes, with a single variable as $NAME, and longer expansions as
// they are written.
func wordText(word *syntax.Word) string {
	if name := expanded(word); name != "" {
		return "$" + name
	}
	if text := literal(word); text != "" || len(word.Parts) == 0 {
		return text
	}
	var text strings.Builder
	_ = syntax.NewPrinter().Print(&text, word) // a Builder never fails
	return strings.Trim(text.String(), `"`)
}

// expanded returns the name of the variable whose value, or a default for it, is the whole word.
func expanded(word *syntax.Word) string {
	if expansion := onlyExpansion(word); expansion != nil {
		return expansion.Param.Value
	}
	return ""
}

func onlyExpansion(word *syntax.Word) *syntax.ParamExp {
	if word == nil || len(word.Parts) != 1 {
		return nil
	}
	part := word.Parts[0]
	if quoted, ok := part.(*syntax.DblQuoted); ok && len(quoted.Parts) == 1 {
		part = quoted.Parts[0]
	}
	expansion, ok := part.(*syntax.ParamExp)
	if !ok || expansion.Param == nil || expansion.Length || expansion.Excl || expansion.Slice != nil || expansion.Repl != nil || expansion.Index != nil {
		return nil
	}
	return expansion
}

// keepsValue reports whether an assignment keeps a variable's value if it has one, such as
// PORT=${PORT:-8080}.
func keepsValue(name string, value *syntax.Word) bool {
	expansion := onlyExpansion(value)
	if expansion == nil || expansion.Param.Value != name {
		return false
	}
	if expansion.Exp == nil {
		return true
	}
	switch expansion.Exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull, syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return true
	default:
		return false
	}
}

// readsDirectory reports whether a word is $PWD or $(pwd).
func readsDirectory(word *syntax.Word) bool {
	if expanded(word) == "PWD" {
		return true
	}
	found := false
	if word != nil {
		syntax.Walk(word, func(node syntax.Node) bool {
			call, ok := node.(*syntax.CallExpr)
			found = found || ok && len(call.Args) == 1 && literal(call.Args[0]) == "pwd"
			return true
		})
	}
	return found
}
