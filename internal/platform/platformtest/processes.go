package platformtest

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/onsi/gomega"
)

// Gone tells that there is no such process, nor its remains.
func Gone(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH }

// Pid waits for a process that writes its id into a file.
func Pid(t *testing.T, path string) int {
	t.Helper()
	var pid int
	gomega.NewWithT(t).Eventually(func() error {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(content)))
		return err
	}, "1m", "5ms").Should(gomega.Succeed())
	return pid
}
