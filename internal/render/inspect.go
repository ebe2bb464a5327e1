package render

import "text/template/parse"

// inspect calls visit for a part of a template and everything in it.
func inspect(node parse.Node, visit func(parse.Node)) {
	switch node := node.(type) {
	case *parse.ListNode:
		if node != nil {
			inspectAll(node.Nodes, visit)
		}
		return
	case *parse.PipeNode:
		if node == nil {
			return
		}
		for _, command := range node.Cmds {
			inspect(command, visit)
		}
	case *parse.CommandNode:
		inspectAll(node.Args, visit)
	case *parse.ChainNode:
		inspect(node.Node, visit)
	case *parse.ActionNode:
		inspect(node.Pipe, visit)
	case *parse.IfNode:
		inspectBranch(&node.BranchNode, visit)
	case *parse.RangeNode:
		inspectBranch(&node.BranchNode, visit)
	case *parse.WithNode:
		inspectBranch(&node.BranchNode, visit)
	case *parse.TemplateNode:
		inspect(node.Pipe, visit)
	}
	visit(node)
}

func inspectAll(nodes []parse.Node, visit func(parse.Node)) {
	for _, node := range nodes {
		inspect(node, visit)
	}
}

func inspectBranch(branch *parse.BranchNode, visit func(parse.Node)) {
	inspect(branch.Pipe, visit)
	inspect(branch.List, visit)
	inspect(branch.ElseList, visit)
}
