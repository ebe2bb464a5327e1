package supply_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testConflict(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "2")
		s.write("app/sidecars.yml", "# the one\n- {name: monitor, command: watch}\n")
	})

	it("CF-07 leaves alone what has another name", func() {
		s.write("app/Procfile", "web: run\nworker: run\n")
		s.write("deps/0/launch.yml", "processes: [{type: other, command: x}]")
		s.write("deps/1/config.yml", "name: without launch.yml")
		Expect(s.run()).To(Succeed())
		Expect(s.launched("2")).To(HaveLen(1))
	})

	it("CF-07 leaves later buildpacks' names to them", func() {
		s.write("deps/3/launch.yml", "processes: [{type: monitor, command: x}]")
		s.write("deps/10/launch.yml", "processes: [{type: monitor, command: x}]")
		s.write("deps/cache/launch.yml", "processes: [{type: monitor, command: x}]")
		Expect(s.run()).To(Succeed())
	})

	it("CF-07 warns of a name that two earlier buildpacks give to sidecars, where another one finalizes", func() {
		s.write("deps/0/config.yml", "name: one\n")
		s.write("deps/0/launch.yml", "processes: [{type: agent, command: x, platforms: {cloudfoundry: {sidecar_for: [web]}}}, {type: job, command: x}]")
		s.write("deps/1/launch.yml", "processes: [{type: agent, command: y, platforms: {cloudfoundry: {sidecar_for: [web]}}}, {type: job, command: y}]")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).NotTo(ContainSubstring("agent"), "finalize says it")

		s.write("deps/3/config.yml", "name: ruby\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring(`sidecar "agent" of one, the buildpack in position 0 of this push does not run: the buildpack in position 1 of this push declares a sidecar of the same name, ` +
			"and the platform runs only the later one. One of the two has to be given another name.\n"))
		Expect(s.log.String()).NotTo(ContainSubstring("job"))
	})

	it("may replace its own earlier launch.yml", func() {
		Expect(s.run()).To(Succeed())
		Expect(s.run()).To(Succeed())
	})

	it("warns of a Procfile on which staging will fail", func() {
		s.write("app/Procfile", "run")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("Procfile:1: "))
		Expect(s.log.String()).To(ContainSubstring("; staging will fail on it\n"))
	})

	it("does not look at names where there are no sidecars", func() {
		s.write("app/sidecars.yml", "")
		s.write("deps/0/launch.yml", "processes: [{type: a, limits: {memory: 256M}}]")
		Expect(s.run()).To(Succeed())
	})

	context("failure cases", func() {
		const found = `sidecars.yml:2: sidecar "monitor": found a name that is taken by `
		const want = "; expected another name: the platform would run only one of the two"

		it("CF-07 refuses the name of a process type of the Procfile", func() {
			s.write("app/Procfile", "monitor: x\n")
			before := s.tree()
			Expect(s.run()).To(MatchError(found + "a process type of the app's Procfile" + want))
			Expect(s.tree()).To(Equal(before))
		})

		it("CF-07 refuses a name of an earlier buildpack, called by its config.yml", func() {
			s.write("deps/1/launch.yml", "processes: [{type: monitor, command: x, platforms: {cloudfoundry: {sidecar_for: [web]}}}]")
			s.write("deps/1/config.yml", "name: ruby\nversion: 1\n")
			before := s.tree()
			Expect(s.run()).To(MatchError(found + "the launch.yml of ruby, the buildpack in position 1 of this push" + want))
			Expect(s.tree()).To(Equal(before))
		})

		for _, config := range []string{"version: 1", "name: [", "- name"} {
			it("CF-04 calls an earlier buildpack by its place where its config.yml has no name: "+config, func() {
				s.write("deps/0/launch.yml", "processes: [{type: monitor, command: x}]")
				s.write("deps/0/config.yml", config)
				Expect(s.run()).To(MatchError(found + "the launch.yml of the buildpack in position 0 of this push" + want))
			})
		}

		it("names every name that is taken", func() {
			s.write("app/sidecars.yml", "- {name: monitor, command: watch}\n- {name: b, command: x}\n- {name: c, command: x}\n")
			s.write("app/Procfile", "c: x\n")
			s.write("deps/0/launch.yml", "processes: [{type: monitor, command: x}]")
			Expect(s.run()).To(MatchError(`sidecars.yml:1: sidecar "monitor": found a name that is taken by the launch.yml of the buildpack in position 0 of this push` + want +
				"\nsidecars.yml:3: sidecar \"c\": found a name that is taken by a process type of the app's Procfile" + want))
		})

		it("CF-05 says whose launch.yml staging would fail on", func() {
			s.write("deps/0/launch.yml", "processes:\n- type: a\n  limits: {memory: 256M}\n")
			before := s.tree()
			Expect(s.run()).To(MatchError("failed to read the launch.yml of the buildpack in position 0 of this push: failed to parse " + s.path("deps/0/launch.yml") + ": line 3: found the text `256M`; expected a whole number"))
			Expect(s.tree()).To(Equal(before))
		})
	})
}
