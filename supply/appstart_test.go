package supply_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// programs are the contents of the real programs that have been asked for.
var programs = map[string]func() (string, error){"supervise": builder("supervise"), "sidecar-env": builder("sidecar-env")}

// built is the content of a real program. The error's text is in its place.
func built(name string) (string, error) { return programs[name]() }

func builder(name string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		directory, err := os.MkdirTemp("", name+"-")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(directory)
		if output, err := exec.Command("go", "build", "-buildvcs=false", "-o", directory, "../cmd/"+name).CombinedOutput(); err != nil {
			return string(output), err
		}
		content, err := os.ReadFile(filepath.Join(directory, name))
		return string(content), err
	})
}

// testAppStart sources the script that does what sidecars ask of the app's own process.
func testAppStart(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.programs()
		s.write("app/sidecars.yml", `
- name: agent
  command: run
  process_types: [web, 'odd "type"']
  app-env:
    PLAIN: it's $5, \`+"`date`"+` $(date) "quoted" \ and * more
    REFERS: http://${HOST}:$AGENT_PORT/$HOST_/${no thing}$
    EMPTY: ""
    NUMBER: 4318
    DEFAULT: http://127.0.0.1:${AGENT_PORT:-4318}/
`)
		Expect(s.run()).To(Succeed())
	})

	// sourced is what a process prints after it has sourced the script.
	sourced := func(script string, environ ...string) string {
		t.Helper()
		command := exec.Command("bash", "-euc", `. "$0"; `+script, s.path("deps/0/profile.d/sidecars.sh"))
		command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "DEPS_DIR=" + s.path("deps")}, environ...)
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		return string(output)
	}
	const web = `VCAP_APPLICATION={"name":"a","process_type":"web"}`

	it("sets the variables, in which nothing but other variables is special", func() {
		Expect(sourced(`printf %s "$PLAIN"`, web)).To(Equal("it's $5, \\`date` $(date) \"quoted\" \\ and * more"))
		Expect(sourced(`printf %s "$REFERS"`, web, "HOST=localhost", "AGENT_PORT=1", "HOST_=x y")).To(Equal("http://localhost:1/x y/${no thing}$"))
		Expect(sourced(`printf %s "$REFERS"`, web)).To(Equal("http://://${no thing}$"), "what is not set is empty")
		Expect(sourced(`printf %s "${EMPTY-unset}$NUMBER"`, web)).To(Equal("4318"))
		Expect(sourced(`printf %s "$DEFAULT"`, web)).To(Equal("http://127.0.0.1:4318/"))
		Expect(sourced(`printf %s "$DEFAULT"`, web, "AGENT_PORT=")).To(Equal("http://127.0.0.1:4318/"))
		Expect(sourced(`printf %s "$DEFAULT"`, web, "AGENT_PORT=14318")).To(Equal("http://127.0.0.1:14318/"))
		Expect(sourced(`env`, web)).To(ContainSubstring("\nNUMBER=4318\n"))
	})

	it("adds to lists in every shell, an item that is there not again, and nothing that is empty", func() {
		s.write("app/sidecars.yml", `
- name: agent
  command: run
  app-env:
    LIBRARY_PATH: {append: "/it's $HOME/lib"}
    PATH: {prepend: /agent/bin}
    RUBYOPT: {append: -rlogger}
    MINE: {append: "*", separator: " and "}
    NONE_PATH: {append: $NOT_SET}
`)
		Expect(s.run()).To(Succeed())
		for _, shell := range []string{"bash", "dash"} {
			for _, added := range []struct{ library, path, ruby, mine, expected string }{
				{"", "/usr/bin:/bin", "", "", "/it's /home/lib|/agent/bin:/usr/bin:/bin|-rlogger|*|unset"},
				{"/a", "/bin", "-W0 -rlogger.rb", "a", "/a:/it's /home/lib|/agent/bin:/bin|-W0 -rlogger.rb -rlogger|a and *|unset"},
				{"/it's /home/lib:/a", "/bin:/agent/bin:/usr/bin", "-rlogger", "* and a", "/it's /home/lib:/a|/bin:/agent/bin:/usr/bin|-rlogger|* and a|unset"},
			} {
				run := exec.Command(shell, "-euc", `. "$0"; . "$0"; printf %s "$LIBRARY_PATH|$PATH|$RUBYOPT|$MINE|${NONE_PATH-unset}"`, s.path("deps/0/profile.d/sidecars.sh"), "the app's directory", "serve")
				run.Env = []string{web, "DEPS_DIR=" + s.path("deps"), "HOME=/home", "LIBRARY_PATH=" + added.library, "PATH=" + added.path, "RUBYOPT=" + added.ruby, "MINE=" + added.mine}
				Expect(run.CombinedOutput()).To(BeEquivalentTo(added.expected), shell)
			}
		}
	})

	it("gives the app its identity for OpenTelemetry, once, and the user's own wins", func() {
		s.write("app/sidecars.yml", "- {name: agent, command: run, otel-identity: true, app-env: {OTEL_RESOURCE_ATTRIBUTES: {append: 'team=a,cloudfoundry.app.name=b'}}}\n")
		Expect(s.run()).To(Succeed())
		const shop = `VCAP_APPLICATION={"application_name":"my shop","space_name":"dev","process_type":"web"}`
		for _, shell := range []string{"bash", "dash"} {
			for own, expected := range map[string]string{
				"": "my shop|team=a,cloudfoundry.app.name=b,cloudfoundry.space.name=dev,cloudfoundry.process.type=web",
				"OTEL_RESOURCE_ATTRIBUTES=service.name=x,cloudfoundry.space.name=y": "|service.name=x,cloudfoundry.space.name=y,team=a,cloudfoundry.app.name=b,cloudfoundry.process.type=web",
			} {
				run := exec.Command(shell, "-euc", `. "$0"; . "$0"; printf %s "${OTEL_SERVICE_NAME-}|$OTEL_RESOURCE_ATTRIBUTES"`, s.path("deps/0/profile.d/sidecars.sh"), "the app's directory", "serve")
				run.Env = []string{shop, own, "DEPS_DIR=" + s.path("deps")}
				Expect(run.CombinedOutput()).To(BeEquivalentTo(expected), shell)
			}
		}
	})

	it("lets existing settings win", func() {
		Expect(sourced(`printf %s "$PLAIN-$EMPTY-$NUMBER"`, web, "PLAIN=mine", "NUMBER=")).To(Equal("mine--"))
	})

	it("sets them in the processes that the sidecar runs with, and in no other", func() {
		for _, with := range []string{web, `VCAP_APPLICATION={"process_type": "web"}`, `VCAP_APPLICATION={"process_type":"odd \"type\""}`, "VCAP_APPLICATION="} {
			Expect(sourced(`printf %s "${NUMBER-unset}"`, with)).To(Equal("4318"), with)
		}
		Expect(sourced(`printf %s "${NUMBER-unset}"`, `VCAP_APPLICATION={"process_type":"worker"}`)).To(Equal("unset"))
	})

	it("is not there where there is nothing to set", func() {
		s.write("app/sidecars.yml", "- {name: agent, command: run}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.path("deps/0/profile.d/sidecars.sh")).NotTo(BeAnExistingFile())
	})

	it("sets them in no sidecar, this buildpack's or another's", func() {
		for _, command := range []string{"run", `"$DEPS_DIR/0/bin/supervise" agent -- run`, `"$DEPS_DIR/7/bin/supervise" other -- x`, "beside"} {
			Expect(os.RemoveAll(s.path("deps/0"))).To(Succeed())
			s.write("deps/1/launch.yml", "processes:\n- {type: other, command: beside, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n- {type: job, command: work}\n")
			s.index = "2"
			Expect(s.run()).To(Succeed())
			command := exec.Command("bash", "-euc", `. "$0"; printf %s "${NUMBER-unset}"`, s.path("deps/2/profile.d/sidecars.sh"), "the app's directory", command)
			command.Env = []string{web, "DEPS_DIR=" + s.path("deps")}
			Expect(command.CombinedOutput()).To(BeEquivalentTo("unset"))
			command = exec.Command("bash", "-euc", `. "$0"; printf %s "${NUMBER-unset}"`, s.path("deps/2/profile.d/sidecars.sh"), "the app's directory", "work")
			command.Env = []string{web, "DEPS_DIR=" + s.path("deps")}
			Expect(command.CombinedOutput()).To(BeEquivalentTo("4318"))
		}
	})

	it("recognizes only sidecars of the same process", func() {
		s.write("app/sidecars.yml", "- {name: agent, command: run, app-env: {NUMBER: 4318}}\n- {name: other, command: same, process_types: [worker]}\n")
		Expect(s.run()).To(Succeed())
		for command, processTypes := range map[string]map[string]string{
			"same": {"web": "4318", "worker": "unset"}, "run": {"web": "unset"}, "serve": {"web": "4318"},
		} {
			for processType, expected := range processTypes {
				run := exec.Command("bash", "-euc", `. "$0"; printf %s "${NUMBER-unset}"`, s.path("deps/0/profile.d/sidecars.sh"), "the app's directory", command)
				run.Env = []string{`VCAP_APPLICATION={"process_type":"` + processType + `"}`, "DEPS_DIR=" + s.path("deps")}
				Expect(run.CombinedOutput()).To(BeEquivalentTo(expected), command+" "+processType)
			}
		}
	})

	it("knows the sidecars of a later buildpack that was made from this one", func() {
		content, err := os.ReadFile(s.path("deps/0/known-sidecars.sh"))
		Expect(err).NotTo(HaveOccurred())
		s.write("deps/1/known-sidecars.sh", strings.ReplaceAll(string(content), "'run'", "'run later'"))
		run := exec.Command("bash", "-euc", `. "$0"; printf %s "${NUMBER-unset}"`, s.path("deps/0/profile.d/sidecars.sh"), "the app's directory", "run later")
		run.Env = []string{web, "DEPS_DIR=" + s.path("deps")}
		Expect(run.CombinedOutput()).To(BeEquivalentTo("unset"))
	})

	it("leaves the sidecars of a version alone that it does not know, and says so", func() {
		s.write("deps/1/known-sidecars.sh", "# version: 2\nexit 1\n")
		run := exec.Command("bash", "-euc", `. "$0"; printf %s "${NUMBER-unset}"`, s.path("deps/0/profile.d/sidecars.sh"), "the app's directory", "serve")
		run.Env = []string{web, "DEPS_DIR=" + s.path("deps")}
		Expect(run.CombinedOutput()).To(BeEquivalentTo("[sidecars] left " + s.path("deps/1/known-sidecars.sh") + " alone: found version 2; expected 1. Its sidecars may be taken for the app\n4318"))
	})

	for _, shell := range []string{"bash", "dash"} {
		it("gets on with an older version, whose files have no version: "+shell, func() {
			s.older("1")
			Expect(s.run()).To(Succeed())
			for command, expected := range map[string]string{"serve": "4318 older", "run": "unset unset", "./older": "unset unset", "bash": "4318 older"} {
				for _, order := range [][]string{{"0", "1"}, {"1", "0"}} {
					run := exec.Command(shell, "-euc", `. "$0/`+order[0]+`/profile.d/sidecars.sh"; . "$0/`+order[1]+`/profile.d/sidecars.sh"; printf %s "${NUMBER-unset} ${OLDER-unset}"`, s.path("deps"), "the app's directory", command)
					run.Env = []string{web, "DEPS_DIR=" + s.path("deps"), "PATH=" + os.Getenv("PATH")}
					Expect(run.CombinedOutput()).To(BeEquivalentTo(expected), command)
				}
			}
		})
	}

	it("waits for no named pipe in the place of such a script", func() {
		Expect(os.MkdirAll(s.path("deps/2"), 0o755)).To(Succeed())
		Expect(syscall.Mkfifo(s.path("deps/2/known-sidecars.sh"), 0o644)).To(Succeed())
		run := exec.Command("timeout", "60", "bash", "-euc", `. "$0"; printf %s "${NUMBER-unset}"`, s.path("deps/0/profile.d/sidecars.sh"), "the app's directory", "serve")
		run.Env = []string{web, "DEPS_DIR=" + s.path("deps")}
		Expect(run.CombinedOutput()).To(BeEquivalentTo("4318"))
	})

	context("before other buildpacks", func() {
		const later = "processes:\n- {type: later, command: run later, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n- {type: job, command: work}\n"

		it.Before(func() {
			Expect(os.MkdirAll(s.path("deps/1"), 0o755)).To(Succeed())
			Expect(s.run()).To(Succeed())
		})
		// number is what the variable of the agent is in a process with this command,
		// after what it has written to standard error.
		number := func(command string) string {
			t.Helper()
			run := exec.Command("bash", "-euc", `. "$0"; printf %s "${NUMBER-unset}"`, s.path("deps/"+s.index+"/profile.d/sidecars.sh"), "the app's directory", command)
			run.Env = []string{web, "DEPS_DIR=" + s.path("deps")}
			output, err := run.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			return string(output)
		}

		it("takes no sidecar of a later buildpack for the app", func() {
			s.write("deps/1/launch.yml", later)
			Expect(number("run later")).To(Equal("unset"))
			Expect(number("run")).To(Equal("unset"))
			Expect(number("work")).To(Equal("4318"))
			Expect(number("serve")).To(Equal("4318"))
		})

		it("CF-02 takes none for the app among ten or more", func() {
			for _, index := range []string{"00", "01", "08", "10"} {
				Expect(os.MkdirAll(s.path("deps/"+index), 0o755)).To(Succeed())
			}
			s.index = "08"
			Expect(s.run()).To(Succeed())
			s.write("deps/10/launch.yml", later)
			Expect(number("run later")).To(Equal("unset"))
			Expect(number("serve")).To(Equal("4318"))
		})

		it("CF-07 says which sidecar a later buildpack has replaced, in the app alone, also where nothing is asked of it", func() {
			s.write("deps/1/launch.yml", strings.ReplaceAll(later, "type: later", "type: agent"))
			const said = `[sidecar-env] sidecar "agent" of the buildpack in position 0 does not run: the buildpack in position 1 declares a sidecar of the same name`
			Expect(number("serve")).To(And(HavePrefix(said), HaveSuffix("\n4318")))
			Expect(number("run later")).To(Equal("unset"))
			s.write("app/sidecars.yml", "- {name: agent, command: run}\n")
			Expect(s.run()).To(Succeed())
			Expect(number("serve")).To(And(HavePrefix(said), HaveSuffix("\nunset")))
		})

		it("starts no program where no later buildpack declares anything, nor for one that was made from this", func() {
			Expect(os.Remove(s.path("deps/0/bin/sidecar-env"))).To(Succeed())
			Expect(number("serve")).To(Equal("4318"))
			s.write("deps/1/launch.yml", later)
			s.write("deps/1/known-sidecars.sh", "")
			Expect(number("serve")).To(Equal("4318"))
			Expect(os.Remove(s.path("deps/1/known-sidecars.sh"))).To(Succeed())
			Expect(number("serve")).To(ContainSubstring("sidecar-env"), "and would else be missed")
		})
	})

	context("with a supervisor", func() {
		// process is what a process prints that has this command.
		process := func(command, script string, environ ...string) (string, error) {
			t.Helper()
			run := exec.Command("bash", "-euc", `. "$0"; `+script, s.path("deps/0/profile.d/sidecars.sh"), "the app's directory", command)
			run.Env = append([]string{"PATH=" + os.Getenv("PATH"), "DEPS_DIR=" + s.path("deps")}, environ...)
			output, err := run.CombinedOutput()
			return string(output), err
		}
		supply := func(content string) {
			t.Helper()
			s.write("app/sidecars.yml", content)
			Expect(s.run()).To(Succeed())
		}

		it("holds the app, and fails it where the sidecar is not ready in time", func() {
			supply("- {name: slow, command: ./slow, hold-app: true, port: 1, timeout: 1, memory: 1M}\n- {name: beside, command: ./beside}")
			printed, err := process("serve", "echo started", web)
			Expect(err).To(MatchError("exit status 1"))
			Expect(printed).To(Equal("[supervise] \"slow\" is not ready after 1s: it was not started, and the app waits for it; the app's instance ends\n"))
			for _, command := range []string{`"$DEPS_DIR/0/bin/supervise" slow -- ./slow`, "./beside", "", "/bin/bash"} {
				Expect(process(command, "echo started", web)).To(Equal("started\n"), command)
			}
			Expect(process("work", "echo started", `VCAP_APPLICATION={"process_type":"worker"}`)).To(Equal("started\n"))
			Expect(process("a task", "echo started", `VCAP_APPLICATION={"name":"a"}`)).To(Equal("started\n"))
		})

		it("names the app's process for the sidecars that outlive it", func() {
			supply("- {name: last, command: ./last, stop-after-app: true}")
			Expect(process(`"$DEPS_DIR/0/bin/supervise" last -- ./last`, "ls $DEPS_DIR/0", web)).NotTo(ContainSubstring("run"))
			printed, err := process("serve", "echo $$", web)
			Expect(err).NotTo(HaveOccurred(), printed)
			_, err = process("/bin/bash", "", web)
			Expect(err).NotTo(HaveOccurred(), "of a shell, as in cf ssh")
			// It may be a sidecar of the app manifest, which is unknown here.
			another, err := process("another", "echo $$", web)
			Expect(err).NotTo(HaveOccurred(), another)
			Expect(os.ReadFile(s.path("deps/0/run/main"))).To(MatchRegexp("^" + strings.TrimSpace(printed) + ` \d+\n` + strings.TrimSpace(another) + ` \d+\n$`))
			// The app starts even if something else is in the place of the file.
			Expect(os.Remove(s.path("deps/0/run/main"))).To(Succeed())
			Expect(syscall.Mkfifo(s.path("deps/0/run/main"), 0o644)).To(Succeed())
			Expect(process("serve", "echo started", web)).To(Equal("started\n"))
			outside := t.TempDir()
			Expect(os.WriteFile(filepath.Join(outside, "main"), []byte("the user's"), 0o644)).To(Succeed())
			for _, planted := range []struct{ name, target string }{
				{"deps/0/run/main", "main"}, {"deps/0/run/main", "none"}, {"deps/0/run", "."},
			} {
				Expect(os.RemoveAll(s.path(planted.name))).To(Succeed())
				Expect(os.Symlink(filepath.Join(outside, planted.target), s.path(planted.name))).To(Succeed())
				Expect(process("serve", "echo started", web)).To(Equal("started\n"))
			}
			Expect(os.ReadDir(outside)).To(HaveLen(1))
			Expect(os.ReadFile(filepath.Join(outside, "main"))).To(BeEquivalentTo("the user's"))
		})
	})

	context("failure cases", func() {
		for _, broken := range []struct{ content, problem string }{
			{"[a]", `sidecars.yml:1: sidecar "a": app-env: found no mapping; expected a mapping of names to values`},
			{"{A-B: 1}", `sidecars.yml:1: sidecar "a": app-env: found the name "A-B"; expected letters, digits and underscores, of which alone the app's shell makes variables, then a colon and a blank`},
			{"{'TOKEN:s3cret': }", `sidecars.yml:1: sidecar "a": app-env: found the name "TOKEN…"; expected letters, digits and underscores, of which alone the app's shell makes variables, then a colon and a blank`},
			{`{A: "a\0b"}`, `sidecars.yml:1: sidecar "a": app-env: A: found a byte that no variable can hold; expected text in UTF-8 and without NUL`},
			{"{A: [1]}", `sidecars.yml:1: sidecar "a": app-env: A: found a list; expected text, or a mapping with the key append or prepend with text, such as {append: --require ./agent.js}`},
		} {
			it("refuses "+broken.content, func() {
				s.write("app/sidecars.yml", "- {name: a, command: b, app-env: "+broken.content+"}")
				Expect(s.run()).To(MatchError(broken.problem))
			})
		}
	})
}
