package render

import (
	"slices"
	"text/template/parse"
)

// UsesConfig reports whether a spec uses values of the app's configuration. A template that cannot
// be read uses none.
func UsesConfig(spec Spec, sources Sources) bool {
	return slices.ContainsFunc(spec.Env, func(v Variable) bool { return v.Config != "" }) ||
		slices.ContainsFunc(spec.Files, func(f File) bool { return f.Copy == "" && usesConfig(f, sources) })
}

func usesConfig(f File, sources Sources) bool {
	if files := sources.App; f.Template == nil && (f.InBuildpack && sources.Buildpack == nil || !f.InBuildpack && files == nil) {
		return false
	}
	source, err := sources.template(f)
	if err != nil {
		return false
	}
	parsed, err := parseTemplate(source, (&scope{}).functions())
	if err != nil {
		return false
	}
	for _, one := range parsed.Templates() {
		if one.Tree != nil && one.Root != nil && listCalls(one.Root, "config") {
			return true
		}
	}
	return false
}

// listCalls reports whether a part of a prepared template calls a function, in any branch.
func listCalls(list *parse.ListNode, function string) bool {
	if list == nil {
		return false
	}
	branch := func(b *parse.BranchNode) bool {
		return pipeCalls(b.Pipe, function) || listCalls(b.List, function) || listCalls(b.ElseList, function)
	}
	return slices.ContainsFunc(list.Nodes, func(node parse.Node) bool {
		switch node := node.(type) {
		case *parse.ActionNode:
			return pipeCalls(node.Pipe, function)
		case *parse.IfNode:
			return branch(&node.BranchNode)
		case *parse.RangeNode:
			return branch(&node.BranchNode)
		case *parse.WithNode:
			return branch(&node.BranchNode)
		case *parse.TemplateNode:
			return pipeCalls(node.Pipe, function)
		}
		return false
	})
}

func pipeCalls(pipe *parse.PipeNode, function string) bool {
	return pipe != nil && slices.ContainsFunc(pipe.Cmds, func(command *parse.CommandNode) bool {
		return calls(command, function) || calls(command, function+optionalSuffix) ||
			slices.ContainsFunc(command.Args, func(argument parse.Node) bool {
				if chain, ok := argument.(*parse.ChainNode); ok {
					argument = chain.Node
				}
				inner, ok := argument.(*parse.PipeNode)
				return ok && pipeCalls(inner, function)
			})
	})
}
