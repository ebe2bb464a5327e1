package shellscript

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// OnlyBash finds the first part of a script for sh that only bash has: on the stacks, sh is dash.
// It returns nil if there is none, or if the script looks at BASH_VERSION before: it knows which
// shell runs it.
func OnlyBash(file *syntax.File) *Problem {
	var found *Problem
	knowsShell := false
	syntax.Walk(file, func(node syntax.Node) bool {
		if found != nil || knowsShell || node == nil {
			return false
		}
		if expansion, ok := node.(*syntax.ParamExp); ok && expansion.Param.Value == "BASH_VERSION" {
			knowsShell = true
		}
		if what := onlyBash(node); what != "" {
			found = &Problem{Line: int(node.Pos().Line()), Found: what}
		}
		return found == nil
	})
	return found
}

func onlyBash(node syntax.Node) string {
	switch n := node.(type) {
	case *syntax.TestClause:
		return "[["
	case *syntax.ArithmCmd:
		return "(( … ))"
	case *syntax.ArrayExpr:
		return "an array"
	case *syntax.ProcSubst:
		return n.Op.String() + " … )"
	case *syntax.SglQuoted:
		if n.Dollar {
			return "$'…'"
		}
	case *syntax.Redirect:
		if n.Op == syntax.WordHdoc || n.Op == syntax.RdrAll || n.Op == syntax.AppAll {
			return n.Op.String()
		}
	case *syntax.FuncDecl:
		if n.RsrvWord {
			return "the word function"
		}
	case *syntax.ParamExp:
		if n.Slice != nil || n.Repl != nil || n.Excl || n.Index != nil {
			return "an expansion such as ${A/b/c}, ${A:0:1} or ${!A}"
		}
	case *syntax.DeclClause:
		if kind := n.Variant.Value; kind == "declare" || kind == "typeset" {
			return kind
		}
	case *syntax.CallExpr:
		return bashCommand(n)
	}
	return ""
}

func bashCommand(call *syntax.CallExpr) string {
	said := words(call)
	switch {
	case len(said) == 0:
		return ""
	case slices.Contains([]string{"source", "shopt", "pushd", "popd", "mapfile", "readarray"}, said[0]):
		return said[0]
	case said[0] == "set" && slices.Contains(said, "pipefail"):
		return "set -o pipefail"
	}
	return ""
}
