package cli

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

// carriedForTests is what sidecar embeds, for specs that stage and run nothing. It has the tests'
// own buildpack, since forks may change that of the repository.
var carriedForTests = Embedded{Version: "1.2.3", Buildpack: stage.Builtin{Files: testsBuildpack()}}

func testsBuildpack() fs.FS {
	directory, err := filepath.Abs("../testdata/buildpack") // before a spec changes the working directory
	if err != nil {
		panic(err)
	}
	return os.DirFS(directory)
}

func testPlan(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
		t.Chdir(t.TempDir())
		t.Setenv("TMPDIR", t.TempDir())
		write(t, "Procfile", "web: bin/server\nclock: tick\n", 0o644)
		write(t, "sidecars.yml", "- name: config-server\n- {name: monitor, command: watch, memory: 96M}\n", 0o644)
		write(t, "manifest.yml", "applications:\n- name: my-app\n  memory: 512M\n  instances: 3\n  buildpacks: [sidecar_buildpack, java_buildpack]\n", 0o644)
	})
	run := func(args ...string) int {
		return Main(carriedForTests, append([]string{"sidecar", "plan"}, args...), nil, &stdout, &stderr)
	}

	it("draws the plan of an app without staging it, even with buildpacks that are not here", func() {
		Expect(run()).To(Equal(0), stderr.String)
		Expect("\n" + stdout.String()).To(Equal(`
my-app

web  512M, 3 instances
  [#########################################################aaaaabbbbbbbbbbbbbb]
  #  384M  app                        MEMORY_LIMIT=384m
           bin/server
  a   32M  config-server (buildpack)  MEMORY_LIMIT=32m
           "$DEPS_DIR/0/bin/config-server"
  b   96M  monitor (buildpack)        MEMORY_LIMIT=96m
           watch

clock  1G, 0 instances
  [############################################################################]
  #  1G  app  MEMORY_LIMIT=1024m
         tick

Note: Not staged, so it is not known what these buildpacks declare:
  java_buildpack.
`))
	})

	it("takes the flags of a push, and the variables of the manifest", func() {
		write(t, "manifest.yml", "applications:\n- name: my-app\n  buildpacks: [sidecar_buildpack]\n  env: {SIDECAR_MONITOR_MEMORY: 64M, SIDECARS_CONFIG: deep/er.yml}\n", 0o644)
		write(t, "deep/er.yml", "- {name: monitor, command: watch}\n", 0o644)
		Expect(run("-m", "128M", "-c", "mine", "--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.Bytes()).To(MatchJSON(`{"apps": [{"name": "my-app", "processes": [
			{"type": "web", "command": "mine", "instances": 1, "memory_in_mb": 128, "memory_limit_in_mb": 64, "sidecars": [
				{"name": "monitor", "command": "watch", "origin": "buildpack", "memory_in_mb": 64, "memory_limit_in_mb": 64}]},
			{"type": "clock", "command": "tick", "instances": 0, "memory_in_mb": 1024, "memory_limit_in_mb": 1024, "sidecars": []}
		], "refusals": [], "warnings": []}]}`))
	})

	it("shows commands without their secrets, in either form", func() {
		write(t, "Procfile", "web: TOKEN=s3cret bin/server\n", 0o644)
		write(t, "sidecars.yml", "- {name: monitor, command: 'watch https://me:s3cret@example.com --password s3cret'}\n", 0o644)
		Expect(run()).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(And(ContainSubstring("TOKEN=… bin/server\n"), ContainSubstring("watch https://…@example.com --password …\n")))
		Expect(run("--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(And(ContainSubstring(`"TOKEN=… bin/server"`), ContainSubstring(`"watch https://…@example.com --password …"`)))
		Expect(stdout.String()).NotTo(ContainSubstring("s3cret"))
	})

	it("says why a sidecar is left out, as validate does, once for all sidecar buildpacks of the push", func() {
		write(t, "manifest.yml", "applications:\n- name: my-app\n  buildpacks: [sidecar_buildpack, java_buildpack, sidecar_buildpack]\n  env: {SIDECAR_MONITOR_ENABLED: 'false'}\n", 0o644)
		Expect(run()).To(Equal(0), stderr.String)
		const said = `Sidecar "monitor" is left out: SIDECAR_MONITOR_ENABLED says enabled: false.`
		shown := strings.Join(strings.Fields(stdout.String()), " ")
		Expect(shown).NotTo(Or(ContainSubstring("watch"), ContainSubstring("sets nothing")))
		Expect(strings.Count(shown, said)).To(Equal(1), shown)
		stdout.Reset()
		Expect(Main(carriedForTests, []string{"sidecar", "validate"}, nil, &stdout, &stderr)).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring("note: my-app: " + said + "\n"))
	})

	it("names a buildpack's address without its user", func() {
		Expect(run("-b", "https://me:s3cret@example.com/some.git#main", "-b", "sidecar_buildpack")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(And(ContainSubstring("https://…@example.com/some.git#…"), Not(ContainSubstring("s3cret"))))
	})

	it("shows names that are safe on a terminal, which mean the same as JSON", func() {
		const hostile = "\u009b2J\u202em\u200b"
		write(t, "sidecars.yml", `- {name: "\x9b2J\u202em\u200b", command: x}`, 0o644)
		Expect(run()).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring(`"\u009b2J\u202em\u200b" (buildpack)`))
		stdout.Reset()
		Expect(run("--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring(`"name": "\u009b2J\u202em\u200b"`))
		Expect(stdout.String()).NotTo(MatchRegexp(`[^\n\pL\pM\pN\pP\pS ]`))
		var shown struct{ Apps []namedPlan }
		Expect(json.Unmarshal(stdout.Bytes(), &shown)).To(Succeed())
		Expect(shown.Apps[0].Processes[0].Sidecars[0].Name).To(Equal(hostile))
	})

	it("takes the catalog of the sidecar buildpack that is pushed, and its place", func() {
		write(t, "fork/buildpack.toml", "[[metadata.sidecars]]\nname = \"own\"\nexecutable = \"own-program\"\nmemory = \"8M\"\ndefault = true\n", 0o644)
		write(t, "fork/manifest.yml", "language: own\ndependencies: []\n", 0o644)
		write(t, "sidecars.yml", "[]", 0o644)
		Expect(run("-b", "other", "-b", "fork", "-b", "java_buildpack", "--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring(`"command": "\"$DEPS_DIR/1/bin/own-program\""`))
		Expect(stdout.String()).To(ContainSubstring(`"memory_in_mb": 8`))
	})

	context("with other sidecar buildpacks", func() {
		const description = "[buildpack]\nid = 'fork'\nname = 'The Fork'\n[metadata]\nsidecars = [{name = 'own', executable = 'own-program', memory = '8M'}, {name = 'config-server', command = 'other'}]\n"

		planned := func(args ...string) (commands map[string]string, warnings []string) {
			t.Helper()
			stdout.Reset()
			Expect(run(append(args, "--output", "json")...)).To(Equal(0), stderr.String)
			var shown struct{ Apps []namedPlan }
			Expect(json.Unmarshal(stdout.Bytes(), &shown)).To(Succeed())
			commands = map[string]string{}
			for _, s := range shown.Apps[0].Processes[0].Sidecars {
				commands[s.Name] = s.Command
			}
			return commands, shown.Apps[0].Warnings
		}

		it.Before(func() {
			for _, directory := range []string{"fork", "zipped/fork-main"} {
				write(t, directory+"/buildpack.toml", description, 0o644)
				write(t, directory+"/manifest.yml", "language: own\ndependencies: []\n", 0o644)
				write(t, directory+"/bin/supply", "", 0o755)
			}
			zipped(t, "fork.zip", "fork")
			zipped(t, "nested.zip", "zipped")
			write(t, "sidecars.yml", "[{name: config-server}, {name: own}]\n", 0o644)
		})

		for _, fork := range []string{"fork", "fork.zip", "nested.zip"} {
			it("gives each sidecar to the first that can make it, as staging does, and reads the buildpack in the form "+fork, func() {
				commands, warnings := planned("-b", "sidecar_buildpack", "-b", fork)
				Expect(commands).To(Equal(map[string]string{"config-server": `"$DEPS_DIR/0/bin/config-server"`, "own": `"$DEPS_DIR/1/bin/own-program"`}))
				Expect(warnings).To(ContainElements(
					`Sidecar Buildpack, the buildpack in position 0 of this push: Sidecar "own" is left to The Fork, the buildpack in position 1 of this push, which comes later and knows it.`,
					`The Fork, the buildpack in position 1 of this push: Sidecar "config-server" is left to Sidecar Buildpack, the buildpack in position 0 of this push, which comes first and has made it.`))

				commands, _ = planned("-b", fork, "-b", "sidecar_buildpack")
				Expect(commands).To(Equal(map[string]string{"config-server": "other", "own": `"$DEPS_DIR/0/bin/own-program"`}))
			})
		}

		it("says of a URL that nothing is fetched, so it is not known what is there", func() {
			_, warnings := planned("-b", "https://user:s3cret@127.0.0.1:1/fork.git", "-b", "fork")
			Expect(warnings).To(ContainElement(And(HavePrefix("Nothing is fetched here, so it is not known whether these are sidecar buildpacks: https://"),
				HaveSuffix("To have one judged, name its directory or zip on this machine."), Not(ContainSubstring("s3cret")))))
		})

		for _, url := range []string{"https://user:s3cret@127.0.0.1:1/fork.git", "https://127.0.0.1:1/fork.zip", "git@127.0.0.1:fork.git"} {
			it("refuses no sidecar that may be in the catalog of "+url+", and says so", func() {
				write(t, "sidecars.yml", "[{name: config-server}, {name: unknown}, {name: own}]\n", 0o644)
				for _, args := range [][]string{{"-b", url, "-b", "sidecar_buildpack", "-b", "fork"}, {"-b", "fork", "-b", "sidecar_buildpack", "-b", url}} {
					commands, warnings := planned(args...)
					Expect(commands).To(And(HaveLen(2), HaveKey("own"), HaveKey("config-server")))
					Expect(warnings).To(ContainElement(And(ContainSubstring(`The program of sidecar "unknown" is unknown here. If neither the catalog nor the manifest.yml of `),
						HaveSuffix(" has it, staging fails."), Not(ContainSubstring("s3cret")))))
					Expect(warnings).NotTo(ContainElement(ContainSubstring(`What sidecar "own"`)))
					Expect(warnings).To(ContainElement(HavePrefix("Nothing is fetched here, so it is not known whether these are sidecar buildpacks: ")))
				}
			})
		}

		it("refuses it where the URL is that of a language's buildpack", func() {
			write(t, "sidecars.yml", "[{name: unknown}]\n", 0o644)
			Expect(run("-b", "sidecar_buildpack", "-b", "https://127.0.0.1:1/java-buildpack.git")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("sidecar \"unknown\": found no command"))
		})

		it("says which file of which buildpack is wrong, and refuses what no buildpack knows", func() {
			write(t, "sidecars.yml", "[{name: unknown}]\n", 0o644)
			Expect(run("-b", "sidecar_buildpack", "-b", "fork")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("sidecars.yml:1: sidecar \"unknown\": found no command; expected the key command, or a name of the catalog: config-server, otel-collector, own"))
			stderr.Reset()
			write(t, "fork/buildpack.toml", "[metadata]\nsidecars = [{name = 'a', memory = 'x'}]\n", 0o644)
			Expect(run("-b", "sidecar_buildpack", "-b", "fork")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("fork/buildpack.toml: sidecar \"a\": memory: found \"x\""))
			stderr.Reset()
			Expect(run("-b", "manifest.yml")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("buildpack manifest.yml: failed to open the buildpack: "))
		})
	})

	it("plans an app that names no buildpack with the buildpack that accepts it, as staging does", func() {
		write(t, "app/manifest.yml", "applications:\n- name: my-app\n  sidecars: [{name: monitor, command: watch, process_types: [web], memory: 96M}]\n", 0o644)
		write(t, "app/Gemfile", "", 0o644)
		Expect(run("-f", "app", "-p", "app", "--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(And(
			ContainSubstring("No buildpack is named, so the platform asks its own in turn: this is the result with ruby_buildpack, which accepts the app."),
			ContainSubstring(`"name": "monitor"`), ContainSubstring(`"memory_limit_in_mb": 928`), Not(ContainSubstring("is not read"))))

		stdout.Reset()
		write(t, "app/Procfile", "web: ./start\n", 0o644)
		Expect(os.Remove("app/Gemfile")).To(Succeed())
		Expect(run("-f", "app", "-p", "app", "--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring("no buildpack is named, and none of the platform's accepts this app: there, push it with -b binary_buildpack"))
	})

	it("takes the sidecar buildpack for an app with sidecars whose command the manifest states, and says to name it", func() {
		write(t, "manifest.yml", "applications: [{name: my-app, command: ./start}]\n", 0o644)
		Expect(os.Remove("Procfile")).To(Succeed())
		Expect(run("--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(And(
			ContainSubstring("no buildpack is named, and none of the platform's accepts this app: there, push it with -b sidecar_buildpack"),
			ContainSubstring(`"name": "monitor"`), Not(ContainSubstring("binary_buildpack")), Not(ContainSubstring("takes an app with both"))))
	})

	it("plans with the buildpack that is to be taken for one of the platform's", func() {
		write(t, "one/buildpack.toml", "[[metadata.sidecars]]\nname = 'config-server'\ncommand = 'of one'\n", 0o644)
		write(t, "one/manifest.yml", "language: one\ndependencies: []\n", 0o644)
		write(t, "one/bin/supply", "", 0o755)
		Expect(run("-b", "ruby_buildpack", "--buildpack-for", "ruby_buildpack=one", "--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(And(ContainSubstring("ruby_buildpack is taken from one (--buildpack-for)"), ContainSubstring("of one")))
	})

	it("refuses a choice of buildpacks that makes no sense", func() {
		for choice, said := range map[string]string{
			"ruby_buildpack":         `--buildpack-for: found "ruby_buildpack"; expected NAME=BUILDPACK, such as ruby_buildpack=../ruby-buildpack`,
			"ruby_buildpack=missing": `--buildpack-for ruby_buildpack: found "missing"; expected the directory or the zip of a buildpack, or a git URL`,
			"go_buildpack=.":         "--buildpack-for: no app of this push names the buildpack go_buildpack",
		} {
			stderr.Reset()
			Expect(run("--buildpack-for", choice)).To(Equal(2))
			Expect(stderr.String()).To(ContainSubstring("Incorrect usage: " + said))
		}
	})

	it("says that no buildpack of the push reads sidecars.yml", func() {
		Expect(run("-b", "java_buildpack", "--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring("No buildpack of the push is known to be the sidecar buildpack, so sidecars.yml is not read."))
		Expect(stdout.String()).To(ContainSubstring(`"sidecars": []`))
	})

	it("CF-07 says which sidecar of a droplet a later buildpack has replaced", func() {
		const agent = "processes:\n- {type: agent, command: %s, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n"
		for index, command := range map[string]string{"0": "ours", "1": "theirs", "01": "padded"} {
			write(t, "content/deps/"+index+"/launch.yml", fmt.Sprintf(agent, command), 0o644)
		}
		write(t, "droplet/result.json", `{"process_types": {"web": "java"}, "sidecars": [{"name": "agent", "process_types": ["web"], "command": "theirs"}]}`, 0o644)
		Expect(exec.Command("tar", "-czf", "droplet/droplet.tgz", "-C", "content", ".").Run()).To(Succeed())
		Expect(run("-d", "droplet")).To(Equal(0), stderr.String)
		Expect(strings.Join(strings.Fields(stdout.String()), " ")).To(ContainSubstring(`sidecar "agent" of the buildpack in position 0 of the push does not run: the buildpack in position 1 of the push declares a sidecar of the same name, and the platform runs only the later one.`))
		Expect(strings.Count(stdout.String(), "does not run")).To(Equal(1))

		write(t, "droplet/droplet.tgz", "no archive", 0o644)
		Expect(run("-d", "droplet")).To(Equal(1))
		Expect(stderr.String()).To(ContainSubstring("failed to read the droplet "))
	})

	it("plans a droplet, whatever its buildpacks were", func() {
		write(t, "droplet/result.json", `{"process_types": {"web": "java"}, "sidecars": [{"name": "agent", "process_types": ["web"], "command": "run", "memory": 64}]}`, 0o644)
		Expect(run("-d", "droplet", "--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.Bytes()).To(MatchJSON(`{"apps": [{"name": "my-app", "processes": [
			{"type": "web", "command": "java", "instances": 3, "memory_in_mb": 512, "memory_limit_in_mb": 448, "sidecars": [
				{"name": "agent", "command": "run", "origin": "buildpack", "memory_in_mb": 64, "memory_limit_in_mb": 64}]}
		], "refusals": [], "warnings": []}]}`))
	})

	it("CF-02 knows the buildpack's index as the lifecycle writes it", func() {
		nine := []string{"-b", "a", "-b", "b", "-b", "c", "-b", "d", "-b", "e", "-b", "f", "-b", "g", "-b", "h"}
		Expect(run(append(nine, "-b", "sidecar_buildpack", "--output", "json")...)).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring(`$DEPS_DIR/8/bin/config-server`))
		stdout.Reset()
		Expect(run(append(nine, "-b", "i", "-b", "sidecar_buildpack", "--output", "json")...)).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring(`$DEPS_DIR/09/bin/config-server`))
	})

	it("says whose plan it is where no buildpack is named", func() {
		write(t, "manifest.yml", "applications:\n- name: my-app\n", 0o644)
		Expect(run("--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring("No buildpack is named, so the platform asks its own in turn"))
	})

	it("leaves what .cfignore names out, as a push would", func() {
		write(t, ".cfignore", "sidecars.yml\n", 0o644)
		Expect(run("--output", "json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).NotTo(ContainSubstring("config-server"))
	})

	context("failure cases", func() {
		it("draws what the platform refuses, and says so", func() {
			Expect(run("-m", "128M")).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring("^\n"), "the end of the process's memory")
			Expect(stdout.String()).To(ContainSubstring("Refused: The memory allocation defined is too large to run with the dependent\n  \"web\" process"))
			Expect(stderr.String()).To(Equal("FAILED\nthe platform refuses to run my-app: The memory allocation defined is too large to run with the dependent \"web\" process\n"))
		})

		it("CF-33 says who reserves how much, in which buildpack, and what can be done", func() {
			Expect(run("-m", "128M")).To(Equal(1))
			Expect(strings.Join(strings.Fields(stdout.String()), " ")).To(ContainSubstring("The sidecars of the process web reserve 128M (" +
				"config-server 32M, monitor 96M of Sidecar Buildpack, the buildpack in position 0 of this push), " +
				"and it has no more than 128M, of which the app itself needs a part. Let them reserve less: memory in sidecars.yml, or cf set-env APP_NAME SIDECAR_MONITOR_MEMORY SIZE. " +
				"Or give the process more: memory in the app manifest, or cf push -m SIZE."))
		})

		it("CF-04, CF-07 says of a droplet which buildpack declares what, by the names in its files", func() {
			write(t, "droplet/result.json", `{"process_types": {"web": "java"}, "sidecars": [{"name": "agent", "process_types": ["web"], "command": "run", "memory": 500},
				{"name": "mine", "process_types": ["web"], "command": "run", "memory": 12}]}`, 0o644)
			for name, content := range map[string]string{
				"deps/0/launch.yml":            "processes: [{type: mine, command: run, platforms: {cloudfoundry: {sidecar_for: [web]}}}]",
				"deps/0/sidecar-buildpack.yml": "version: 1",
				"deps/0/config.yml":            "name: sidecar",
				"deps/1/launch.yml":            "processes: [{type: agent, command: run, platforms: {cloudfoundry: {sidecar_for: [web]}}}]",
				"deps/1/config.yml":            "{name: datadog}",
				"deps/2/config.yml":            "no mapping",
			} {
				write(t, "content/"+name, content, 0o644)
			}
			Expect(exec.Command("tar", "-czf", "droplet/droplet.tgz", "-C", "content", ".").Run()).To(Succeed())
			Expect(run("-d", "droplet")).To(Equal(1))
			Expect(strings.Join(strings.Fields(stdout.String()), " ")).To(ContainSubstring("reserve 512M (agent 500M of datadog, the buildpack in position 1 of this push; " +
				"mine 12M of sidecar, the buildpack in position 0 of this push), and it has no more than 512M, of which the app itself needs a part. " +
				"Let them reserve less: memory in sidecars.yml, or cf set-env APP_NAME SIDECAR_MINE_MEMORY SIZE. Or give"))
		})

		it("has what is refused in its JSON, too", func() {
			Expect(run("-m", "128M", "--output", "json")).To(Equal(1))
			var answer struct {
				Apps []struct {
					Refusals []struct {
						Message, Step, Process string
						Detail                 string
						Hidden                 bool
					}
				}
			}
			Expect(json.Unmarshal(stdout.Bytes(), &answer)).To(Succeed())
			Expect(answer.Apps[0].Refusals).To(HaveLen(1))
			Expect(answer.Apps[0].Refusals[0]).To(And(HaveField("Step", "droplet"), HaveField("Message", HavePrefix("The memory allocation defined is too large")), HaveField("Process", "web"), HaveField("Hidden", true),
				HaveField("Detail", ContainSubstring("reserve 128M (config-server 32M, monitor 96M of Sidecar Buildpack, the buildpack in position 0 of this push)"))))
		})

		it("names every problem of the app's declarations", func() {
			write(t, "sidecars.yml", "- {name: a}\n- {name: b, memory: x}\n", 0o644)
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(BeEmpty())
			Expect(stderr.String()).To(And(ContainSubstring(`sidecars.yml:1: sidecar "a": found no command`), ContainSubstring(`sidecars.yml:2: sidecar "b": memory: found "x"`)))
		})

		it("says that there is no droplet, no app and nothing that runs", func() {
			Expect(run("-d", "nothing")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("there is no droplet in nothing; stage the app first"))
			Expect(run("-p", "nothing")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("failed to find the app"))
			Expect(run("--running")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("there is no app running; start one with sidecar push"))
			Expect(run("--running", "some")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring(`there is no app "some" running`))
		})

		it("refuses what staging refuses: an app that no buildpack accepts, and one without files", func() {
			const none = "no buildpack is named, and none of the platform's accepts this app; name one with -b\n"
			write(t, "other/x.html", "", 0o644)
			write(t, "sidecars-alone/sidecars.yml", "- {name: a, command: x}\n", 0o644)
			Expect(os.Mkdir("empty", 0o755)).To(Succeed())
			write(t, "elsewhere/manifest.yml", "applications: [{name: my-app}]\n", 0o644)
			for directory, refused := range map[string]string{"other": none, "sidecars-alone": none, "empty": "no app files found in 'empty'\n"} {
				for _, command := range []string{"plan", "validate"} {
					stdout.Reset()
					stderr.Reset()
					Expect(Main(carriedForTests, []string{"sidecar", command, "-f", "elsewhere", "-p", directory}, nil, &stdout, &stderr)).To(Equal(1), command)
					Expect(stdout.String()+stderr.String()).To(And(ContainSubstring(refused), Not(ContainSubstring("takes an app with both"))), command)
				}
			}
			Expect(run("-f", "elsewhere", "-p", "empty", "-b", "sidecar_buildpack")).To(Equal(1))
			Expect(run("-f", "elsewhere", "-p", "other", "-b", "php_buildpack")).To(Equal(0), "what is named is not asked")
		})

		it("CF-10 refuses at staging an app without any process, where no other buildpack could have one", func() {
			write(t, "Procfile", "{}\n", 0o644)
			Expect(run()).To(Equal(0), "the last buildpack may know")
			for _, args := range [][]string{{"-b", "sidecar_buildpack"}, {"-d", "droplet"}} {
				write(t, "droplet/result.json", `{"process_types": {}, "sidecars": [{"name": "a", "command": "x", "process_types": ["web"]}]}`, 0o644)
				stdout.Reset()
				stderr.Reset()
				Expect(run(append(args, "--output", "json")...)).To(Equal(1))
				Expect(stdout.String()).To(ContainSubstring(`"message": "Staging error: Start command not specified",`))
				Expect(stdout.String()).To(ContainSubstring(`"step": "staging"`))
				Expect(stderr.String()).To(Equal("FAILED\nthe platform refuses to run my-app: Staging error: Start command not specified\n"))
				stdout.Reset()
				Expect(run(args...)).To(Equal(1))
				Expect(stdout.String()).To(ContainSubstring("Refused: Staging error: Start command not specified (when the app is staged)\n" +
					"  Add a line \"web: COMMAND\" to the app's Procfile, or state a command in the\n  manifest or with -c.\n"))
				Expect(run(append(args, "-c", "./start")...)).To(Equal(0), "the web process has a command")
			}
		})

		it("CF-10 warns of a process without a command, which the platform starts where there is another process", func() {
			write(t, "Procfile", "clock: tick\n", 0o644)
			write(t, "droplet/result.json", `{"process_types": {"clock": "tick"}}`, 0o644)
			for _, args := range [][]string{{"-b", "sidecar_buildpack"}, {"-d", "droplet"}} {
				stdout.Reset()
				Expect(run(append(args, "--output", "json")...)).To(Equal(0))
				Expect(stdout.String()).To(ContainSubstring(`"process \"web\" has no start command, so it crashes: add a line`))
			}
		})

		it("notes what the manifest has and Cloud Controller drops or changes", func() {
			write(t, "manifest.yml", "applications:\n- name: my-app\n  memroy: 1G\n  env: {V: 1.10}\n  sidecars: [{name: a, command: x, process_types: [web], memry: 1M}]\n", 0o644)
			Expect(run("-b", "sidecar_buildpack", "--output", "json")).To(Equal(0))
			Expect(stdout.String()).To(And(
				ContainSubstring(`manifest.yml:3: Cloud Controller drops the key \"memroy\" without a word; did you mean memory?`),
				ContainSubstring(`manifest.yml:4: env: V: 1.10 arrives as 1.1; put it in quotes to keep it`),
				ContainSubstring(`manifest.yml:5: sidecar \"a\": found the key \"memry\"; did you mean memory? Expected one of the keys name, command, process_types, memory: Cloud Controller drops it without a word`)))
		})

		it("keeps the terminal as it is", func() {
			write(t, "sidecars.yml", "- {name: \"evil\\e[31m\", command: x, memory: 1M}\n", 0o644)
			write(t, "manifest.yml", "applications:\n- name: my-app\n  sidecars: [{name: \"evil\\e[31m\", command: x, process_types: [web]}]\n", 0o644)
			Expect(run("-b", "sidecar_buildpack")).To(Equal(1))
			Expect(stdout.String() + stderr.String()).NotTo(ContainSubstring("\x1b"))
			Expect(stderr.String()).To(ContainSubstring(`Buildpack defined sidecar 'evil\x1b[31m' conflicts`))
		})

		it("takes no flags of an app for what runs already", func() {
			Expect(run("--running", "-m", "16M")).To(Equal(2))
			Expect(stderr.String()).To(ContainSubstring("--memory says what to plan, and --running shows what runs already"))
		})

		it("knows two forms", func() {
			Expect(run("--output", "xml")).To(Equal(2))
			Expect(stderr.String()).To(ContainSubstring(`--output: found "xml"; expected text or json`))
		})

		it("says that its output cannot be written", func() {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			Expect(err).NotTo(HaveOccurred())
			defer full.Close()
			Expect(Main(carriedForTests, []string{"sidecar", "plan"}, nil, full, &stderr)).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("no space left on device"))
		})
	})
}

// zipped packs the content of a directory into a zip.
func zipped(t *testing.T, name, directory string) {
	t.Helper()
	file, err := os.Create(name)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	writer := zip.NewWriter(file)
	NewWithT(t).Expect(writer.AddFS(os.DirFS(directory))).To(Succeed())
	NewWithT(t).Expect(errors.Join(writer.Close(), file.Close())).To(Succeed())
}
