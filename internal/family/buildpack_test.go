package family_test

import (
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

func files(description string) fstest.MapFS {
	return fstest.MapFS{
		"buildpack.toml": {Data: []byte(description)},
		"manifest.yml":   {Data: []byte("language: mine\ndependencies: [{name: d, version: 1.0.0}]\n")},
	}
}

func testBuildpack(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, description := range []string{
		"[[metadata.sidecars]]\nname = 'a'\ncommand = 'x'\n", "[metadata]\nsidecars = [{name = 'a', command = 'x'}]\n",
		"metadata.sidecars = [{name = 'a', command = 'x'}]\n", "[metadata]\nsidecars = []\n", "[ metadata ]\n\"sidecars\" = [ ]\n",
	} {
		it("knows a sidecar buildpack by the key sidecars, in each form that TOML has for it", func() {
			found, err := family.Read(files(description), "")
			Expect(err).NotTo(HaveOccurred())
			Expect(found.Has("d")).To(BeTrue())
			Expect(found.Has("e")).To(BeFalse())
		})
	}

	it("reads its name and version, with substitutes for missing ones", func() {
		identity, err := family.ReadIdentity([]byte("[buildpack]\nid = 'i'\nname = 'The N'\n"), "other")
		Expect(identity, err).To(Equal(family.Identity{ID: "i", Name: "The N"}))
		identity, err = family.ReadIdentity([]byte("[buildpack]\nid = 'i'\n"), "other")
		Expect(identity, err).To(Equal(family.Identity{ID: "i", Name: "i"}))
		identity, err = family.ReadIdentity(nil, "other")
		Expect(identity, err).To(Equal(family.Identity{ID: "other", Name: "other"}))
	})

	context("failure cases", func() {
		it("takes no other buildpack for one", func() {
			for _, description := range []string{"", "[buildpack]\nid = 'java'\n", "# metadata.sidecars\n[metadata]\npre-package = 'x'\n", "[metadata"} {
				_, err := family.Read(files(description), "")
				Expect(err).To(Equal(family.ErrStranger), description)
			}
			_, err := family.Read(fstest.MapFS{}, "")
			Expect(err).To(Equal(family.ErrStranger))
		})

		it("says what is wrong with the catalog or the manifest of one, and of which", func() {
			_, err := family.Read(files("[metadata]\nsidecars = [{name = 'a'\n"), "dir/")
			Expect(err).To(MatchError(ContainSubstring("dir/buildpack.toml:")))
			without := files("[metadata]\nsidecars = []\n")
			delete(without, "manifest.yml")
			_, err = family.Read(without, "dir/")
			Expect(err).To(MatchError(ContainSubstring("failed to read dir/manifest.yml: ")))
		})

		it("says that the table buildpack is wrong", func() {
			_, err := family.ReadIdentity([]byte("[buildpack]\nid = 1\n"), "")
			Expect(err).To(MatchError(ContainSubstring("failed to read the table buildpack of buildpack.toml: ")))
		})
	})
}
