package shellscript

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// EndsInBackground reports whether the last part of a command runs in the background, so that the
// shell does not wait for it.
func EndsInBackground(file *syntax.File) bool {
	return len(file.Stmts) > 0 && file.Stmts[len(file.Stmts)-1].Background
}

// wrappers are commands that run the program in their first argument.
var wrappers = []string{"exec", "nohup", "command"}

// Programs returns the programs that a command calls, with these variables expanded. It leaves out
// those whose names have other expansions.
func Programs(file *syntax.File, variables map[string]string) (programs []string) {
	syntax.Walk(file, func(node syntax.Node) bool {
		call, ok := node.(*syntax.CallExpr)
		if !ok {
			return true
		}
		arguments := call.Args
		for len(arguments) > 1 && slices.Contains(wrappers, literal(arguments[0])) {
			arguments = arguments[1:]
		}
		if len(arguments) == 0 {
			return true
		}
		if program, ok := expand(arguments[0].Parts, variables); ok {
			programs = append(programs, program)
		}
		return true
	})
	return programs
}
