package shellscript

import (
	"path"
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// rootPrograms are those that only root can do anything with.
var rootPrograms = []string{"sudo", "apt-get", "apt", "dpkg", "yum", "dnf", "apk", "chown", "mount", "useradd", "systemctl", "service", "setcap"}

// harmless are the first arguments with which they only tell something, or work in a directory of one's own.
var harmless = map[string][]string{
	"apt-get": {"--version", "download", "--print-uris"},
	"dpkg":    {"-x", "--extract", "-l", "-s", "-L", "--print-architecture", "--version", "-I", "--fsys-tarfile"},
	"apt":     {"list", "--version"},
	"mount":   {""},
}

// NeedsRoot finds the calls of programs that only root can do anything with.
func NeedsRoot(file *syntax.File) []Problem {
	var found []Problem
	syntax.Walk(file, func(node syntax.Node) bool {
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
			return true // with options, it can work in directories of its own
		}
		found = append(found, Problem{Line: int(call.Pos().Line()), Found: name + " " + said[1]})
		return true
	})
	return found
}
