package cell

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

func testUntar(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		droplet droplets.Droplet
		p       *Cell
	)

	it.Before(func() {
		droplet = droplets.Droplet(t.TempDir())
		p = &Cell{}
	})

	it("unpacks what the builder has packed", func() {
		platformtest.WriteFile(t, filepath.Join(string(droplet), "app/file"), "x", 0o755)
		output, err := exec.Command("tar", "-czf", droplet.Archive(), "-C", string(droplet), "app").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))

		root := t.TempDir()
		Expect(p.Untar(t.Context(), droplet.Archive(), root)).To(Succeed())
		Expect(platformtest.Tree(t, root)).To(Equal([]string{"drwxr-xr-x app", "-rwxr-xr-x app/file"}))
		Expect(p.processes.own).To(BeEmpty())
	})

	it("unpacks with a program whose status is not swept up with those of other containers", func() {
		gate := filepath.Join(t.TempDir(), "gate")
		Expect(syscall.Mkfifo(gate, 0o600)).To(Succeed())
		programs := t.TempDir()
		platformtest.WriteFile(t, filepath.Join(programs, "tar"), "#!/bin/sh\nread line < "+gate+"\n", 0o755)
		t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
		platformtest.WriteFile(t, droplet.Archive(), "x", 0o644)
		unpacked := make(chan error, 1)
		go func() { unpacked <- p.Untar(t.Context(), droplet.Archive(), t.TempDir()) }()

		NewWithT(t).Eventually(func() int {
			p.processes.mutex.Lock()
			defer p.processes.mutex.Unlock()
			return len(p.processes.own)
		}).Should(Equal(1))
		p.processes.killDescendants("another container's", "/nowhere")
		Expect(os.WriteFile(gate, []byte("go\n"), 0o600)).To(Succeed())
		NewWithT(t).Eventually(unpacked).Should(Receive(BeNil()))
	})

	context("failure cases", func() {
		it("does not wait for a named pipe in its place", func() {
			Expect(syscall.Mkfifo(droplet.Archive(), 0o600)).To(Succeed())
			Expect(p.Untar(t.Context(), droplet.Archive(), t.TempDir())).To(MatchError("failed to unpack the droplet: " + droplet.Archive() + ": found a named pipe; expected a regular file"))
		})

		it("says what is wrong with an archive", func() {
			platformtest.WriteFile(t, droplet.Archive(), "no archive", 0o644)
			Expect(p.Untar(t.Context(), droplet.Archive(), t.TempDir())).To(MatchError(And(
				HavePrefix("failed to unpack "+droplet.Archive()+": exit status 2: "), ContainSubstring("not in gzip format"))))
		})
	})
}
