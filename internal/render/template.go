package render

import (
	"errors"
	"io"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// A source is the text of a template, and its position for a person.
type source struct{ at, text string }

// parseTemplate parses a template that may call these functions, and prepares it. The error is a
// *TemplateError.
func parseTemplate(s source, functions template.FuncMap) (*template.Template, error) {
	parsed, err := template.New(templateName).Option("missingkey=error").Funcs(functions).Parse(s.text)
	if err != nil {
		return nil, s.explain(err)
	}
	for _, one := range parsed.Templates() {
		if one.Tree != nil && one.Tree.Root != nil {
			prepare(one.Tree, one.Tree.Root)
		}
	}
	return parsed, nil
}

// execute returns the result of a template for its data, at most maxFile bytes. The error is a
// *TemplateError.
func (s source) execute(t *template.Template, data any) ([]byte, error) {
	var written limitedBuffer
	if err := t.Execute(&written, data); err != nil {
		return nil, s.explain(err)
	}
	return written.content, nil
}

// A limitedBuffer holds at most maxFile bytes.
type limitedBuffer struct{ content []byte }

func (b *limitedBuffer) Write(content []byte) (int, error) {
	if len(b.content)+len(content) > maxFile {
		return 0, errTooLarge
	}
	b.content = append(b.content, content...)
	return len(content), nil
}

var _ io.Writer = (*limitedBuffer)(nil)

// printFunction is called with every value that a template prints. Template authors cannot call it.
const printFunction = "print_value"

// optional lists the functions whose value may be missing. If default follows, each is replaced by
// a function that returns a missing value instead of an error.
var optional = []string{"binding", "text", "config", "env", "file", "cert"}

const (
	defaultFunction = "default"
	optionalSuffix  = "_or_missing"
)

// prepare changes a parsed template: printed values go through printFunction, functions whose value
// may be missing are replaced if there is a default, and quoted texts among their arguments are
// marked as literals. Each action and each round of range counts as a step.
func prepare(tree *parse.Tree, list *parse.ListNode) {
	if list == nil {
		return
	}
	var nodes []parse.Node
	for _, node := range list.Nodes {
		if _, isText := node.(*parse.TextNode); !isText {
			nodes = append(nodes, countedStep(tree, node.Position()))
		}
		nodes = append(nodes, node)
		switch node := node.(type) {
		case *parse.ActionNode:
			preparePipe(tree, node.Pipe)
			if len(node.Pipe.Decl) == 0 {
				printed := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Pipe.Pos}
				printed.Args = []parse.Node{parse.NewIdentifier(printFunction).SetPos(node.Pipe.Pos).SetTree(tree)}
				node.Pipe.Cmds = append(node.Pipe.Cmds, printed)
			}
		case *parse.IfNode:
			prepareBranch(tree, &node.BranchNode)
		case *parse.RangeNode:
			prepareBranch(tree, &node.BranchNode)
			node.List.Nodes = append([]parse.Node{countedStep(tree, node.Pos)}, node.List.Nodes...)
		case *parse.WithNode:
			prepareBranch(tree, &node.BranchNode)
		case *parse.TemplateNode:
			preparePipe(tree, node.Pipe)
		}
	}
	list.Nodes = nodes
}

// countedStep returns an action that calls stepFunction.
func countedStep(tree *parse.Tree, at parse.Pos) *parse.ActionNode {
	function := parse.NewIdentifier(stepFunction).SetPos(at).SetTree(tree)
	call := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: at, Args: []parse.Node{function}}
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: at, Pipe: &parse.PipeNode{NodeType: parse.NodePipe, Pos: at, Cmds: []*parse.CommandNode{call}}}
}

func prepareBranch(tree *parse.Tree, branch *parse.BranchNode) {
	preparePipe(tree, branch.Pipe)
	prepare(tree, branch.List)
	prepare(tree, branch.ElseList)
}

// preparePipe prepares each command. In a pipe, default gets the value of the command before it as
// its last argument.
func preparePipe(tree *parse.Tree, pipe *parse.PipeNode) {
	if pipe == nil {
		return
	}
	for i, command := range pipe.Cmds {
		if i+1 < len(pipe.Cmds) && calls(pipe.Cmds[i+1], defaultFunction) {
			makeOptional(command)
		}
		for _, argument := range command.Args {
			if chain, ok := argument.(*parse.ChainNode); ok {
				argument = chain.Node
			}
			inner, ok := argument.(*parse.PipeNode)
			if !ok {
				continue
			}
			if last := inner.Cmds[len(inner.Cmds)-1]; calls(command, defaultFunction) {
				makeOptional(last)
			}
			preparePipe(tree, inner)
		}
		if slices.ContainsFunc(optional, func(name string) bool { return calls(command, name) || calls(command, name+optionalSuffix) }) {
			markLiterals(tree, command)
		}
	}
}

// makeOptional replaces the function that a command calls, in parentheses or not.
func makeOptional(command *parse.CommandNode) {
	if inner, ok := command.Args[0].(*parse.PipeNode); ok && len(command.Args) == 1 {
		makeOptional(inner.Cmds[len(inner.Cmds)-1])
		return
	}
	if called, ok := command.Args[0].(*parse.IdentifierNode); ok && slices.Contains(optional, called.Ident) {
		called.Ident += optionalSuffix
	}
}

// withHidden returns the functions, with those that prepare inserts.
func withHidden(functions template.FuncMap, b *budget) template.FuncMap {
	hidden := template.FuncMap{printFunction: toPrinted, literalFunction: toLiteral, stepFunction: b.step}
	for name, function := range functions {
		hidden[name] = function
	}
	for _, name := range optional {
		hidden[name+optionalSuffix] = orMissing(functions[name].(func(...any) (any, error)))
	}
	return hidden
}

// toPrinted returns the text that is printed for a value.
func toPrinted(value any) (string, error) {
	if value == nil {
		return "", &missingError{"found null; expected a value: check the key, or state a default"}
	}
	text, err := toText(value)
	if err != nil {
		return "", valueError(err)
	}
	return text, nil
}

// label returns the template's name in messages.
func (f File) label() string {
	if f.Template == nil {
		return printable.Line(f.TemplateFile)
	}
	return strings.TrimPrefix(f.At+": files: "+printable.Line(f.Path), ": ")
}

// orMissing wraps a function so that it returns nil if the value is missing.
func orMissing(function func(...any) (any, error)) func(...any) (any, error) {
	return func(arguments ...any) (any, error) {
		value, err := function(arguments...)
		var missing *missingError
		if errors.As(err, &missing) {
			return nil, nil
		}
		return value, err
	}
}
