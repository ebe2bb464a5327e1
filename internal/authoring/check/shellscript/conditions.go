package shellscript

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// returns reports whether a sourced script ends after a statement. In such a script, return never
// fails, so the part after || in "return 0 2>/dev/null || exit 0" never runs.
func returns(stmt *syntax.Stmt) bool {
	switch c := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		return len(c.Args) > 0 && literal(c.Args[0]) == "return"
	case *syntax.BinaryCmd:
		return (c.Op == syntax.AndStmt || c.Op == syntax.OrStmt) && returns(c.X)
	case *syntax.Block:
		return slices.ContainsFunc(c.Stmts, returns)
	default:
		return false
	}
}

// succeedsOrReturns matches statements such as [ -n "$A" ] || return 0.
func succeedsOrReturns(stmt *syntax.Stmt) bool {
	c, ok := stmt.Cmd.(*syntax.BinaryCmd)
	return ok && c.Op == syntax.OrStmt && returns(c.Y)
}

// A test is a condition: its words and operators, and what is expanded in them.
type test struct {
	operators, operands []string
	reads               map[string]bool // variables; "$(NAME" is a command's output
}

// testOf reads a condition that is a single test: [ … ], test …, [[ … ]] or (( … )).
func testOf(stmts []*syntax.Stmt) (found test, ok bool) {
	if len(stmts) != 1 {
		return found, false
	}
	found.reads = map[string]bool{}
	if stmts[0].Negated {
		found.operators = append(found.operators, "!")
	}
	switch c := stmts[0].Cmd.(type) {
	case *syntax.CallExpr:
		said := words(c)
		if len(said) == 0 || said[0] != "[" && said[0] != "test" {
			return found, false
		}
		for _, word := range said[1:] {
			if strings.HasPrefix(word, "-") || strings.Trim(word, "=!") == "" && word != "" {
				found.operators = append(found.operators, word)
			} else {
				found.operands = append(found.operands, word)
			}
		}
	case *syntax.TestClause, *syntax.ArithmCmd:
		syntax.Walk(c, func(node syntax.Node) bool {
			switch n := node.(type) {
			case *syntax.BinaryTest:
				found.operators = append(found.operators, n.Op.String())
			case *syntax.UnaryTest:
				found.operators = append(found.operators, n.Op.String())
			case *syntax.BinaryArithm:
				found.operators = append(found.operators, n.Op.String())
			case *syntax.Word:
				found.operands = append(found.operands, literal(n))
			}
			return true
		})
	default:
		return found, false
	}
	syntax.Walk(stmts[0], func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.ParamExp:
			found.reads[n.Param.Value] = true
		case *syntax.Lit: // as in (( EUID == 0 ))
			found.reads[n.Value] = true
		case *syntax.CallExpr: // a command whose output is tested
			found.reads["$("+path.Base(firstOf(n.Args))] = true
		}
		return true
	})
	return found, true
}

func (t test) has(operators ...string) bool {
	return slices.ContainsFunc(t.operators, func(o string) bool { return slices.Contains(operators, o) })
}

// isRoot reports whether a condition only holds for root; isOther whether it holds for all other
// users.
func isRoot(condition []*syntax.Stmt) (isRoot, isOther bool) {
	t, ok := testOf(condition)
	if !ok || !slices.Contains(t.operands, "0") && !slices.Contains(t.operands, "root") {
		return false, false
	}
	if !t.reads["EUID"] && !t.reads["UID"] && !t.reads["USER"] && !t.reads["$(id"] && !t.reads["$(whoami"] {
		return false, false
	}
	isRoot, isOther = t.has("=", "==", "-eq"), t.has("!=", "-ne")
	if t.has("!") {
		return isOther, isRoot
	}
	return isRoot, isOther
}

func firstOf(all []*syntax.Word) string {
	if len(all) == 0 {
		return ""
	}
	return literal(all[0])
}

// emptyIn returns the variables that are empty or unset if a condition holds, and those if it does
// not.
func emptyIn(condition []*syntax.Stmt) (ifTrue, ifFalse map[string]bool) {
	t, ok := testOf(condition)
	switch {
	case !ok:
		return nil, nil
	case t.has("-z") != t.has("!"):
		return t.reads, nil
	case t.has("-n", "-z") || len(t.operators) == 0: // as in [ "$A" ]
		return nil, t.reads
	}
	return nil, nil
}
