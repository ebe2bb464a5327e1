package supply_test

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testIndex(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, index := range []string{"0", "3", "10"} {
		it("CF-02 uses the index "+index+" as it is given", func() {
			s := stage(t, index)
			s.write("app/sidecars.yml", "- name: config-server\n")
			before := s.tree()
			Expect(s.run()).To(Succeed())
			Expect(s.launched(index)).To(HaveExactElements(HaveField("Command", `"$DEPS_DIR/`+index+`/bin/config-server"`)))
			Expect(outside(s.tree(), "/deps/"+index)).To(Equal(outside(before, "/deps/"+index)))
		})
	}

	for _, padded := range []struct{ index, plain string }{{"00", "0"}, {"07", "7"}} {
		it("CF-02 copies launch.yml of the padded index "+padded.index+" to where the lifecycle looks, and nothing else (CF-03)", func() {
			s := stage(t, padded.index)
			s.write("app/sidecars.yml", "- name: config-server\n")
			before := s.tree()
			Expect(s.run()).To(Succeed())
			Expect(s.launched(padded.index)).To(HaveExactElements(HaveField("Command", `"$DEPS_DIR/`+padded.index+`/bin/config-server"`)))
			Expect(s.launched(padded.plain)).To(Equal(s.launched(padded.index)))
			Expect(os.ReadDir(s.path("deps/" + padded.plain))).To(HaveExactElements(HaveField("Name()", "launch.yml")))
			Expect(outside(s.tree(), "/deps/"+padded.index, "/deps/"+padded.plain)).To(Equal(outside(before, "/deps/"+padded.index)))

			first := s.tree()
			Expect(s.run()).To(Succeed())
			Expect(s.tree()).To(Equal(first))

			s.write("app/sidecars.yml", "")
			Expect(s.run()).To(Succeed())
			Expect(s.path("deps/" + padded.plain)).NotTo(BeAnExistingFile())
			Expect(s.path("deps/" + padded.index + "/launch.yml")).NotTo(BeAnExistingFile())
		})
	}

	it("CF-02 copies nothing for the index 10, whose plain number is the same", func() {
		s := stage(t, "10")
		s.write("app/sidecars.yml", "- name: config-server\n")
		Expect(s.run()).To(Succeed())
		Expect(os.ReadDir(s.path("deps"))).To(HaveExactElements(HaveField("Name()", "10")))
	})

	context("failure cases", func() {
		it("CF-07 finds a name that an earlier one of ten buildpacks has taken", func() {
			s := stage(t, "07")
			s.write("app/sidecars.yml", "- {name: monitor, command: watch}\n")
			s.write("deps/06/launch.yml", "processes: [{type: monitor, command: x}]")
			s.write("deps/06/config.yml", "name: ruby\n")
			Expect(s.run()).To(MatchError(`sidecars.yml:1: sidecar "monitor": found a name that is taken by the launch.yml of ruby, the buildpack in position 06 of this push; expected another name: the platform would run only one of the two`))
		})

		it("refuses an index that is not a number, and writes nothing", func() {
			s := stage(t, "x")
			s.write("app/sidecars.yml", "- name: config-server\n")
			before := s.tree()
			Expect(s.run()).To(MatchError(HavePrefix("failed to read the buildpack's index: ")))
			Expect(s.tree()).To(Equal(before))
		})
	})
}
