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

// A signature says how a function is called that takes texts.
type signature struct {
	usage       string
	least, most int // arguments
}

var signatures = map[string]signature{
	"binding": {`binding "KEY" or binding "KEY" "SERVICE"`, 1, 2},
	"text":    {`text "KEY" or text "KEY" "SERVICE"`, 1, 2},
	"config":  {`config "KEY"`, 1, 1},
	"env":     {`env "NAME"`, 1, 1},
	"file":    {`file "PATH"`, 1, 1},
	"cert":    {`cert "certificate", cert "key" or cert "authorities" for a path, or with ` + pemSuffix + ` at its end for the content`, 0, 1},
}

// textArguments returns the arguments of one of these functions, which must be texts.
func textArguments(function string, arguments []any) ([]textArgument, error) {
	expected := signatures[function]
	if len(arguments) < expected.least || len(arguments) > expected.most {
		return nil, valueError(fmt.Errorf("found %d arguments of %s; expected %s", len(arguments), function, expected.usage))
	}
	var texts []textArgument
	for i, argument := range arguments {
		v := reflect.ValueOf(argument)
		if v.Kind() != reflect.String {
			return nil, valueError(fmt.Errorf("found an argument of %s that is not text; expected %s", function, expected.usage))
		}
		one := stated(v.String())
		if _, ok := argument.(literal); !ok {
			one.shown = fmt.Sprintf("(the %sargument of %s, not shown)", ordinals[i], function)
		}
		texts = append(texts, one)
	}
	return texts, nil
}

// pemSuffix requests the content of a part of the identity instead of its path.
const pemSuffix = "-pem"
