package platformtest

import (
	"os"
	"testing"

	"github.com/onsi/gomega"
)

// OpenFiles is how many files this program has open.
func OpenFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return len(entries)
}
