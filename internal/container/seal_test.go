//go:build linux

package container

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testSealed(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		root, tmp string
	)

	it.Before(func() {
		needSealing(t)
		root, tmp = t.TempDir(), t.TempDir()
	})
	says := func(network bool, script string) string {
		t.Helper()
		output, err := maker{Root: root, Tmp: tmp, Command: script, Exit: true, Sealed: true, Network: network}.command(t).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		return strings.TrimPrefix(string(output), "home: <nil> tmp: <nil>\n")
	}

	it("lets programs write to their own directories, and nowhere else", func() {
		outside := t.TempDir()
		Expect(says(false, "touch /home/vcap/x /tmp/y; touch "+outside+"/z || echo refused")).To(ContainSubstring("refused"))
		Expect(filepath.Join(root, "x")).To(BeAnExistingFile())
		Expect(filepath.Join(tmp, "y")).To(BeAnExistingFile())
		Expect(os.ReadDir(outside)).To(BeEmpty())
		Expect(says(false, "touch /usr/z /etc/z /z || ls /run")).To(HaveSuffix("Read-only file system\n"))
	})

	it("has no root user, and none of the machine's processes", func() {
		Expect(says(false, "id -u")).NotTo(Equal("0\n"))
		Expect(says(false, "kill -9 "+strings.Repeat("9", 7)+" 2>/dev/null || echo none; echo $$")).To(MatchRegexp(`^none\n\d{1,3}\n$`))
		Expect(says(false, "grep NoNewPrivs /proc/self/status")).To(Equal("NoNewPrivs:\t1\n"))
		Expect(says(false, "grep CapEff /proc/self/status")).To(Equal("CapEff:\t0000000000000000\n"))
	})

	it("has a network of its own, or the machine's", func() {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer listener.Close()
		_, port, err := net.SplitHostPort(listener.Addr().String())
		Expect(err).NotTo(HaveOccurred())
		connect := "exec 3<>/dev/tcp/127.0.0.1/" + port + " && echo connected"
		Expect(says(true, connect)).To(Equal("connected\n"))
		Expect(says(false, "("+connect+") 2>/dev/null || echo refused; cat /sys/class/net/lo/operstate 2>/dev/null | head -0")).To(Equal("refused\n"))
	})
}

// needSealing skips a spec where a sealed container cannot be made, except in CI.
func needSealing(t *testing.T) {
	t.Helper()
	output, err := maker{Root: t.TempDir(), Tmp: t.TempDir(), Command: "true", Exit: true, Sealed: true}.command(t).CombinedOutput()
	if err == nil {
		return
	}
	NewWithT(t).Expect(string(output)).To(ContainSubstring(ErrNotSealed.Error()))
	if os.Getenv("CI") != "" {
		t.Fatalf("CI has to allow user namespaces: %s", output)
	}
	t.Skipf("%s", strings.TrimSpace(string(output)))
}
