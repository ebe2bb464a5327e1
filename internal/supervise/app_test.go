//go:build linux

package supervise

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
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
		lines := fmt.Sprintf("%s %d\n", pid, processtree.Start(os.Getpid()))
		Expect(os.ReadFile(filepath.Join(s.directory, "run", supervision.AppFile))).To(BeEquivalentTo(lines + lines))
		Expect(s.start("--app", "shell").cleanStatus()).To(Equal(0))
		Expect(os.ReadFile(filepath.Join(s.directory, "run", supervision.AppFile))).To(BeEquivalentTo(lines+lines), "an interactive session is not the app")

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

	context("the app's identity for OpenTelemetry", func() {
		const application = `VCAP_APPLICATION={"process_type":"web","application_name":"my shop","space_name":"it's"}`
		const exported = "export OTEL_RESOURCE_ATTRIBUTES='%s'\nexport OTEL_SERVICE_NAME='my shop'\n"

		it.Before(func() { s.environ = append(s.environ, application, "CF_INSTANCE_INDEX=2") })

		it("is that of the app if a sidecar asks for it, and of no other process", func() {
			s.asks(appstart.Sidecar{Name: "a", ProcessTypes: []string{"web"}, OTelIdentity: true, AppEnv: []appstart.Variable{{Name: "A", Value: "b"}}})
			p := s.start("--app", pid)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal("_sidecars_default A 'b'\n" + fmt.Sprintf(exported, "cloudfoundry.app.name=my%20shop,cloudfoundry.app.instance.id=2,cloudfoundry.space.name=it%27s,cloudfoundry.process.type=web")))

			s.asks(appstart.Sidecar{Name: "a", ProcessTypes: []string{"web"}, AppEnv: []appstart.Variable{{Name: "A", Value: "b"}}}, appstart.Sidecar{Name: "b", ProcessTypes: []string{"worker"}, OTelIdentity: true})
			p = s.start("--app", pid)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal("_sidecars_default A 'b'\n"))
		})

		it("is made after the variables that bear on it, which win", func() {
			s.asks(appstart.Sidecar{Name: "a", ProcessTypes: []string{"web"}, OTelIdentity: true, AppEnv: []appstart.Variable{{Name: "OTEL_SERVICE_NAME", Value: "mine"}}})
			p := s.start("--app", pid)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal("_sidecars_default OTEL_SERVICE_NAME 'mine'\n_sidecars_identity\n"))
			s.environ = append(s.environ, "OTEL_SERVICE_NAME=mine")
			p = s.start("--otel-identity")
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(And(HavePrefix("export OTEL_RESOURCE_ATTRIBUTES='cloudfoundry."), Not(ContainSubstring("OTEL_SERVICE_NAME"))))
		})

		it("is that of a sidecar that asks for it, and its own env may refer to it", func() {
			s.specs(supervision.Spec{Name: "a", OTelIdentity: true, Env: []supervision.Variable{{Name: "MINE", Value: "$OTEL_SERVICE_NAME!"}}}, supervision.Spec{Name: "b", Env: []supervision.Variable{{Name: "A", Value: "b"}}})
			p := s.run("a", `echo "$MINE $OTEL_RESOURCE_ATTRIBUTES"`)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal("my shop! cloudfoundry.app.name=my%20shop,cloudfoundry.app.instance.id=2,cloudfoundry.space.name=it%27s,cloudfoundry.process.type=web\n"))
			p = s.run("b", `echo "${OTEL_SERVICE_NAME-unset} ${OTEL_RESOURCE_ATTRIBUTES-unset}"`)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal("unset unset\n"))
		})

		it("merges it, key by key, with the attributes that the sidecar's own env states", func() {
			attributes := func(own ...supervision.Variable) string {
				s.specs(supervision.Spec{Name: "a", OTelIdentity: true, Env: own})
				p := s.run("a", `echo "$OTEL_SERVICE_NAME|$OTEL_RESOURCE_ATTRIBUTES"`)
				Expect(p.cleanStatus()).To(Equal(0), p.said())
				return p.wrote()
			}
			name := func(text string) supervision.Variable {
				return supervision.Variable{Name: "OTEL_RESOURCE_ATTRIBUTES", Value: text}
			}
			service := supervision.Variable{Name: "OTEL_SERVICE_NAME", Value: "mine"}
			Expect(attributes(name("team=a,cloudfoundry.app.name=other"))).To(And(HavePrefix("my shop|team=a,cloudfoundry.app.name=other,cloudfoundry."), Not(ContainSubstring("app.name=my"))))
			Expect(attributes(name("$OTEL_RESOURCE_ATTRIBUTES,team=a"))).To(MatchRegexp(`^my shop\|cloudfoundry\..*,team=a\n$`))
			Expect(attributes(name("service.name=own"))).To(HavePrefix("|service.name=own,cloudfoundry."))
			Expect(attributes(name("team=a"), service)).To(HavePrefix("mine|team=a,cloudfoundry."))
		})
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
