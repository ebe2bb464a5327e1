package buildpack_test

import (
	"crypto/sha256"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"golang.org/x/tools/go/packages"
)

// apiFile lists what the package exports, without comments.
const apiFile = "api.txt"

// testAPI fails for a change of the API that api.txt and CHANGELOG.md do not list.
func testAPI(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("exports what api.txt lists", func() {
		content, err := os.ReadFile(apiFile)
		Expect(err).NotTo(HaveOccurred())
		found := exported(t)
		Expect(found == string(content)).To(BeTrue(), "the API has changed. If this is intended, describe the change in CHANGELOG.md, with the mark that the next spec asks for, and write to %s:\n%s", apiFile, found)
	})

	it("has a line of the changelog for its latest change", func() {
		content, err := os.ReadFile(apiFile)
		Expect(err).NotTo(HaveOccurred())
		changelog, err := os.ReadFile(filepath.Join(repository, "CHANGELOG.md"))
		Expect(err).NotTo(HaveOccurred())
		sum := sha256.Sum256(content)
		mark := fmt.Sprintf("<!-- API %x -->", sum[:4])
		lines := strings.Split(string(changelog), "\n")
		Expect(slices.ContainsFunc(lines, func(line string) bool {
			text, _, marked := strings.Cut(line, mark)
			return marked && strings.TrimSpace(text) != ""
		})).To(BeTrue(), "CHANGELOG.md must describe the change in a line that ends with %s", mark)
	})

	it("lists functions, types with their fields, methods, constants and variables", func() {
		Expect(exported(t)).To(ContainSubstring("\nfunc Main(hooks ...Hooks)\n"))
		Expect(exported(t)).To(ContainSubstring("\nfield Judged.Sidecars []Sidecar\n"))
		Expect(exported(t)).To(ContainSubstring("\nmethod (*Judged) Declare(document string)\n"))
		Expect(exported(t)).NotTo(ContainSubstring("declared"), "what is not exported")
	})
}

// exported lists the package's API, one name per line.
func exported(t *testing.T) string {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedExportFile}, ".")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(packages.PrintErrors(loaded)).To(BeZero())
	own := loaded[0].Types
	qualifier := types.RelativeTo(own)
	var lines []string
	for _, name := range own.Scope().Names() {
		object := own.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		declared, isType := object.(*types.TypeName)
		if !isType {
			lines = append(lines, types.ObjectString(object, qualifier))
			continue
		}
		lines = append(lines, membersOf(declared, qualifier)...)
	}
	slices.Sort(lines)
	return "The API of package buildpack. A change of it is told of in CHANGELOG.md.\n" + strings.Join(lines, "\n") + "\n"
}

// membersOf lists a type with its exported fields and methods.
func membersOf(declared *types.TypeName, qualifier types.Qualifier) []string {
	name := declared.Name()
	structure, isStruct := declared.Type().Underlying().(*types.Struct)
	if !isStruct {
		return append([]string{types.ObjectString(declared, qualifier)}, methodsOf(declared, qualifier)...)
	}
	lines := []string{"type " + name + " struct"}
	for field := range structure.Fields() {
		if field.Exported() {
			lines = append(lines, fmt.Sprintf("field %s.%s %s", name, field.Name(), types.TypeString(field.Type(), qualifier)))
		}
	}
	return append(lines, methodsOf(declared, qualifier)...)
}

func methodsOf(declared *types.TypeName, qualifier types.Qualifier) []string {
	var lines []string
	for method := range declared.Type().(*types.Named).Methods() {
		if method.Exported() {
			receiver := types.TypeString(method.Signature().Recv().Type(), qualifier)
			lines = append(lines, fmt.Sprintf("method (%s) %s%s", receiver, method.Name(), strings.TrimPrefix(types.TypeString(method.Signature(), qualifier), "func")))
		}
	}
	return lines
}
