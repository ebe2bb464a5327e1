package integration_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	source "golang.org/x/tools/go/packages"
)

// testFields looks at the table of the fields of sidecars.yml: each row keeps its value
// in a field of a struct, which something has to read.
func testFields(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	const (
		table = "internal/sidecar/fields.go"
		told  = "internal/supervision/spec.go"
	)

	// unread lists the keys of the table whose values nothing reads. A value for the
	// supervisor counts only if the supervisor reads it, not if it is just written to its
	// file.
	unread := func(overlay map[string][]byte) []string {
		t.Helper()
		loaded, err := source.Load(&source.Config{
			Mode: source.LoadSyntax, Dir: built.root, Overlay: overlay,
		}, "./internal/sidecar", "./internal/supervision", "./internal/supervise", "./internal/judge", "./supply", "./launch")
		Expect(err).NotTo(HaveOccurred())
		Expect(source.PrintErrors(loaded)).To(BeZero())
		place := func(fset *token.FileSet, at token.Pos) string { return fset.Position(at).String() }

		rows := map[string]string{}             // by where the struct's field is: a key
		readers := map[string]map[string]bool{} // by the same: packages
		for _, p := range loaded {
			for _, file := range p.Syntax {
				isTable := strings.HasSuffix(p.Fset.Position(file.Pos()).Filename, "/"+table)
				written := map[*ast.Ident]bool{}
				key := ""
				ast.Inspect(file, func(node ast.Node) bool {
					switch node := node.(type) {
					case *ast.KeyValueExpr:
						if name, ok := node.Key.(*ast.Ident); ok && isTable && name.Name == "key" {
							key = types.ExprString(node.Value)
							if value := p.TypesInfo.Types[node.Value].Value; value != nil {
								key, _ = strconv.Unquote(value.ExactString())
							}
						}
					case *ast.AssignStmt:
						for _, left := range node.Lhs {
							if selector, ok := left.(*ast.SelectorExpr); ok {
								written[selector.Sel] = true
							}
						}
					case *ast.UnaryExpr:
						if selector, ok := node.X.(*ast.SelectorExpr); ok && isTable && node.Op == token.AND {
							rows[place(p.Fset, p.TypesInfo.Uses[selector.Sel].Pos())] = key
						}
					case *ast.SelectorExpr:
						field, ok := p.TypesInfo.Uses[node.Sel].(*types.Var)
						if ok && field.IsField() && !isTable && !written[node.Sel] {
							at := place(p.Fset, field.Pos())
							if readers[at] == nil {
								readers[at] = map[string]bool{}
							}
							readers[at][p.Name] = true
						}
					}
					return true
				})
			}
		}
		Expect(len(rows)).To(BeNumerically(">", 20))
		var found []string
		for at, key := range rows {
			isTold := strings.Contains(at, "/"+told+":")
			if len(readers[at]) == 0 || isTold && !readers[at]["supervise"] {
				found = append(found, key)
			}
		}
		return found
	}

	it("has a reader for the value of each", func() {
		Expect(unread(nil)).To(BeEmpty())
	})

	for _, added := range []struct{ kind, file, after, field, place string }{
		{"a sidecar's", "internal/sidecar/definition.go", "type Definition struct {\n", "Unread bool\n", "d.Unread"},
		{"the supervisor's", told, "type Spec struct {\n", "Unread bool `conf:\"unread\"`\n", "d.Supervision.Unread"},
	} {
		it("finds one that nothing reads, of "+added.kind, func() {
			overlay := map[string][]byte{}
			for file, change := range map[string]struct{ after, more string }{
				added.file: {added.after, added.field},
				table:      {"var programFields = []field{\n", "{key: \"unread\", value: at(boolean, func(d *declaration) *bool { return &" + added.place + " })},\n"},
			} {
				path := filepath.Join(built.root, file)
				content, err := os.ReadFile(path)
				Expect(err).NotTo(HaveOccurred())
				Expect(strings.Count(string(content), change.after)).To(Equal(1), file)
				overlay[path] = []byte(strings.Replace(string(content), change.after, change.after+change.more, 1))
			}
			Expect(unread(overlay)).To(Equal([]string{"unread"}))
		})
	}
}
