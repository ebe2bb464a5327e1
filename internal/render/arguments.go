package render

import (
	"fmt"
	"reflect"
	"strconv"
	"text/template/parse"
)

// A literal is a quoted text in the template itself, as an argument of a function. Errors only
// quote literals: any other text may come from a binding.
type literal string

// literalFunction converts a text to a literal. Template authors cannot call it: prepare inserts
// it.
const literalFunction = "literal_text"

func toLiteral(text string) literal { return literal(text) }

// markLiterals converts the quoted texts among a call's arguments to literals.
func markLiterals(tree *parse.Tree, call *parse.CommandNode) {
	for i, argument := range call.Args[1:] {
		text, ok := argument.(*parse.StringNode)
		if !ok {
			continue
		}
		function := parse.NewIdentifier(literalFunction).SetPos(text.Pos).SetTree(tree)
		marked := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: text.Pos, Args: []parse.Node{function, text}}
		call.Args[i+1] = &parse.PipeNode{NodeType: parse.NodePipe, Pos: text.Pos, Cmds: []*parse.CommandNode{marked}}
	}
}

// calls reports whether a command calls a function.
func calls(command *parse.CommandNode, function string) bool {
	called, ok := command.Args[0].(*parse.IdentifierNode)
	return ok && called.Ident == function
}

// literalOf returns the text of an argument that markLiterals has converted.
func literalOf(argument parse.Node) (text string, ok bool) {
	pipe, ok := argument.(*parse.PipeNode)
	if !ok || len(pipe.Cmds) != 1 || !calls(pipe.Cmds[0], literalFunction) {
		return "", false
	}
	node, ok := pipe.Cmds[0].Args[1].(*parse.StringNode)
	if !ok {
		return "", false
	}
	return node.Text, true
}

// A textArgument is a function's argument that is text.
type textArgument struct {
	text string
	// shown is the text in quotes if it is a literal of the template, and otherwise says which
	// argument it is.
	shown string
}

// isShown reports whether errors may contain the text.
func (a textArgument) isShown() bool { return a.shown == strconv.Quote(a.text) }

// stated converts a text that a sidecar's definition contains, outside of a template.
func stated(text string) textArgument { return textArgument{text, strconv.Quote(text)} }

var ordinals = []string{"", "second "}

// textArguments returns a function's arguments, which must be texts, and from least to maximum in
// number.
func textArguments(function, usage string, arguments []any, least, maximum int) ([]textArgument, error) {
	if len(arguments) < least || len(arguments) > maximum {
		return nil, valueError(fmt.Errorf("found %d arguments of %s; expected %s", len(arguments), function, usage))
	}
	var texts []textArgument
	for i, argument := range arguments {
		v := reflect.ValueOf(argument)
		if v.Kind() != reflect.String {
			return nil, valueError(fmt.Errorf("found an argument of %s that is not text; expected %s", function, usage))
		}
		one := stated(v.String())
		if _, ok := argument.(literal); !ok {
			one.shown = fmt.Sprintf("(the %sargument of %s, not shown)", ordinals[i], function)
		}
		texts = append(texts, one)
	}
	return texts, nil
}
