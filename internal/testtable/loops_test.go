package testtable_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testLoops looks at the loops that make specs, in all of the repository.
func testLoops(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("finds a loop over a map that makes specs", func() {
		for _, loop := range []string{
			`for k := range map[string]int{"a": 1} { it(k, func() {}) }`,
			`for k := range map[string]int{"a": 1} { for range 2 { context(k, func() {}) } }`,
			`m := map[string]int{}; for k := range m { if k != "" { it(k, func() {}) } }`,
		} {
			Expect(loopsOverMaps(parsed(t, "", "package p\nfunc f() {"+loop+"}"))).To(HaveLen(1), loop)
		}
		for _, loop := range []string{
			`for k := range testtable.Sorted(map[string]int{"a": 1}) { it(k, func() {}) }`,
			`for k := range []string{"a"} { it(k, func() {}) }`,
			`it("a", func() { for range map[string]int{} { f() } })`,
		} {
			Expect(loopsOverMaps(parsed(t, "", "package p\nfunc f() {"+loop+"}"))).To(BeEmpty(), loop)
		}
	})

	it("finds none", func() {
		files := 0
		Expect(filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			files++
			for _, line := range loopsOverMaps(parsed(t, path, nil)) {
				t.Errorf("%s:%d: found a loop over a map that makes specs; expected one over testtable.Sorted", path, line)
			}
			return nil
		})).To(Succeed())
		Expect(files).To(BeNumerically(">", 100))
	})
}

type source struct {
	*ast.File
	set *token.FileSet
}

func parsed(t *testing.T, path string, content any) source {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, content, 0)
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), fmt.Sprint(content))
	return source{file, set}
}

// loopsOverMaps are the lines with loops over maps that make specs.
func loopsOverMaps(file source) (lines []int) {
	ast.Inspect(file.File, func(node ast.Node) bool {
		if loop, ok := node.(*ast.RangeStmt); ok && isMap(loop.X) && makesSpecs(loop.Body) {
			lines = append(lines, file.set.Position(loop.Pos()).Line)
		}
		return true
	})
	return lines
}

// isMap says that an expression is a map in full, or the name of a variable that is declared as one.
func isMap(expression ast.Expr) bool {
	switch x := expression.(type) {
	case *ast.CompositeLit:
		_, is := x.Type.(*ast.MapType)
		return is
	case *ast.Ident:
		if x.Obj == nil {
			return false
		}
		switch declared := x.Obj.Decl.(type) {
		case *ast.AssignStmt:
			return slices.ContainsFunc(declared.Rhs, isMap)
		case *ast.ValueSpec:
			return slices.ContainsFunc(declared.Values, isMap)
		}
	}
	return false
}

func makesSpecs(body ast.Node) (found bool) {
	ast.Inspect(body, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok && len(call.Args) >= 2 {
			name, named := call.Fun.(*ast.Ident)
			found = found || named && slices.Contains([]string{"it", "context", "group"}, name.Name)
		}
		return !found
	})
	return found
}
