package shellscript

import (
	"path"
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// rootPrograms are programs that are only useful for root.
var rootPrograms = []string{"sudo", "apt-get", "apt", "dpkg", "yum", "dnf", "apk", "chown", "mount", "useradd", "systemctl", "service", "setcap"}

// harmless are first arguments with which they only print something, or work in the user's own
// directories.
var harmless = map[string][]string{
	"apt-get": {"--version", "download", "--print-uris"},
	"dpkg":    {"-x", "--extract", "-l", "-s", "-L", "--print-architecture", "--version", "-I", "--fsys-tarfile"},
	"apt":     {"list", "--version"},
	"mount":   {""},
}

// NeedsRoot finds calls of programs that are only useful for root, except calls that only run as
// root.
func NeedsRoot(file *syntax.File) []Problem {
	var found []Problem
	guarded := map[*syntax.Stmt]bool{}
	syntax.Walk(file, func(node syntax.Node) bool {
		if stmt, ok := node.(*syntax.Stmt); ok && guarded[stmt] {
			return false
		}
		for _, stmt := range forRoot(node) {
			guarded[stmt] = true
		}
		call, ok := node.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		said := words(call)
		name := path.Base(said[0])
		if !slices.Contains(rootPrograms, name) || len(said) < 2 || slices.Contains(harmless[name], said[1]) {
			return true
		}
		if (name == "apt-get" || name == "apt") && len(said) > 2 && said[1] != "install" && said[1] != "update" && said[1] != "upgrade" {
			return true // with options, it can work in other directories
		}
		found = append(found, Problem{Line: int(call.Pos().Line()), Found: name + " " + said[1]})
		return true
	})
	return found
}

// forRoot returns the statements of a node that only run as root.
func forRoot(node syntax.Node) []*syntax.Stmt {
	switch n := node.(type) {
	case *syntax.IfClause:
		root, other := isRoot(n.Cond)
		switch {
		case root:
			return n.Then
		case other && n.Else != nil:
			return n.Else.Then
		}
	case *syntax.BinaryCmd:
		root, other := isRoot([]*syntax.Stmt{n.X})
		if root && n.Op == syntax.AndStmt || other && n.Op == syntax.OrStmt {
			return []*syntax.Stmt{n.Y}
		}
	}
	return nil
}
