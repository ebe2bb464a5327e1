package platformtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
)

// Reexec ends the process if a spec has started its test binary again: as the init of a
// container, or as a server at the addresses in ListenVariable. Call it first in TestMain.
func Reexec() {
	if filepath.Base(os.Args[0]) == container.InitName {
		os.Exit(container.Init(os.Args, os.Environ(), os.Stdout, os.Stderr))
	}
	if addresses := os.Getenv(ListenVariable); addresses != "" {
		fmt.Println(Serve(strings.Fields(addresses)))
		os.Exit(1)
	}
}

// Self is this test binary, and the environment that a cell of the specs has.
func Self(t *testing.T) (executable string, environ []string) {
	t.Helper()
	executable, err := os.Executable()
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return executable, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
}

// CloseAtEnd closes a cell at the end of a spec, and expects it to leave nothing in its
// workspace.
func CloseAtEnd(t *testing.T, cell interface {
	Hurry()
	Close()
}, workspace string) {
	t.Helper()
	t.Cleanup(func() {
		cell.Hurry()
		cell.Close()
		gomega.NewWithT(t).Expect(os.ReadDir(workspace)).To(gomega.BeEmpty(), "left in the workspace")
	})
}
