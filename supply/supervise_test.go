package supply_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testSupervise(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.write("buildpack/bin/supervise", "the supervisor")
	})

	it("tells the supervisor all that a sidecar asks for", func() {
		s.write("app/sidecars.yml", `
- {name: plain, command: x}
- {name: first, command: x, port: 80}
- name: all of it
  command: ./x
  memory: 64M
  env: {A: 1, B: $A}
  work-dir: agent
  port: 8082
  readiness-health-check-type: http
  readiness-health-check-interval: 2
  readiness-health-check-invocation-timeout: 3
  hold-app: true
  timeout: 90
  depends-on: [first]
  health-check-type: port
  restart: on-failure
  restart-limit: 6
  enforce-memory: true
  stop-after-app: true
  stop-timeout: 7
`)
		Expect(s.run()).To(Succeed())
		Expect(supervision.Read(s.path("deps/0"))).To(Equal([]supervision.Spec{
			{Name: "first", Readiness: &supervision.Check{Type: "port", Port: "80"}},
			{
				Name: "all of it", Env: []supervision.Variable{{Name: "A", Value: "1"}, {Name: "B", Value: "$A"}}, WorkDir: "agent", DependsOn: []string{"first"},
				Readiness: &supervision.Check{Type: "http", Port: "8082", Endpoint: "/", Interval: 2, InvocationTimeout: 3},
				Health:    &supervision.Check{Type: "port", Port: "8082"}, Timeout: 90,
				Restart: "on-failure", RestartLimit: 6, MemoryLimit: 64 << 20, StopAfterApp: true, StopTimeout: 7,
			},
		}))
		Expect(s.tree()).To(HaveKeyWithValue("/deps/0/bin/supervise", "-rwxr-xr-x the supervisor"))
		Expect(s.launched("0")).To(HaveExactElements(
			HaveField("Command", "x"),
			HaveField("Command", `"$DEPS_DIR/0/bin/supervise" first -- bash -c 'x'`),
			HaveField("Command", `"$DEPS_DIR/0/bin/supervise" 'all of it' -- ./x`),
		))
		Expect(s.log.String()).To(ContainSubstring("supervision: starts after first, holds the app, readiness by http at port 8082/, health by port at port 8082, restart on-failure, no more than its memory, stops after the app\n"))
	})

	it("has the app note its process for a sidecar that sends it a signal, and for no other", func() {
		s.write("app/sidecars.yml", "- {name: config-server, on-change: {signal: HUP}}\n- {name: b, command: x, on-change: {post: /a, port: 8081}}\n")
		Expect(s.run()).To(Succeed())
		Expect(supervision.Read(s.path("deps/0"))).To(Equal([]supervision.Spec{
			{Name: "config-server", OnChange: &supervision.OnChange{Signal: "HUP"}},
			{Name: "b", OnChange: &supervision.OnChange{Post: "/a", Port: "8081"}},
		}))
		Expect(appstart.Read(s.path("deps/0"))).To(Equal([]appstart.Sidecar{{Name: "config-server", ProcessTypes: []string{"web"}, SignalsApp: true}}))
	})

	it("installs none where no sidecar asks for one", func() {
		s.write("app/sidecars.yml", "- {name: a, command: x, restart: always}")
		Expect(s.run()).To(Succeed())
		s.write("app/sidecars.yml", "- name: config-server\n- {name: a, command: x, restart: never, port: 80}")
		Expect(s.run()).To(Succeed())
		Expect(s.path("deps/0/bin/supervise")).NotTo(BeAnExistingFile())
		Expect(s.path("deps/0/supervise.conf")).NotTo(BeAnExistingFile())
		Expect(s.log.String()).NotTo(ContainSubstring("supervision:"))
	})

	context("failure cases", func() {
		it("refuses a program in the supervisor's place", func() {
			const artifact = "artifact: {uri: 'https://example.com/supervise', sha256: '0000000000000000000000000000000000000000000000000000000000000000'}"
			s.write("app/sidecars.yml", "- {name: a, "+artifact+"}\n- {name: b, command: x, restart: always}")
			Expect(s.run()).To(MatchError(`sidecars.yml:1: sidecar "a": found an executable called "supervise"; expected another name, as a program of the buildpack's own is called so`))
		})

		it("refuses a command that is too long with the supervisor in front", func() {
			s.write("app/sidecars.yml", "- {name: a, restart: always, command: ./"+strings.Repeat("x", 4094)+"}")
			Expect(s.run()).To(MatchError(`sidecars.yml:1: sidecar "a": command: found 4129 characters, with the supervisor in front; expected at most 4096`))
			Expect(s.path("deps/0/launch.yml")).NotTo(BeAnExistingFile())
		})
	})
}
