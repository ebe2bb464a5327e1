package platformtest

import (
	"os/exec"
	"testing"

	"github.com/onsi/gomega"
)

// BuildLifecycle builds the platform's own builder and launcher into a directory, for as
// long as the test runs.
func BuildLifecycle(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	output, err := exec.Command("go", "build", "-o", directory,
		"code.cloudfoundry.org/buildpackapplifecycle/builder", "code.cloudfoundry.org/buildpackapplifecycle/launcher").CombinedOutput()
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred(), string(output))
	return directory
}
