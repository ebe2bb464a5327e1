package buildpack_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testHooks(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		s       *staging
		environ []string
	)

	it.Before(func() {
		s, environ = stage(t), nil
		s.write("app/sidecars.yml", "- name: config-server\n- {name: own, command: ./own, memory: 8M}\n")
		s.write("programs/config-server", "the program")
		s.write("programs/supervise", "the supervisor")
	})

	supply := func(hooks ...buildpack.Hooks) int {
		s.stdout.Reset()
		return buildpack.Supply([]string{s.path("programs/supply"), s.path("app"), s.path("cache"), s.path("deps"), "0"}, environ, &s.stdout, &s.stderr, hooks...)
	}
	launched := func() string {
		content, err := os.ReadFile(s.path("deps/0/launch.yml"))
		Expect(err).NotTo(HaveOccurred())
		return string(content)
	}

	context("after the judge", func() {
		it("sees the app, the buildpack and the sidecars, and is heard in the log", func() {
			environ = []string{"CF_STACK=cflinuxfs4", "A=b"}
			Expect(supply(buildpack.Hooks{Judged: func(j *buildpack.Judged) error {
				Expect(j.Sidecars).To(Equal([]buildpack.Sidecar{{Name: "config-server", ProcessTypes: []string{"web"}, Memory: 32}, {Name: "own", ProcessTypes: []string{"web"}, Memory: 8}}))
				Expect(fs.ReadFile(j.Buildpack, "VERSION")).To(BeEquivalentTo("0.1.0\n"))
				Expect(fs.ReadFile(j.App, "sidecars.yml")).NotTo(BeEmpty())
				Expect(j.Environ).To(Equal(environ))
				Expect([]string{j.Index, j.Stack}).To(Equal([]string{"0", "cflinuxfs4"}))
				Expect(os.ReadDir(s.path("deps/0"))).To(BeEmpty())
				j.Log("two sidecars of %s", "the app")
				j.Warn("a warning")
				return nil
			}})).To(Equal(0), s.stdout.String())
			Expect(s.stdout.String()).To(ContainSubstring("       two sidecars of the app\n"))
			Expect(s.stdout.String()).To(ContainSubstring("**WARNING**\x1b[0m a warning\n"))
		})

		it("amends what the catalog says, and the app's own words win", func() {
			Expect(supply(buildpack.Hooks{Judged: func(j *buildpack.Judged) error {
				j.Declare("- {name: config-server, memory: 64M}\n- {name: own, memory: 100M}\n- {name: third, command: ./third}\n")
				return nil
			}}, buildpack.Hooks{Judged: func(j *buildpack.Judged) error {
				j.Declare("- {name: config-server, env: {A: b}}")
				return nil
			}})).To(Equal(0), s.stdout.String())
			Expect(launched()).To(ContainSubstring("memory: 64"))
			Expect(launched()).To(ContainSubstring("memory: 8\n"))
			Expect(launched()).To(ContainSubstring("./third"))
			Expect(os.ReadFile(s.path("deps/0/supervise.conf"))).To(ContainSubstring(`env "A=b"`))
		})

		it("leaves a sidecar out", func() {
			Expect(supply(buildpack.Hooks{Judged: func(j *buildpack.Judged) error {
				j.Declare("[{name: config-server, enabled: false}]")
				return nil
			}})).To(Equal(0), s.stdout.String())
			Expect(launched()).NotTo(ContainSubstring("config-server"))
		})

		it("is called for an app without sidecars, the others are not", func() {
			s.write("app/sidecars.yml", "")
			called := ""
			Expect(supply(buildpack.Hooks{
				Judged:    func(*buildpack.Judged) error { called += "judged "; return nil },
				Installed: func(*buildpack.Installed) error { called += "installed "; return nil },
				Launching: func(*buildpack.Launching) error { called += "launching "; return nil },
			})).To(Equal(0))
			Expect(called).To(Equal("judged "))
		})
	})

	it("adds files after installing, and changes commands and adds processes before launch.yml", func() {
		Expect(supply(buildpack.Hooks{
			Installed: func(i *buildpack.Installed) error {
				Expect(os.ReadFile(i.Directory + "/bin/config-server")).To(BeEquivalentTo("the program"))
				return os.WriteFile(i.Directory+"/policy.rego", []byte("package b"), 0o600)
			},
			Launching: func(l *buildpack.Launching) error {
				Expect(l.Processes).To(HaveLen(2))
				l.Processes[1].Command += " --policy " + l.AtStart("policy.rego")
				l.Processes = append(l.Processes, buildpack.Process{Type: "task", Command: "./task"})
				return nil
			},
		})).To(Equal(0), s.stdout.String())
		Expect(os.ReadFile(s.path("deps/0/policy.rego"))).To(BeEquivalentTo("package b"))
		Expect(launched()).To(MatchYAML(`
processes:
- {type: config-server, command: '"$DEPS_DIR/0/bin/config-server"', limits: {memory: 32}, platforms: {cloudfoundry: {sidecar_for: [web]}}}
- {type: own, command: './own --policy "$DEPS_DIR/0/policy.rego"', limits: {memory: 8}, platforms: {cloudfoundry: {sidecar_for: [web]}}}
- {type: task, command: ./task}
`))
		known, err := os.ReadFile(s.path("deps/0/known-sidecars.sh"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(known)).To(ContainSubstring("./own --policy"), "the app is told from its sidecars by their commands")
		Expect(string(known)).NotTo(ContainSubstring("./task"), "a process of the app is not a sidecar")
	})

	it("finds a program that is not next to that which runs", func() {
		Expect(os.Rename(s.path("programs/config-server"), s.path("elsewhere"))).To(Succeed())
		Expect(supply(buildpack.Hooks{}, buildpack.Hooks{Program: func(name string) (string, error) {
			Expect(name).To(Equal("config-server"))
			return s.path("elsewhere"), nil
		}})).To(Equal(0), s.stdout.String())
		Expect(os.ReadFile(s.path("deps/0/bin/config-server"))).To(BeEquivalentTo("the program"))
	})

	it("places the file of several programs once, as of the command line tool, which is all of them", func() {
		s.write("app/sidecars.yml", "[{name: own, command: ./own, restart: always, files: {a: '{{ .Name }}'}}]")
		s.write("tool", "each program")
		for _, name := range []string{"supervise", "sidecar-render"} {
			Expect(os.RemoveAll(s.path("programs/" + name))).To(Succeed())
			Expect(os.Symlink(s.path("tool"), s.path("programs/"+name))).To(Succeed())
		}
		Expect(supply()).To(Equal(0), s.stdout.String())
		supervise, err := os.Lstat(s.path("deps/0/bin/supervise"))
		Expect(err).NotTo(HaveOccurred())
		render, err := os.Lstat(s.path("deps/0/bin/sidecar-render"))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.SameFile(supervise, render)).To(BeTrue())
		Expect(render.Mode().String()).To(Equal("-rwxr-xr-x"))
		Expect(os.ReadFile(s.path("deps/0/bin/sidecar-render"))).To(BeEquivalentTo("each program"))
		Expect(os.WriteFile(s.path("tool"), []byte("changed"), 0o755)).To(Succeed())
		Expect(os.ReadFile(s.path("deps/0/bin/supervise"))).To(BeEquivalentTo("each program"), "a copy, and no link out of the droplet")
	})

	context("failure cases", func() {
		refused := errors.New("found no policy; expected policy.rego")
		for name, hooks := range testtable.Sorted(map[string]buildpack.Hooks{
			"after the judge":   {Judged: func(*buildpack.Judged) error { return refused }},
			"after installing":  {Installed: func(*buildpack.Installed) error { return refused }},
			"before launch.yml": {Launching: func(*buildpack.Launching) error { return refused }},
		}) {
			it("CF-11 exits with 225 for what a hook refuses "+name, func() {
				Expect(supply(hooks)).To(Equal(225))
				Expect(s.stdout.String()).To(HaveSuffix("**ERROR**\x1b[0m found no policy; expected policy.rego\n"))
				Expect(s.path("deps/0/launch.yml")).NotTo(BeAnExistingFile())
			})
		}

		it("checks what a hook declares as it does what an app declares", func() {
			Expect(supply(buildpack.Hooks{Judged: func(j *buildpack.Judged) error { j.Declare("- {name: x, command: y, memory: much}"); return nil }})).To(Equal(225))
			Expect(s.stdout.String()).To(ContainSubstring(`with Declare in the hook Judged:1: sidecar "x": memory: found "much"`))
			Expect(supply(buildpack.Hooks{Judged: func(j *buildpack.Judged) error {
				j.Declare("- {name: x, command: " + strings.Repeat("y", 5000) + "}")
				return nil
			}})).To(Equal(225))
			Expect(s.stdout.String()).To(ContainSubstring("characters; expected at most 4096"))
		})

		supervised := "- {name: own, command: ./own, restart: always}\n"
		for _, wrong := range []struct {
			name, app string
			change    func(*buildpack.Launching)
			problem   string
		}{
			{"removed", "", func(l *buildpack.Launching) { l.Processes = l.Processes[1:] }, `has removed sidecar "config-server" from launch.yml; expected the hook Judged to leave it out: with Declare, and enabled: false`},
			{"of other memory", "", func(l *buildpack.Launching) { l.Processes[0].Memory = 1 }, `has changed the memory or the process types of sidecar "config-server"`},
			{"for other process types", "", func(l *buildpack.Launching) { l.Processes[0].SidecarFor[0] = "worker" }, `has changed the memory or the process types of sidecar "config-server"`},
			{"added", "", func(l *buildpack.Launching) {
				l.Processes = append(l.Processes, buildpack.Process{Type: "x", Command: "x", SidecarFor: []string{"web"}})
			}, `has added sidecar "x" to launch.yml; expected the hook Judged to add it with Declare`},
			{"without its supervisor", supervised, func(l *buildpack.Launching) { l.Processes[0].Command = "./own" }, `has taken the supervisor out of the command of sidecar "own"; expected the command to begin with "$DEPS_DIR/0/bin/supervise" own --`},
			{"without a command", "", func(l *buildpack.Launching) { l.Processes[0].Command = "" }, `there is no command`},
		} {
			it("refuses a sidecar that a hook has "+wrong.name+" in launch.yml", func() {
				if wrong.app != "" {
					s.write("app/sidecars.yml", wrong.app)
				}
				Expect(supply(buildpack.Hooks{Launching: func(l *buildpack.Launching) error { wrong.change(l); return nil }})).To(Equal(225))
				Expect(s.stdout.String()).To(ContainSubstring(wrong.problem))
			})
		}

		added := func(p ...buildpack.Process) buildpack.Hooks {
			return buildpack.Hooks{Launching: func(l *buildpack.Launching) error {
				l.Processes = append(l.Processes, p...)
				return nil
			}}
		}
		for _, wrong := range []struct {
			name    string
			hook    buildpack.Hooks
			problem string
		}{
			{"with the name of a sidecar", added(buildpack.Process{Type: "own", Command: "x"}), `has added process "own" to launch.yml, but this is the name of a sidecar; expected a type that nothing else has`},
			{"with the name of a sidecar and as a sidecar", added(buildpack.Process{Type: "own", Command: "x", Memory: 8, SidecarFor: []string{"web"}}), `has added sidecar "own" to launch.yml`},
			{"of a type that the Procfile has", added(buildpack.Process{Type: "web", Command: "x"}), `has added process "web" to launch.yml, but this is a process type of the app's Procfile, which replaces it`},
			{"twice", added(buildpack.Process{Type: "task", Command: "x"}, buildpack.Process{Type: "task", Command: "y"}), `has added process "task" to launch.yml, but this is the type of another process that a hook has added`},
			{"with memory", added(buildpack.Process{Type: "task", Command: "x", Memory: 8}), `has added process "task" with a memory of 8 MB; expected none`},
		} {
			it("CF-07 CF-08 refuses a process that a hook has added "+wrong.name, func() {
				s.write("app/Procfile", "web: ./app\n")
				Expect(supply(wrong.hook)).To(Equal(225))
				Expect(s.stdout.String()).To(ContainSubstring(wrong.problem))
				Expect(s.path("deps/0/launch.yml")).NotTo(BeAnExistingFile())
			})
		}

		it("CF-07 refuses a process that a hook has added of a type that an earlier buildpack has", func() {
			s.write("deps/0/launch.yml", "processes: [{type: earlier, command: ./earlier}]\n")
			s.write("deps/1/.keep", "")
			arguments := []string{s.path("programs/supply"), s.path("app"), s.path("cache"), s.path("deps"), "1"}
			Expect(buildpack.Supply(arguments, environ, &s.stdout, &s.stderr, added(buildpack.Process{Type: "earlier", Command: "x"}))).To(Equal(225))
			Expect(s.stdout.String()).To(MatchRegexp(`has added process "earlier" to launch.yml, but this is in the launch.yml of .+, which it replaces`))
		})

		var unset map[string]int
		for name, hooks := range testtable.Sorted(map[string]buildpack.Hooks{
			"Judged":    {Judged: func(*buildpack.Judged) error { unset["x"] = 1; return nil }},
			"Installed": {Installed: func(*buildpack.Installed) error { unset["x"] = 1; return nil }},
			"Launching": {Launching: func(*buildpack.Launching) error { unset["x"] = 1; return nil }},
			"Program":   {Program: func(string) (string, error) { unset["x"] = 1; return "", nil }},
		}) {
			it("CF-11 exits with 225 for a panic in the hook "+name+", and names its line", func() {
				Expect(os.RemoveAll(s.path("programs/config-server"))).To(Succeed())
				if name != "Program" {
					s.write("programs/config-server", "the program")
				}
				Expect(supply(hooks)).To(Equal(225))
				Expect(s.stdout.String()).To(MatchRegexp(`\*\*ERROR\*\*\S* .*the buildpack's hook ` + name + ` panicked: assignment to entry in nil map \(hooks_test.go:\d+\)`))
			})
		}
	})
}
