package supply_test

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testFamily(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "1")
		s.write("app/sidecars.yml", "- name: config-server\n- name: theirs\n")
	})
	earlier := func(record string) {
		t.Helper()
		s.write("deps/0/config.yml", "name: fork\n")
		s.write("deps/0/sidecar-buildpack.yml", record)
		s.write("deps/0/launch.yml", "processes:\n- {type: theirs, command: x, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n")
	}
	made := func() []string {
		t.Helper()
		var names []string
		for _, p := range s.launched("1") {
			names = append(names, p.Type)
		}
		return names
	}

	it("leaves alone what an earlier buildpack of the family has made, and says so", func() {
		earlier("version: 1\nid: fork\nname: The Fork\nsidecars: [theirs]\n")
		Expect(s.run()).To(Succeed())
		Expect(made()).To(Equal([]string{"config-server"}))
		Expect(s.log.String()).To(ContainSubstring(`       Sidecar "theirs" is left to fork, the buildpack in position 0 of this push, which comes first and has made it.` + "\n"))
	})

	it("tells later ones which sidecars this app does not have, and leaves alone what earlier ones tell so", func() {
		s.write("app/sidecars.yml", "- {name: config-server, enabled: false}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring(`       Sidecar "config-server" is left out: sidecars.yml:1 says enabled: false.` + "\n"))
		Expect(s.log.String()).NotTo(ContainSubstring("No sidecars"))
		const record = "version: 1\nid: sidecar\nname: Sidecar Buildpack\nsidecars: []\nabsent: [config-server]\n"
		Expect(os.ReadFile(s.path("deps/1/sidecar-buildpack.yml"))).To(MatchYAML(record))
		Expect(s.path("deps/1/bin")).NotTo(BeADirectory())

		s.write("app/sidecars.yml", "- name: config-server\n")
		s.write("deps/0/sidecar-buildpack.yml", record)
		Expect(s.run()).To(Succeed())
		Expect(s.path("deps/1/launch.yml")).NotTo(BeAnExistingFile())
	})

	it("tells later ones what it has made", func() {
		s.write("app/sidecars.yml", "- name: config-server\n")
		Expect(s.run()).To(Succeed())
		Expect(os.ReadFile(s.path("deps/1/sidecar-buildpack.yml"))).To(MatchYAML("version: 1\nid: sidecar\nname: Sidecar Buildpack\nsidecars: [config-server]\n"))
	})

	it("makes nothing where everything is made, and says of each whose it is: named twice", func() {
		s.write("app/sidecars.yml", "- name: config-server\n")
		earlier("version: 1\nid: sidecar\nname: Sidecar Buildpack\nsidecars: [config-server]\n")
		Expect(s.run()).To(Succeed())
		Expect(s.path("deps/1/launch.yml")).NotTo(BeAnExistingFile())
		Expect(s.log.String()).To(ContainSubstring(`Sidecar "config-server" is left to`))
		Expect(s.log.String()).NotTo(ContainSubstring("No sidecars"))
	})

	it("leaves a record of another version alone, and takes the buildpack's launch.yml for what it has made", func() {
		earlier("version: 2\nsidecars: {of: another, form: [x]}\n")
		Expect(s.run()).To(Succeed())
		Expect(made()).To(Equal([]string{"config-server"}))
		Expect(s.log.String()).To(ContainSubstring("fork, the buildpack in position 0 of this push has a sidecar-buildpack.yml of version 2; this buildpack knows version 1, and leaves to it what its launch.yml declares."))
	})

	it("leaves to a sibling what that one knows, only where other buildpacks come later (CF-02)", func() {
		catalog, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte("[[metadata.sidecars]]\nname = \"theirs\"\ncommand = \"x\"\n")})
		Expect(err).NotTo(HaveOccurred())
		s.siblings = []family.Buildpack{{Identity: family.Identity{ID: "fork", Name: "The Fork"}, Catalog: catalog}}
		Expect(s.run()).To(MatchError(ContainSubstring(`sidecars.yml:2: sidecar "theirs": found no command`)))

		Expect(os.MkdirAll(s.path("deps/2"), 0o755)).To(Succeed())
		Expect(s.run()).To(Succeed())
		Expect(made()).To(Equal([]string{"config-server"}))
		Expect(s.log.String()).To(ContainSubstring(`Sidecar "theirs" is left to The Fork, which comes later and knows it.`))
	})

	context("failure cases", func() {
		it("refuses the name of a buildpack that has no record: which entries it takes for its own, nothing tells", func() {
			earlier("version: 1\n")
			Expect(os.Remove(s.path("deps/0/sidecar-buildpack.yml"))).To(Succeed())
			s.write("app/sidecars.yml", "- {name: theirs, command: y}\n")
			Expect(s.run()).To(MatchError(ContainSubstring("found a name that is taken by the launch.yml of fork, the buildpack in position 0 of this push")))
		})

		it("names the buildpack whose record cannot be read", func() {
			earlier("version: [")
			Expect(s.run()).To(MatchError(ContainSubstring("fork, the buildpack in position 0 of this push: sidecar-buildpack.yml:1: ")))
		})
	})
}
