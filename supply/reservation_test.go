package supply_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testReservation(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "1")
		s.memory = 1024
	})

	it("CF-33 takes sidecars that leave the web process a part of its memory", func() {
		s.write("app/sidecars.yml", "- name: config-server\n- {name: large, command: x, memory: 991M}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.launched("1")).To(HaveLen(2))
	})

	it("CF-13 warns of what another process has room for only where it is given more than the default", func() {
		s.memory = 8192
		s.write("app/sidecars.yml", "- {name: large, command: x, memory: 1000M, process_types: [worker, clock]}\n- {name: small, command: x, memory: 24M, process_types: [worker]}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("The sidecars of the process worker reserve 1G (large 1000M, small 24M). It has to be given more than that: by itself, the platform gives it 1G."))
		Expect(s.log.String()).To(ContainSubstring("Let them reserve less: memory in sidecars.yml, or cf set-env APP_NAME SIDECAR_LARGE_MEMORY SIZE. Or:"))
		Expect(s.log.String()).To(ContainSubstring("Give the process more: memory in the app manifest"))
		Expect(s.log.String()).NotTo(ContainSubstring("process clock"))
	})

	it("takes any size where the platform does not state the staging container's memory", func() {
		s.memory = 0
		s.write("app/sidecars.yml", "- {name: large, command: x, memory: 4G}\n")
		Expect(s.run()).To(Succeed())
	})

	it("warns of a sidecar that reserves nothing", func() {
		s.write("app/sidecars.yml", "- name: config-server\n- {name: idle one, command: x}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("Sidecar idle one reserves no memory. If the app uses the whole container limit, as one in Java does, " +
			"both are killed for memory. State its memory in sidecars.yml, or cf set-env APP_NAME SIDECAR_IDLE_ONE_MEMORY SIZE."))
		Expect(s.log.String()).NotTo(ContainSubstring("config-server reserves no memory"))
	})

	context("failure cases", func() {
		it("CF-33, CF-36 refuses sidecars that reserve all of it, naming each with its size, and the two ways out", func() {
			s.write("app/sidecars.yml", "- name: config-server\n- {name: large, command: x, memory: 992M}\n- {name: elsewhere, command: x, memory: 1G, process_types: [worker]}\n")
			before := s.tree()
			Expect(s.run()).To(MatchError("the sidecars of the process web reserve 1G (config-server 32M, large 992M), and it has no more than 1G, of which the app itself needs a part.\n" +
				"Let them reserve less: memory in sidecars.yml, or cf set-env APP_NAME SIDECAR_LARGE_MEMORY SIZE. Or:\n" +
				"Give the process more: memory in the app manifest, or cf push -m SIZE"))
			Expect(s.tree()).To(Equal(before))
		})

		it("CF-36 counts what earlier buildpacks reserve", func() {
			s.write("deps/0/launch.yml", "processes:\n- {type: agent, command: x, limits: {memory: 1000}, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n")
			s.write("app/sidecars.yml", "- name: config-server\n")
			Expect(s.run()).To(MatchError(ContainSubstring("reserve 1032M (config-server 32M; agent 1000M of the buildpack in position 0 of this push), and it has no more than 1G")))
		})

		it("gives no advice on what only another buildpack can change", func() {
			s.write("deps/0/launch.yml", "processes:\n- {type: agent, command: x, limits: {memory: 2000}, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n")
			s.write("app/sidecars.yml", "- {name: mine, command: x}\n")
			Expect(s.run()).To(MatchError("the sidecars of the process web reserve 2000M (agent 2000M of the buildpack in position 0 of this push), and it has no more than 1G, of which the app itself needs a part.\n" +
				"Give the process more: memory in the app manifest, or cf push -m SIZE"))
		})
	})
}
