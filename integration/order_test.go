package integration_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testOrder puts the buildpack into every place among others.
func testOrder(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
	)

	it.Before(func() {
		directory = app(t, map[string]string{
			"Procfile":     "web: " + forever,
			"sidecars.yml": "- name: config-server\n- name: on-path\n  command: command -v config-server || echo not on PATH; exec sleep 1000\n",
			"manifest.yml": fmt.Sprintf("applications:\n- name: app\n  health-check-type: process\n  env: {CONFIG_SERVER_PORT: %s}\n", testport.Free(t)),
		})
	})

	fillers := func(count int) []string {
		var args []string
		for range count {
			args = append(args, "-b", buildpack("filler"))
		}
		return args
	}
	listening := "Listening on 127.0.0.1:"

	it("works before a buildpack that copies profile.d and sets PATH (CF-16)", func() {
		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack", "-b", buildpack("profile"))
		s.expectLine("APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0", listening)
		s.expectLine("APP/PROC/WEB/SIDECAR/ON-PATH/0", "")
		NewWithT(t).Eventually(s.log).Should(ContainSubstring("/deps/0/bin/config-server\n"))
		s.stop()
	})

	it("works before a buildpack that does not: the command needs neither (CF-16)", func() {
		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack", "-b", buildpack("plain"))
		s.expectLine("APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0", listening)
		s.expectLine("APP/PROC/WEB/SIDECAR/ON-PATH/0", "not on PATH")
		s.stop()
	})

	it("works in position 3 (CF-02)", func() {
		args := append(append([]string{"push"}, fillers(3)...), "-b", "sidecar_buildpack", "-b", buildpack("plain"))
		s := sidecar(t, directory, args...)
		s.expectLine("APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0", listening)
		Expect(s.log()).To(ContainSubstring(`command:     "$DEPS_DIR/3/bin/config-server"`))
		Expect(s.log()).To(ContainSubstring("filler supply called with 4 arguments, IDX 2"))
		s.stop()
	})

	for _, position := range []int{0, 3, 9} {
		it(fmt.Sprintf("works with ten buildpacks in position %d, where the lifecycle pads the index but looks for launch.yml without (CF-02)", position), func() {
			args := append([]string{"push"}, fillers(position)...)
			args = append(args, "-b", "sidecar_buildpack")
			if position < 9 {
				args = append(append(args, fillers(8-position)...), "-b", buildpack("plain"))
			}
			s := sidecar(t, directory, args...)
			s.expectLine("APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0", listening)
			Expect(s.log()).To(ContainSubstring(fmt.Sprintf(`command:     "$DEPS_DIR/%02d/bin/config-server"`, position)))
			s.stop()
		})
	}

	it("is merged with another buildpack's launch.yml, and both with the Procfile (CF-07)", func() {
		staged := stage(t, directory, "-b", "sidecar_buildpack", "-b", buildpack("processes"), "-b", buildpack("plain"))

		Expect(staged.ProcessTypes).To(Equal(map[string]string{"web": forever}))
		var names []string
		for _, s := range staged.Sidecars {
			names = append(names, s.Name)
		}
		Expect(names).To(ConsistOf("config-server", "on-path", "watcher"))
	})

	it("says in the app's log and in plan -d that a later buildpack has replaced a sidecar (CF-07)", func() {
		const said = `sidecar "config-server" of the buildpack in position 0`
		staged := stage(t, directory, "-b", "sidecar_buildpack", "-b", buildpack("taken"), "-b", buildpack("profile"))
		plan := sidecar(t, directory, "plan", "-d", staged.droplet)
		plan.await()
		Expect(strings.Join(strings.Fields(plan.log()), " ")).To(ContainSubstring(said + " of the push does not run: the buildpack in position 1 of the push declares a sidecar of the same name"))

		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack", "-b", buildpack("taken"), "-b", buildpack("profile"))
		NewWithT(t).Eventually(s.log).Should(ContainSubstring("[APP/PROC/WEB/0] ERR [sidecar-env] " + said + " does not run: the buildpack in position 1 declares a sidecar of the same name"))
		s.stop()
	})

	context("failure cases", func() {
		it("says in advance that a buildpack without bin/finalize cannot be the last", func() {
			_, message := failToStage(t, 1, directory, "-b", "sidecar_buildpack", "-b", buildpack("filler"))
			Expect(message).To(ContainSubstring("it has neither bin/finalize nor bin/compile, so it cannot be the last buildpack"))
		})
	})
}
