package cell

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

func testWorkspace(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("is made in the platform's temporary directory and removed with all that is in it", func() {
		p := &Cell{TempDir: t.TempDir()}
		directory, remove, err := p.Workspace("staging")
		Expect(err).NotTo(HaveOccurred())
		Expect(filepath.Dir(directory)).To(Equal(p.TempDir))
		Expect(filepath.Base(directory)).To(HavePrefix("sidecar-staging-"))

		platformtest.WriteFile(t, filepath.Join(directory, "cache/module/file"), "x", 0o444)
		Expect(os.Chmod(filepath.Join(directory, "cache/module"), 0o555)).To(Succeed())
		Expect(os.Chmod(filepath.Join(directory, "cache"), 0)).To(Succeed())
		Expect(remove()).To(Succeed())
		Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
	})

	it("clears what the dead have left, and that alone", func() {
		tmp := t.TempDir()
		living := &Cell{TempDir: tmp}
		directory, remove, err := living.Workspace("instance")
		Expect(err).NotTo(HaveOccurred())

		dead := filepath.Join(tmp, "sidecar-instance-1")
		platformtest.WriteFile(t, filepath.Join(dead, "root/app/file"), "x", 0o644)
		platformtest.WriteFile(t, dead+".lock", "", 0o600)
		kept := []string{filepath.Join(tmp, "sidecar-instance-2/file"), filepath.Join(tmp, "sidecar-other.lock"), filepath.Join(tmp, "mine/file")}
		for _, path := range kept {
			platformtest.WriteFile(t, path, "x", 0o644)
		}
		Expect(os.Symlink("sidecar-other.lock", filepath.Join(tmp, "sidecar-instance-3.lock"))).To(Succeed())
		left := exec.Command("sleep", "1000")
		left.Dir = filepath.Join(dead, "root")
		Expect(left.Start()).To(Succeed())

		next := &Cell{TempDir: tmp}
		_, removeNext, err := next.Workspace("staging")
		Expect(err).NotTo(HaveOccurred())
		Expect(left.Wait()).To(MatchError("signal: killed"))
		Expect(dead).NotTo(BeADirectory())
		Expect(dead + ".lock").NotTo(BeAnExistingFile())
		Expect(directory).To(BeADirectory())
		for _, path := range append(kept, filepath.Join(tmp, "sidecar-instance-3.lock")) {
			Expect(path).To(BeAnExistingFile())
		}
		Expect(remove()).To(Succeed())
		Expect(removeNext()).To(Succeed())
	})

	it("leaves alone what another has put into the place of one whose run has ended", func() {
		tmp, outside := t.TempDir(), t.TempDir()
		planted := filepath.Join(tmp, "sidecar-instance-1")
		platformtest.WriteFile(t, planted+".lock", "", 0o600)
		Expect(os.Symlink(outside, planted)).To(Succeed())
		_, remove, err := (&Cell{TempDir: tmp}).Workspace("staging")
		Expect(err).NotTo(HaveOccurred())
		Expect(os.Readlink(planted)).To(Equal(outside))
		Expect(remove()).To(Succeed())
	})

	context("failure cases", func() {
		it("says that there is no place for it", func() {
			_, _, err := (&Cell{TempDir: filepath.Join(t.TempDir(), "none")}).Workspace("staging")
			Expect(err).To(MatchError(ContainSubstring("failed to make a place to work in: ")))
		})
	})
}

func testLifecycle(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("is the two programs of a directory", func() {
		dir := t.TempDir()
		platformtest.WriteFile(t, filepath.Join(dir, "builder"), "x", 0o755)
		platformtest.WriteFile(t, filepath.Join(dir, "launcher"), "x", 0o755)
		t.Chdir(filepath.Dir(dir))

		found, err := LifecycleIn(filepath.Base(dir))
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(Equal(Lifecycle{
			Builder:  Executable{Path: filepath.Join(dir, "builder"), Name: "builder"},
			Launcher: Executable{Path: filepath.Join(dir, "launcher"), Name: "launcher"},
		}))
		Expect(found.Builder.Command("-a", "b").Args).To(Equal([]string{"builder", "-a", "b"}))
	})

	context("failure cases", func() {
		it("names the program that is missing", func() {
			dir := t.TempDir()
			platformtest.WriteFile(t, filepath.Join(dir, "builder"), "x", 0o755)
			_, err := LifecycleIn(dir)
			Expect(err).To(MatchError(ContainSubstring(filepath.Join(dir, "launcher"))))
			Expect(err).To(MatchError(os.ErrNotExist))
		})

		it("names the program that cannot be run", func() {
			dir := t.TempDir()
			platformtest.WriteFile(t, filepath.Join(dir, "builder"), "x", 0o644)
			_, err := LifecycleIn(dir)
			Expect(err).To(MatchError(ContainSubstring(filepath.Join(dir, "builder"))))
			Expect(err).To(MatchError(os.ErrPermission))
		})
	})
}
