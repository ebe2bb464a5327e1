//go:build ignore

// Identifiers refuses names in Go files that this project has replaced: scripts/identifiers.tsv
// has them. Where it finds one it prints file, line and what to write instead, and its exit
// status is 1. It runs in the repository's root.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"strings"
)

const list = "scripts/identifiers.tsv"

// A replaced name is one that no declaration in or below a directory has.
type replaced struct{ directory, old, new string }

func main() {
	found, err := check(os.Stderr)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case found:
		os.Exit(1)
	}
}

// check prints each replaced name that it finds, and tells whether there is one.
func check(to *os.File) (found bool, err error) {
	names, err := read()
	if err != nil {
		return false, err
	}
	files, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.go").Output()
	if err != nil {
		return false, fmt.Errorf("failed to list the Go files: %w", err)
	}
	for _, file := range strings.FieldsFunc(string(files), func(char rune) bool { return char == 0 }) {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if os.IsNotExist(err) {
			continue // it is deleted, and not committed yet
		}
		if err != nil {
			return found, fmt.Errorf("failed to parse %s: %w", file, err)
		}
		for _, declared := range declarations(parsed) {
			for _, name := range names {
				if name.old == declared.Name && (name.directory == "." || strings.HasPrefix(file, name.directory+"/")) {
					fmt.Fprintf(to, "%s: found the name %s; write %s\n", set.Position(declared.Pos()), name.old, name.new)
					found = true
				}
			}
		}
	}
	return found, nil
}

func read() (names []replaced, err error) {
	content, err := os.ReadFile(list)
	if err != nil {
		return nil, fmt.Errorf("failed to read the replaced names: %w", err)
	}
	for number, line := range bytes.Split(bytes.TrimSuffix(content, []byte("\n")), []byte("\n")) {
		if bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		columns := strings.Split(string(line), "\t")
		if len(columns) != 3 {
			return nil, fmt.Errorf("%s:%d: found %q; expected a directory, a name, and what to write instead, with tabs between them", list, number+1, line)
		}
		names = append(names, replaced{columns[0], columns[1], columns[2]})
	}
	return names, nil
}

// declarations are the names that a file declares: of functions, types, constants, variables,
// parameters and fields.
func declarations(file *ast.File) []*ast.Ident {
	var all []*ast.Ident
	add := func(expressions ...ast.Expr) {
		for _, expression := range expressions {
			if name, ok := expression.(*ast.Ident); ok {
				all = append(all, name)
			}
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			all = append(all, node.Name)
		case *ast.TypeSpec:
			all = append(all, node.Name)
		case *ast.ValueSpec:
			all = append(all, node.Names...)
		case *ast.Field:
			all = append(all, node.Names...)
		case *ast.AssignStmt:
			if node.Tok == token.DEFINE {
				add(node.Lhs...)
			}
		case *ast.RangeStmt:
			if node.Tok == token.DEFINE {
				add(node.Key, node.Value)
			}
		}
		return true
	})
	return all
}
