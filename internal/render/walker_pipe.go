package render

import (
	"text/template/parse"
)

// pipe returns what is known of the value of a pipeline, and reports what always fails in it.
func (w *walker) pipe(pipe *parse.PipeNode) possible {
	value := fixedValue(nil)
	if pipe == nil {
		return value
	}
	for i, command := range pipe.Cmds {
		var last []operand
		if i > 0 {
			last = []operand{{"", value}}
		}
		value = w.command(command, last)
	}
	return value
}

// command returns what is known of the value of a command. last is the value in front of it in a
// pipeline, if any.
func (w *walker) command(command *parse.CommandNode, last []operand) possible {
	switch first := command.Args[0].(type) {
	case *parse.IdentifierNode:
		if first.Ident == "and" || first.Ident == "or" {
			return w.junction(first, command.Args[1:], last)
		}
		return w.function(command, first, append(w.operands(command.Args[1:]), last...))
	case *parse.FieldNode:
		return w.chain(first, w.dot, first.Ident, append(w.operands(command.Args[1:]), last...))
	case *parse.ChainNode:
		return w.chain(first, w.operand(first.Node).value, first.Field, append(w.operands(command.Args[1:]), last...))
	case *parse.VariableNode:
		value := w.variable(first.Ident[0])
		if len(first.Ident) > 1 {
			return w.chain(first, value, first.Ident[1:], append(w.operands(command.Args[1:]), last...))
		}
		return w.value(first, operand{"", value}, command.Args[1:], last)
	default:
		return w.value(first, w.operand(first), command.Args[1:], last)
	}
}

// function calls a function.
func (w *walker) function(command *parse.CommandNode, name *parse.IdentifierNode, operands []operand) possible {
	if name.Ident == stepFunction {
		return fixedValue("")
	}
	value, err := w.trial.function(name.Ident, operands)
	var at parse.Node = command
	if len(command.Args) > 1 && isOfArgument(err) {
		at = command.Args[1]
	}
	w.report(at, err)
	return value
}

// chain reads fields, one of the other. The last may be a method with arguments.
func (w *walker) chain(at parse.Node, value possible, fields []string, arguments []operand) possible {
	for i, field := range fields {
		operands := []operand{{"", value}}
		if i == len(fields)-1 {
			operands = append(operands, arguments...)
		}
		next, err := w.trial.field(field, operands)
		if err != nil {
			w.report(at, err)
			return possible{}
		}
		value = next
	}
	return value
}

// value returns a value that takes no arguments.
func (w *walker) value(at parse.Node, value operand, arguments []parse.Node, last []operand) possible {
	if len(arguments)+len(last) == 0 && value.form == "" {
		return value.value
	}
	operands := []operand{value}
	for range arguments {
		operands = append(operands, operand{"", fixedValue(nil)})
	}
	result, err := w.trial.value(append(operands, last...))
	w.report(at, err)
	return result
}

// junction follows and and or, which carry out arguments until one decides.
func (w *walker) junction(function *parse.IdentifierNode, arguments []parse.Node, last []operand) possible {
	if len(arguments) == 0 {
		value, err := w.trial.function(function.Ident, last)
		w.report(function, err)
		return value
	}
	for i, argument := range arguments {
		value := w.operand(argument).value
		truth, known := value.truth()
		switch {
		case known && truth == (function.Ident == "or"):
			return value
		case !known:
			rest := w.fork()
			rest.operands(arguments[i+1:])
			w.forget(arguments[i+1:]...)
			return possible{}
		case i == len(arguments)-1 && len(last) == 0:
			return value
		}
	}
	return last[0].value
}

func (w *walker) operands(nodes []parse.Node) []operand {
	operands := make([]operand, len(nodes))
	for i, node := range nodes {
		operands[i] = w.operand(node)
	}
	return operands
}

// operand returns an argument of a call.
func (w *walker) operand(node parse.Node) operand {
	switch node := node.(type) {
	case *parse.DotNode:
		return operand{"", w.dot}
	case *parse.PipeNode:
		value := w.pipe(node)
		w.declare(node, value)
		return operand{"", value}
	case *parse.NilNode:
		return operand{"nil", fixedValue(nil)}
	case *parse.StringNode:
		return operand{node.Quoted, fixedValue(node.Text)}
	case *parse.BoolNode:
		return operand{node.String(), fixedValue(node.True)}
	case *parse.NumberNode:
		value, err := w.trial.value([]operand{{node.Text, fixedValue(nil)}})
		w.report(node, err)
		return operand{node.Text, value}
	default:
		return operand{"", w.command(&parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Position(), Args: []parse.Node{node}}, nil)}
	}
}
