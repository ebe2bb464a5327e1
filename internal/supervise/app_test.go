//go:build linux

package supervise

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// testApp is about what is asked of the app's own process: see also testWait and testPorts.
func testApp(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *site
	)

	it.Before(func() { s = newPlainSite(t) })

	in := func(processType string) {
		s.environ = append(s.environ, `VCAP_APPLICATION={"process_type":"`+processType+`"}`)
	}
	pid := strconv.Itoa(os.Getpid())

	it("prints the variables, and notes the process id, for sidecars that run in this process's container", func() {
		s.asks(
			appstart.Sidecar{Name: "a", ProcessTypes: []string{"web", "clock"}, AppEnv: []appstart.Variable{{Name: "A", Value: "it's $B"}}},
			appstart.Sidecar{Name: "b", ProcessTypes: []string{"worker"}, AppEnv: []appstart.Variable{{Name: "C", Value: "d"}}, StopAfterApp: true},
		)
		in("web")
		p := s.start("--app", pid)
		Expect(p.cleanStatus()).To(Equal(0), p.said())
		Expect(p.wrote()).To(Equal("_sidecars_default A 'it'\\''s '\"${B-}\"''\n"))
		Expect(filepath.Join(s.directory, "run")).NotTo(BeADirectory())

		in("worker")
		for range 2 {
			p = s.start("--app", pid)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal("_sidecars_default C 'd'\n"))
		}
		Expect(os.ReadFile(filepath.Join(s.directory, "run", supervision.AppFile))).To(BeEquivalentTo(pid + "\n" + pid + "\n"))
		Expect(s.start("--app", "shell").cleanStatus()).To(Equal(0))
		Expect(os.ReadFile(filepath.Join(s.directory, "run", supervision.AppFile))).To(BeEquivalentTo(pid+"\n"+pid+"\n"), "an interactive session is not the app")

		in("job")
		p = s.start("--app", pid)
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote() + p.said()).To(BeEmpty())
	})

	it("lifts the limits of the language runtimes only for a variable that bears on them", func() {
		for name, expected := range map[string]string{
			"NODE_OPTIONS":                "_sidecars_limits_off \"$@\"\n_sidecars_default NODE_OPTIONS 'x'\n_sidecars_limits_on \"$@\"\n",
			"DOTNET_GCHeapHardLimitLarge": "_sidecars_limits_off \"$@\"\n_sidecars_default DOTNET_GCHeapHardLimitLarge 'x'\n_sidecars_limits_on \"$@\"\n",
			"NODE_ENV":                    "_sidecars_default NODE_ENV 'x'\n",
		} {
			s.asks(appstart.Sidecar{Name: "a", ProcessTypes: []string{"web"}, AppEnv: []appstart.Variable{{Name: name, Value: "x"}}})
			p := s.start("--app", pid)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal(expected))
		}
	})

	context("failure cases", func() {
		it("asks nothing of a process where what is asked is of an unknown version or unreadable, and says so on one line", func() {
			for content, why := range map[string]string{
				`{"version":2,"sidecars":{"s3cret":[]}}`: s.directory + "/app-start.json: found version 2; expected 1, which this buildpack writes: stage the app again",
				`{"sidecars":[]}`:                        s.directory + "/app-start.json: found version 0; expected 1, which this buildpack writes: stage the app again",
				`{"version":1,"sidecars":"s3cret"}`:      "failed to parse " + s.directory + "/app-start.json: found no list of sidecars",
				`s3cret`:                                 "failed to parse " + s.directory + "/app-start.json: found no JSON object of a version and sidecars",
			} {
				s.put(appstart.FileName, content, 0o600)
				for _, args := range [][]string{{"--app", pid}, {"--ports", "run"}} {
					p := s.start(args...)
					Expect(p.cleanStatus()).To(Equal(0))
					Expect(p.wrote()).To(BeEmpty())
					Expect(p.said()).To(Equal("[supervise] " + why + "; the sidecars ask nothing of this process\n"))
				}
			}
		})

		it("says that VCAP_APPLICATION is no JSON, without its content", func() {
			s.asks(appstart.Sidecar{Name: "a", ProcessTypes: []string{"web"}, HoldApp: true})
			s.environ = append(s.environ, "VCAP_APPLICATION={s3cret")
			p := s.start("--app", pid)
			Expect(p.cleanStatus()).To(Equal(0))
			Expect(p.said()).To(Equal("[supervise] VCAP_APPLICATION: found no application in JSON; expected that of the platform; the sidecars ask nothing of this process\n"))
		})

		it("fails where the app's variables cannot be read, but for an interactive session", func() {
			s.asks(
				appstart.Sidecar{Name: "a", ProcessTypes: []string{"web"}, AppEnvFrom: "SIDECAR_A_APP_ENV"},
				appstart.Sidecar{Name: "b", ProcessTypes: []string{"web"}, AppEnv: []appstart.Variable{{Name: "B", Value: "b"}}},
			)
			Expect(os.Symlink(filepath.Join(built, "sidecar-env"), filepath.Join(s.directory, "bin", "sidecar-env"))).To(Succeed())
			const why = `[sidecar-env] a: SIDECAR_A_APP_ENV is not set, and stated app-env of sidecar "a" at staging: set it, or stage the app again` + "\n"
			p := s.start("--app", pid)
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(Equal(why))
			Expect(p.wrote()).To(BeEmpty())
			p = s.start("--app", "shell")
			Expect(p.cleanStatus()).To(Equal(0))
			Expect(p.said()).To(Equal(why))
			Expect(p.wrote()).To(Equal("_sidecars_default B 'b'\n"))
		})
	})
}
