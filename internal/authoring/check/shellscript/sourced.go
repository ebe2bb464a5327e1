package shellscript

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Sourced finds the effects of sourcing a script.
func Sourced(file *syntax.File) Effects {
	v := &visitor{own: map[string]bool{}, saved: map[string]bool{}, functions: map[string]*syntax.Stmt{}}
	v.stmts(file.Stmts)
	v.Options = v.set.problems()
	return v.Effects
}

// stmts visits statements of the sourcing shell, up to the first that returns.
func (v *visitor) stmts(all []*syntax.Stmt) {
	for _, stmt := range all {
		v.stmt(stmt)
		if returns(stmt) {
			return
		}
	}
}

func (v *visitor) stmt(stmt *syntax.Stmt) {
	if stmt.Background || stmt.Coprocess {
		return // it runs in a subshell
	}
	v.redirected(stmt)
	v.command(stmt.Cmd)
}

// conditional visits statements under a condition, in which these variables are empty.
func (v *visitor) conditional(all []*syntax.Stmt, empty map[string]bool) {
	before := v.empty
	v.empty = empty
	v.conditions++
	v.stmts(all)
	v.conditions--
	v.empty = before
}

func (v *visitor) command(command syntax.Command) {
	switch c := command.(type) {
	case *syntax.CallExpr:
		v.call(c)
	case *syntax.FuncDecl:
		v.functions[c.Name.Value] = c.Body
	case *syntax.DeclClause:
		v.declaration(c)
	case *syntax.Block:
		v.stmts(c.Stmts)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			v.stmts(c.Cond)
			empty, _ := emptyIn(c.Cond)
			v.conditional(c.Then, empty)
		}
	case *syntax.WhileClause:
		v.loop(c)
		v.stmts(c.Cond)
		v.stmts(c.Do)
	case *syntax.ForClause:
		v.stmts(c.Do)
	case *syntax.CaseClause:
		for _, item := range c.Items {
			v.conditional(item.Stmts, nil)
		}
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			return // each part runs in a subshell
		}
		v.stmt(c.X)
		if returns(c.X) || c.Op == syntax.OrStmt && succeedsOrReturns(c.X) {
			return
		}
		empty, unless := emptyIn([]*syntax.Stmt{c.X})
		if c.Op == syntax.OrStmt {
			empty = unless
		}
		v.conditional([]*syntax.Stmt{c.Y}, empty)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			v.stmt(c.Stmt)
		}
	}
}

const (
	// maxCalls limits how deep functions of a script call one another.
	maxCalls = 20
	// maxVisits limits the calls of functions that are followed in one script: a function that calls
	// itself in several places has exponentially many.
	maxVisits = 1000
)

func (v *visitor) call(call *syntax.CallExpr) {
	if len(call.Args) == 0 {
		v.assignments(call.Assigns)
		return
	}
	said := words(call)
	line := int(call.Pos().Line())
	if body := v.functions[said[0]]; body != nil && v.calls < maxCalls && v.visits < maxVisits {
		v.calls++
		v.visits++
		v.stmt(body)
		v.calls--
		return
	}
	if said[0] == "eval" {
		v.eval(said[1:])
		return
	}
	v.builtin(call, line, said)
}

// eval visits commands in text without expansions.
func (v *visitor) eval(arguments []string) {
	if slices.Contains(arguments, "") {
		return
	}
	if file, problem := parse([]byte(strings.Join(arguments, " "))); problem == nil {
		v.stmts(file.Stmts)
	}
}
