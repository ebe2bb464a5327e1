package family_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

func testSiblings(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		tmp    string
	)
	const hash, legacy = "0123456789abcdef", "0123456789abcdef0123456789abcdef"

	it.Before(func() { tmp = t.TempDir() })

	placed := func(path, id string) string {
		t.Helper()
		root := filepath.Join(tmp, path)
		Expect(os.MkdirAll(filepath.Join(root, "bin"), 0o755)).To(Succeed())
		for name, file := range files("[buildpack]\nid = '" + id + "'\n[metadata]\nsidecars = []\n") {
			Expect(os.WriteFile(filepath.Join(root, name), file.Data, 0o600)).To(Succeed())
		}
		return root
	}
	siblings := func(root string) []string {
		var ids []string
		for _, one := range family.Siblings(root) {
			ids = append(ids, one.ID)
		}
		return ids
	}

	it("finds those that the lifecycle has put next to the buildpack, and those that it has downloaded", func() {
		own := placed("buildpacks/"+hash, "own")
		placed("buildpacks/fedcba9876543210", "placed")
		placed("buildpacks/fedcba9876543211/fork-main", "nested")
		downloaded := placed("buildpackdownloads/"+legacy, "downloaded")
		Expect(os.MkdirAll(filepath.Join(tmp, "buildpacks", "0000000000000000", "bin"), 0o755)).To(Succeed())
		Expect(siblings(own)).To(Equal([]string{"placed", "nested", "downloaded"}))
		Expect(siblings(downloaded)).To(Equal([]string{"own", "placed", "nested"}))
		Expect(siblings(filepath.Join(tmp, "buildpacks/fedcba9876543211/fork-main"))).To(Equal([]string{"own", "placed", "downloaded"}))
	})

	it("tells what the others are for", func() {
		own := placed("buildpacks/"+hash, "own")
		for path, manifest := range map[string]string{"buildpacks/fedcba9876543210": "language: java\ndependencies: []\n", "buildpacks/fedcba9876543211/main": "language: nodejs\n", "buildpackdownloads/" + legacy: "[", "buildpacks/fedcba9876543213": "other: x\n"} {
			root := placed(path, "other")
			Expect(os.WriteFile(filepath.Join(root, "manifest.yml"), []byte(manifest), 0o600)).To(Succeed())
		}
		Expect(family.Languages(own)).To(Equal([]string{"java", "nodejs"}))
		Expect(family.Languages(filepath.Join(tmp, "elsewhere"))).To(BeEmpty())
	})

	it("finds them where it runs from source, elsewhere, with links to its own description", func() {
		own := placed("buildpacks/"+hash, "own")
		placed("buildpacks/fedcba9876543210", "placed")
		work := t.TempDir()
		Expect(os.Symlink(filepath.Join(own, "buildpack.toml"), filepath.Join(work, "buildpack.toml"))).To(Succeed())
		Expect(siblings(work)).To(Equal([]string{"placed"}))
	})

	it("takes no directory of a developer's for one of the lifecycle's", func() {
		own := placed("src/own", "own")
		placed("src/other", "other")
		placed("src/"+hash, "hashed")
		Expect(siblings(own)).To(BeEmpty())
	})
}
