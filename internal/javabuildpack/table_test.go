package javabuildpack_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
)

// testTable keeps the table of docs/memory.md to what the code computes.
func testTable(t *testing.T, context spec.G, it spec.S) {
	it("is that of docs/memory.md", func() {
		content, err := os.ReadFile("../../docs/memory.md")
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Expect(string(content)).To(ContainSubstring(table(t)))
	})
}

func table(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("| classes in the app | assumed loaded | metaspace | with 250 threads | with 100 | with 40 |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, classes := range []int{100, 5000, 15000, 30000, 60000} {
		loaded := javabuildpack.Loaded(classes, false)
		row := []string{fmt.Sprint(classes), fmt.Sprint(loaded)}
		for i, threads := range []int{250, 100, 40} {
			regions, ok := javabuildpack.Calculator{Classes: loaded, Threads: threads}.Regions(1024)
			NewWithT(t).Expect(ok).To(BeTrue())
			if i == 0 {
				row = append(row, mebibytes(regions.Metaspace))
			}
			row = append(row, mebibytes(regions.Sum()))
		}
		fmt.Fprintf(&text, "| %s |\n", strings.Join(row, " | "))
	}
	return text.String()
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%dM", (bytes+1<<20-1)>>20) }
