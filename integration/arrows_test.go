package integration_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testArrows holds the direction of arrows inside packages. A file has an arrow to another
// one of its package that declares what it uses, and no arrows make a circle: there is an order
// in which each file can be read with what it knows of the files below it. It is not written
// down, but derived. A method that uses its own receiver's type makes no arrow, so that the
// methods of a type may be in several files.
func testArrows(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("has no circles of files inside a package", func() {
		exports := map[string]string{} // the compiler's files on packages, by import path
		var all []sourcePackage
		list := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,GoFiles,Export", "./...")
		list.Dir, list.Stderr = built.root, os.Stderr
		output, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
			var p sourcePackage
			if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
				break
			}
			if exports[p.ImportPath] = p.Export; p.ImportPath == module || strings.HasPrefix(p.ImportPath, module+"/") {
				all = append(all, p)
			}
		}
		Expect(all).NotTo(BeEmpty())
		var problems []string
		for _, p := range all {
			name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
			uses, err := p.arrows(exports)
			Expect(err).NotTo(HaveOccurred(), name)
			for _, files := range circles(uses) {
				problems = append(problems, fmt.Sprintf("%s: a circle of files; move a declaration below its users:", name))
				for _, from := range files {
					for _, to := range files {
						if names := slices.Sorted(maps.Keys(uses[from][to])); len(names) > 0 {
							problems = append(problems, fmt.Sprintf("\t%s -> %s: %s", from, to, strings.Join(names, ", ")))
						}
					}
				}
			}
		}
		Expect(problems).To(BeEmpty(), strings.Join(problems, "\n"))
	})

	it("finds a circle, and what it consists of", func() {
		arrows := func(sources ...string) fileArrows {
			directory, p := t.TempDir(), sourcePackage{ImportPath: "p"}
			p.Dir = directory
			for i, source := range sources {
				p.GoFiles = append(p.GoFiles, fmt.Sprintf("%d.go", i))
				Expect(os.WriteFile(filepath.Join(directory, p.GoFiles[i]), []byte("package p\n"+source), 0o600)).To(Succeed())
			}
			found, err := p.arrows(nil)
			Expect(err).NotTo(HaveOccurred())
			return found
		}
		Expect(circles(arrows("const a = b", "const b = 1", "var _ = a"))).To(BeEmpty())
		Expect(circles(arrows("var a = f", "func f() int { return g.x }", "var g T\ntype T struct { x int }\nfunc (T) m() { _ = a }"))).To(Equal([][]string{{"0.go", "1.go", "2.go"}}))
		Expect(circles(arrows("type T struct { x int }\nfunc F(t T) { t.m() }", "func (t T) m() { var other T; _ = other.x + t.x }"))).To(BeEmpty(), "a method and its type")
		Expect(arrows("type T struct { x int }", "func m(t T) { _ = t.x }")).To(Equal(fileArrows{"1.go": {"0.go": {"T": true, "x": true}}}))
	})
}

// A sourcePackage is a package as go list describes it.
type sourcePackage struct {
	ImportPath, Dir string
	GoFiles         []string
	Export          string
}

// fileArrows are the names that a file uses of another one.
type fileArrows map[string]map[string]map[string]bool

func (a fileArrows) add(from, to, name string) {
	if a[from] == nil {
		a[from] = map[string]map[string]bool{}
	}
	if a[from][to] == nil {
		a[from][to] = map[string]bool{}
	}
	a[from][to][name] = true
}

// arrows type-checks the package and finds which file uses what of which other file.
func (p sourcePackage) arrows(exports map[string]string) (fileArrows, error) {
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{
		FakeImportC: true,
		Importer:    importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }),
	}
	checked, err := config.Check(p.ImportPath, set, files, info)
	if err != nil {
		return nil, err
	}
	members := membersOf(checked)
	found := fileArrows{}
	for _, file := range files {
		from := filepath.Base(set.Position(file.Pos()).Filename)
		for _, declaration := range file.Decls {
			receiver := receiverOf(declaration)
			ast.Inspect(declaration, func(node ast.Node) bool {
				identifier, ok := node.(*ast.Ident)
				if !ok {
					return true
				}
				used := info.Uses[identifier]
				if used == nil || used.Pkg() != checked || used.Parent() != nil && used.Parent() != checked.Scope() {
					return true // of another package, or local
				}
				to := filepath.Base(set.Position(used.Pos()).Filename)
				if isOwn := receiver != "" && members[used] == receiver; to != from && !isOwn {
					found.add(from, to, used.Name())
				}
				return true
			})
		}
	}
	return found, nil
}

// membersOf maps the types of a package, and the fields of those that are structs, to the
// types' names.
func membersOf(checked *types.Package) map[types.Object]string {
	members := map[types.Object]string{}
	for _, name := range checked.Scope().Names() {
		declared, ok := checked.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		members[declared] = name
		if fields, ok := declared.Type().Underlying().(*types.Struct); ok {
			for field := range fields.Fields() {
				if _, known := members[field]; !known {
					members[field] = name
				}
			}
		}
	}
	return members
}

// receiverOf is the name of the type that a method belongs to, and empty for all else.
func receiverOf(declaration ast.Decl) string {
	method, ok := declaration.(*ast.FuncDecl)
	if !ok || method.Recv == nil {
		return ""
	}
	of := method.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	name, _ := of.(*ast.Ident)
	return name.Name
}

// circles are the groups of files of which each has a way to each other one, sorted
// (Tarjan's strongly connected components).
func circles(arrows fileArrows) [][]string {
	index, lowest, onStack := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var found [][]string
	var visit func(file string)
	visit = func(file string) {
		index[file] = len(index) + 1
		lowest[file] = index[file]
		stack, onStack[file] = append(stack, file), true
		for _, to := range slices.Sorted(maps.Keys(arrows[file])) {
			if index[to] == 0 {
				visit(to)
				lowest[file] = min(lowest[file], lowest[to])
			} else if onStack[to] {
				lowest[file] = min(lowest[file], index[to])
			}
		}
		if lowest[file] < index[file] {
			return
		}
		first := slices.Index(stack, file)
		circle := slices.Sorted(slices.Values(stack[first:]))
		for _, member := range circle {
			onStack[member] = false
		}
		if stack = stack[:first]; len(circle) > 1 {
			found = append(found, circle)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(arrows)) {
		if index[file] == 0 {
			visit(file)
		}
	}
	return found
}
