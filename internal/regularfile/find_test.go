package regularfile

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testFind(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, name := range []string{"plain", "a*b", "a?b", "[ab]", `a\*b`, "ein Wörtchen"} {
		it("takes the name of a directory literally: "+name, func() {
			directory := filepath.Join(t.TempDir(), name)
			other := filepath.Join(filepath.Dir(directory), "axb")
			for _, path := range []string{directory, other} {
				Expect(os.Mkdir(path, 0o755)).To(Succeed())
				Expect(os.WriteFile(filepath.Join(path, "one.lock"), nil, 0o600)).To(Succeed())
			}
			Expect(Glob(directory, "*.lock")).To(Equal([]string{filepath.Join(directory, "one.lock")}))
			Expect(Exists(filepath.Join(directory, "one.lock"))).To(BeTrue())
			Expect(Exists(filepath.Join(directory, "two.lock"))).To(BeFalse())
		})
	}
}
