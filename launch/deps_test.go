package launch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testDeps(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		deps   string
	)

	it.Before(func() { deps = t.TempDir() })

	write := func(directory, name, command string, sidecar bool) {
		t.Helper()
		content := fmt.Sprintf("processes:\n- {type: %s, command: %s", name, command)
		if sidecar {
			content += ", platforms: {cloudfoundry: {sidecar_for: [web]}}"
		}
		Expect(os.MkdirAll(filepath.Join(deps, directory), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(deps, directory, "launch.yml"), []byte(content+"}\n"), 0o600)).To(Succeed())
	}

	it("CF-02, CF-07 reads every launch.yml below a plain number, in the order of the numbers", func() {
		write("10", "b", "ten", true)
		write("9", "b", "nine", true)
		write("0", "a", "zero", false)
		write("00", "c", "padded", true)
		write("other", "d", "x", true)
		layers, err := launch.ReadDeps(deps)
		Expect(err).NotTo(HaveOccurred())
		Expect(layers).To(HaveExactElements(HaveField("Position", 0), HaveField("Position", 9), HaveField("Position", 10)))
		Expect(launch.MergeLayers(layers)).To(Equal([]launch.Process{
			{Type: "a", Command: "zero"}, {Type: "b", Command: "ten", SidecarFor: []string{"web"}},
		}))
	})

	it("CF-07 finds the sidecars that a later buildpack replaces, by which one in the end, and by what", func() {
		write("0", "agent", "one", true)
		write("1", "agent", "two", true)
		write("2", "other", "x", true)
		write("3", "agent", "three", false)
		layers, err := launch.ReadDeps(deps)
		Expect(err).NotTo(HaveOccurred())
		found := launch.Replacements(layers)
		Expect(found).To(Equal([]launch.Replacement{{Name: "agent", Of: 0, By: 3}, {Name: "agent", Of: 1, By: 3}}))
		Expect(found[0].Message(func(p int) string { return fmt.Sprint("buildpack ", p) })).To(Equal(
			`sidecar "agent" of buildpack 0 does not run: buildpack 3 declares a process of the same name, and the platform runs only the later one`))
	})

	it("fails on a file that the lifecycle would fail on", func() {
		write("0", "a", "[", true)
		_, err := launch.ReadDeps(deps)
		Expect(err).To(MatchError(ContainSubstring("failed to parse " + filepath.Join(deps, "0", "launch.yml"))))
		_, err = launch.ReadDeps(filepath.Join(deps, "none"))
		Expect(err).To(MatchError(ContainSubstring("failed to list the deps directory")))
	})
}
