package render

import (
	"slices"
	"text/template/parse"
)

const (
	maxOpen      = 30 // templates that are followed inside each other
	maxOpenAgain = 4  // calls of the same template that are followed inside each other
	maxOpenExact = 2  // those of them that are followed with the value that they are called with
)

// list follows nodes. leaves means that a break or continue may have left the list before its end.
func (w *walker) list(list *parse.ListNode) (leaves bool) {
	if list == nil {
		return false
	}
	for _, node := range list.Nodes {
		if w.trial.remaining--; w.trial.remaining < 0 {
			return true
		}
		switch node := node.(type) {
		case *parse.ActionNode:
			w.declare(node.Pipe, w.pipe(node.Pipe))
		case *parse.IfNode:
			leaves = w.branch(&node.BranchNode, false)
		case *parse.WithNode:
			leaves = w.branch(&node.BranchNode, true)
		case *parse.RangeNode:
			leaves = w.iteration(&node.BranchNode)
		case *parse.TemplateNode:
			w.call(node)
		case *parse.BreakNode, *parse.ContinueNode:
			leaves = true
		}
		if leaves {
			return true
		}
	}
	return false
}

// branch follows if or, with its dot, with.
func (w *walker) branch(b *parse.BranchNode, setsDot bool) (leaves bool) {
	defer w.leave(len(w.vars), w.dot)
	value := w.pipe(b.Pipe)
	w.declare(b.Pipe, value)
	inner := w.dot
	if setsDot {
		inner = value
	}
	switch truth, known := value.truth(); {
	case known && truth:
		w.dot = inner
		return w.list(b.List)
	case known:
		return w.list(b.ElseList)
	default:
		return w.either(inner, b)
	}
}

// either follows both lists of a branch, of which the start carries out one.
func (w *walker) either(dot possible, b *parse.BranchNode) (leaves bool) {
	one, other := w.fork(), w.fork()
	one.dot = dot
	leavesOne, leavesOther := one.list(b.List), other.list(b.ElseList)
	if len(one.problems) > 0 && len(other.problems) > 0 {
		w.problems = append(append(w.problems, one.problems...), other.problems...)
	}
	w.forget(b.List, b.ElseList)
	return leavesOne || leavesOther
}

// iteration follows the first round of a range, in which variables still have the values that they
// had before it.
func (w *walker) iteration(b *parse.BranchNode) (leaves bool) {
	defer w.leave(len(w.vars), w.dot)
	over := w.pipe(b.Pipe)
	if over.isKnown() {
		w.report(b.Pipe, w.trial.iteration(over, len(b.Pipe.Decl)))
	}
	index, item, nonEmpty, empty := over.elements()
	switch declared := b.Pipe.Decl; len(declared) {
	case 1:
		w.set(declared[0].Ident[0], item, b.Pipe.IsAssign)
	case 2:
		w.set(declared[0].Ident[0], index, b.Pipe.IsAssign)
		w.set(declared[1].Ident[0], item, b.Pipe.IsAssign)
	}
	switch {
	case nonEmpty:
		w.dot = item
		w.list(b.List)
	case empty:
		leaves = w.list(b.ElseList)
	default:
		w.either(item, b)
		leaves = leavesRange(b.ElseList)
	}
	w.forget(b.Pipe, b.List)
	return leaves
}

// call follows a named template.
func (w *walker) call(node *parse.TemplateNode) {
	called := w.template.Lookup(node.Name)
	if called == nil || called.Tree == nil {
		w.report(node, w.trial.named(node.Name))
		return
	}
	dot := w.pipe(node.Pipe)
	w.declare(node.Pipe, dot)
	again := 0
	for _, name := range w.open {
		if name == node.Name {
			again++
		}
	}
	if again >= maxOpenExact {
		dot = possible{}
	}
	switch {
	case slices.ContainsFunc(w.surely, func(c call) bool { return c.name == node.Name && c.dot.equals(dot) }):
		w.report(node, errEndless)
		return
	case len(w.open) >= maxOpen || again >= maxOpenAgain:
		return
	}
	inside := *w
	inside.dot, inside.vars = dot, []variable{{"$", dot}}
	inside.open = append(slices.Clone(w.open), node.Name)
	inside.surely = append(slices.Clone(w.surely), call{node.Name, dot})
	inside.list(called.Root)
	w.problems = inside.problems
}
