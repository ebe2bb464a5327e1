package render

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"text/template"
	"text/template/parse"
)

// A walker follows a prepared template as its execution does, and collects the errors that every
// execution has, whatever the values are. If only the start can decide a condition, the errors in its
// branches count only if both branches fail.
type walker struct {
	source   source
	template *template.Template
	trial    *trial
	dot      possible
	vars     []variable
	// open are the names of the templates that call each other at this point, and surely those
	// calls of them that lead to this point whatever the values are.
	open     []string
	surely   []call
	problems []error
}

type variable struct {
	name  string
	value possible
}

// A call is one of a named template.
type call struct {
	name string
	dot  possible
}

// fork returns a walker for what the start may or may not carry out from here.
func (w *walker) fork() *walker {
	forked := *w
	forked.vars, forked.surely, forked.problems = slices.Clone(w.vars), nil, nil
	return &forked
}

// leave ends the scope of variables that were declared after the first ones, and of a dot.
func (w *walker) leave(variables int, dot possible) {
	w.vars, w.dot = w.vars[:variables], dot
}

// variable returns what is known of a variable.
func (w *walker) variable(name string) possible {
	for _, v := range slices.Backward(w.vars) {
		if v.name == name {
			return v.value
		}
	}
	return possible{}
}

// declare sets the variables of a pipeline.
func (w *walker) declare(pipe *parse.PipeNode, value possible) {
	if pipe == nil {
		return
	}
	for _, v := range pipe.Decl {
		w.set(v.Ident[0], value, pipe.IsAssign)
	}
}

// set declares a variable, or assigns to one that exists.
func (w *walker) set(name string, value possible, assign bool) {
	if !assign {
		w.vars = append(w.vars, variable{name, value})
		return
	}
	for i := range slices.Backward(w.vars) {
		if w.vars[i].name == name {
			w.vars[i].value = value
			return
		}
	}
}

// forget makes all variables unknown that these parts of the template may set.
func (w *walker) forget(parts ...parse.Node) {
	for _, part := range parts {
		inspect(part, func(node parse.Node) {
			pipe, ok := node.(*parse.PipeNode)
			if !ok {
				return
			}
			for _, set := range pipe.Decl {
				for i := range w.vars {
					if w.vars[i].name == set.Ident[0] {
						w.vars[i].value = possible{}
					}
				}
			}
		})
	}
}

// leavesRange reports whether a part of a template has a break or continue.
func leavesRange(part parse.Node) (leaves bool) {
	inspect(part, func(node parse.Node) {
		switch node.(type) {
		case *parse.BreakNode, *parse.ContinueNode:
			leaves = true
		}
	})
	return leaves
}

// report adds an error of package text/template at a node.
func (w *walker) report(at parse.Node, err error) {
	if err == nil {
		return
	}
	problem := w.source.explain(err)
	var inTemplate *TemplateError
	var plain *valueProblem
	switch {
	case errors.As(problem, &inTemplate):
	case errors.As(err, &plain):
		inTemplate = &TemplateError{At: w.source.at, What: plain.Error()}
	}
	if inTemplate != nil {
		location, _ := w.template.ErrorContext(at)
		line, column := lineAndColumn(location)
		problem = &TemplateError{w.source.at, line, w.source.column(line, column), inTemplate.What}
	}
	if !slices.ContainsFunc(w.problems, func(other error) bool { return other.Error() == problem.Error() }) {
		w.problems = append(w.problems, problem)
	}
}

// ofArgument matches errors that text/template reports at a function's argument.
var ofArgument = regexp.MustCompile(`: (?:expected string; found .*|wrong type for value; expected string; got \S.*)$`)

func isOfArgument(err error) bool { return err != nil && ofArgument.MatchString(fmt.Sprint(err)) }
