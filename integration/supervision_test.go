package integration_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// actor is testdata/actor, built once for all specs.
var actor = sync.OnceValues(func() (string, error) {
	program := filepath.Join(filepath.Dir(built.sidecar), "actor")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./integration/testdata/actor")
	build.Dir = built.root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("failed to build the actor: %w: %s", err, output)
	}
	return program, nil
})

// sidecarSource is the log source of a sidecar of the web process.
func sidecarSource(name string) string {
	return "APP/PROC/WEB/SIDECAR/" + strings.ToUpper(name) + "/0"
}

// fork makes a buildpack from this one, with a catalog of its own.
func fork(t *testing.T, catalog string) string {
	t.Helper()
	Expect := NewWithT(t).Expect
	directory := app(t, map[string]string{"buildpack.toml": "[buildpack]\nid = \"fork\"\n" + catalog})
	for _, name := range []string{"manifest.yml", "VERSION"} {
		content, err := os.ReadFile(filepath.Join(built.root, name))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(filepath.Join(directory, name), content, 0o600)).To(Succeed())
	}
	Expect(os.Mkdir(filepath.Join(directory, "bin"), 0o755)).To(Succeed())
	for program, file := range ownPrograms() {
		Expect(os.Symlink(file, filepath.Join(directory, "bin", program))).To(Succeed())
	}
	return directory
}

// testSupervision runs sidecars that ask for more than the platform does. A sidecar
// that others wait for creates the file MARKS/ready; in the
// specs' commands, ACTOR is replaced by the actor and MARKS by a directory.
func testSupervision(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		marks      string
		words      *strings.Replacer
	)
	const (
		web     = "APP/PROC/WEB/0"
		stay    = `echo pid $$; exec sleep 1000`
		inOrder = `if [ -e MARKS/ready ]; then echo in order; else echo too early; fi; ` + stay
	)

	it.Before(func() {
		program, err := actor()
		Expect(err).NotTo(HaveOccurred())
		marks = t.TempDir()
		words = strings.NewReplacer("ACTOR", program, "MARKS", marks)
	})

	// supervised is an app with a command and sidecars.
	supervised := func(command, sidecars string) string {
		t.Helper()
		return app(t, map[string]string{
			"Procfile":     fmt.Sprintf("web: %q\n", words.Replace(command)),
			"sidecars.yml": words.Replace(sidecars),
			"manifest.yml": "applications: [{name: supervised, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
	}
	pushed := func(command, sidecars string, args ...string) *session {
		t.Helper()
		return sidecar(t, supervised(command, sidecars), append([]string{"push"}, args...)...)
	}
	// typed pushes an app with processes of more types, all with one command.
	typed := func(types []string, command, sidecars string) *session {
		t.Helper()
		procfile, processes := "web: "+stay+"\n", ""
		for _, name := range types {
			procfile += name + ": " + command + "\n"
			processes += "  - {type: " + name + ", instances: 1, health-check-type: process}\n"
		}
		directory := supervised("", sidecars)
		Expect(os.WriteFile(filepath.Join(directory, "Procfile"), []byte(words.Replace(procfile)), 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("applications:\n- name: typed\n  health-check-type: process\n  processes:\n"+processes), 0o600)).To(Succeed())
		return sidecar(t, directory, "push", "-b", "sidecar_buildpack")
	}
	all := func(s *session) func() string {
		return func() string { return s.log() + string(s.Err.Contents()) }
	}
	// expectError waits for a line of a source on standard error, where a supervisor
	// speaks.
	expectError := func(s *session, source, text string) {
		t.Helper()
		Eventually(s.log).Should(ContainSubstring("["+source+"] ERR [supervise] "+text), all(s))
	}
	expectInOrder := func(s *session, source string) {
		t.Helper()
		said := regexp.MustCompile(regexp.QuoteMeta("["+source+"] ") + `(OUT in order|OUT too early|ERR \[supervise\].*)\n`)
		Eventually(s.log).Should(MatchRegexp(said.String()), all(s))
		Expect(said.FindStringSubmatch(s.log())[1]).To(Equal("OUT in order"), s.log)
	}
	expectCrash := func(s *session, description string) {
		t.Helper()
		Eventually(s.log).Should(ContainSubstring(`"reason"=>"CRASHED", "exit_description"=>"`+description+`", "crash_count"=>1`), all(s))
	}
	// pids are what a source has written as "pid N", oldest first.
	pids := func(s *session, source string) []int {
		t.Helper()
		var found []int
		for _, match := range regexp.MustCompile(`\[`+regexp.QuoteMeta(source)+`\] OUT pid ([0-9]+)\n`).FindAllStringSubmatch(s.log(), -1) {
			pid, err := strconv.Atoi(match[1])
			Expect(err).NotTo(HaveOccurred())
			found = append(found, pid)
		}
		return found
	}
	// slowly asks an app for what takes it some time, on a connection of its own: on
	// another one's, the client would ask again.
	slowly := func(s *session, duration string) <-chan error {
		t.Helper()
		address := s.url() + "/slow?for=" + duration
		answer := make(chan error, 1)
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		go func() {
			response, err := client.Get(address)
			if err == nil {
				var body []byte
				body, err = io.ReadAll(response.Body)
				if text := response.Status + " " + string(body); text != "200 OK slow, but served" {
					err = errors.Join(errors.New(text), err)
				}
				err = errors.Join(err, response.Body.Close())
			}
			answer <- err
		}()
		s.expectLine(web, "a slow request has come")
		return answer
	}
	// expectPids waits for the first pids of a source. There may be more: what crashes does so again, perhaps before the spec
	// looks.
	expectPids := func(s *session, source string, count int) []int {
		t.Helper()
		Eventually(func() int { return len(pids(s, source)) }).Should(BeNumerically(">=", count), all(s))
		return pids(s, source)[:count]
	}
	// expectNoCrash makes sure that the app has run on from its start.
	expectNoCrash := func(s *session) {
		t.Helper()
		Expect(s.log()).NotTo(ContainSubstring("Process has crashed"))
		Eventually(func() []int { return pids(s, web) }).Should(HaveLen(1), s.log)
		Expect(syscall.Kill(pids(s, web)[0], 0)).To(Succeed())
	}

	context("declared to the platform", func() {
		it("puts the supervisor before the commands of those that ask for it, and of no others (CF-05, CF-12)", func() {
			staged := stage(t, supervised("./start", `
- {name: bare, command: ./bare --flag}
- {name: simple, command: './simple --port "$SIMPLE_PORT"', restart: always}
- {name: by the shell, command: "echo it's; exec ./it", restart: always}
- {name: config-server, hold-app: true}
`))
			commands := map[string]string{}
			for _, s := range staged.Sidecars {
				commands[s.Name] = s.Command
			}
			Expect(commands).To(Equal(map[string]string{
				"bare":          `./bare --flag`,
				"simple":        `"$DEPS_DIR/0/bin/supervise" simple -- ./simple --port "$SIMPLE_PORT"`,
				"by the shell":  `"$DEPS_DIR/0/bin/supervise" 'by the shell' -- bash -c 'echo it'\''s; exec ./it'`,
				"config-server": `"$DEPS_DIR/0/bin/supervise" config-server -- "$DEPS_DIR/0/bin/config-server"`,
			}))
			Expect(staged.files(t)).To(ContainElements("./deps/0/bin/supervise", "./deps/0/bin/config-server"))
		})

		it("installs no supervisor unless a sidecar needs it", func() {
			staged := stage(t, supervised("./start", "- {name: bare, command: ./bare, restart: never}\n- name: config-server\n"))
			Expect(staged.Sidecars).To(HaveLen(2))
			Expect(staged.Sidecars[0].Command).To(Equal("./bare"))
			Expect(staged.Sidecars[1].Command).To(Equal(`"$DEPS_DIR/0/bin/config-server"`))
			Expect(staged.files(t)).To(ContainElement("./deps/0/bin/config-server"))
			Expect(staged.files(t)).NotTo(ContainElement(ContainSubstring("supervise")))
		})

		it("installs its program for the app alone if a sidecar has only variables for the app", func() {
			staged := stage(t, supervised("./start", "- {name: bare, command: ./bare, app-env: {A: b}}\n"))
			Expect(staged.Sidecars[0].Command).To(Equal("./bare"))
			Expect(staged.files(t)).To(ContainElements("./deps/0/bin/supervise", "./deps/0/app-start.json", "./profile.d/0_sidecars.sh"))
			Expect(staged.files(t)).NotTo(ContainElement(ContainSubstring("supervise.conf")))
		})

		context("failure cases", func() {
			for _, refused := range []struct{ name, sidecars, problem string }{
				{
					"a cycle, with its path", "- {name: c, command: x}\n- {name: a, command: x, depends-on: [c, b]}\n- {name: b, command: x, depends-on: [a]}\n",
					`sidecars.yml:2: sidecar "a": depends-on: found a cycle, "a" → "b" → "a"; expected an order in which they can start`,
				},
				{
					"one that waits for itself", "- {name: a, command: x, depends-on: [a]}\n",
					`sidecar "a": depends-on: found a cycle, "a" → "a"`,
				},
				{
					"one that waits for a sidecar of other processes", "- {name: a, command: x, process_types: [web, worker], depends-on: [b]}\n- {name: b, command: x, process_types: [web]}\n",
					`sidecars.yml:1: sidecar "a": depends-on: found "b", which does not run with worker; expected its process_types to include all of web, worker`,
				},
				{
					"one that waits for an unknown sidecar", "- {name: a, command: x, depends-on: [none]}\n- {name: b, command: x}\n",
					`sidecar "a": depends-on: found "none"; expected a sidecar that this buildpack gives the app: "a", "b"`,
				},
				{
					"a check without a port", "- {name: a, command: x, health-check-http-endpoint: /health}\n",
					`sidecar "a": found a health-check of type http without a port; expected the key port: a number, or the variable that holds it`,
				},
				{"a limit of nothing", "- {name: a, command: x, enforce-memory: true}\n", `sidecar "a": found enforce-memory without memory; expected the key memory`},
				{"more time than the platform gives", "- {name: a, command: x, stop-after-app: true, stop-timeout: 10}\n", `sidecar "a": stop-timeout: found the number 10; expected a whole number of seconds, of the ten that the platform gives in all, from 1 to 9`},
			} {
				it("refuses "+refused.name, func() {
					log, _ := failToStage(t, 225, supervised("./start", refused.sidecars), "-b", "sidecar_buildpack", "-b", buildpack("plain"))
					Expect(log).To(ContainSubstring(refused.problem))
				})
			}
		})
	})

	context("holding the app", func() {
		it("waits until the sidecar answers with status 200, in a droplet that was staged before", func() {
			port := testport.Free(t)
			directory := supervised(inOrder, `
- name: it's "slow" $(date)
  command: ACTOR -listen `+port+` -answers 503,404,302,200 -mark MARKS/ready
  port: `+port+`
  hold-app: true
  readiness-health-check-http-endpoint: /health
`)
			s := sidecar(t, directory, "stage")
			s.await()
			Expect(s.ExitCode()).To(Equal(0), s.log)
			s = sidecar(t, directory, "run")
			expectInOrder(s, web)
			s.expectLine(sidecarSource(`it's "slow" $(date)`), "answer 4 is 200")
			expectNoCrash(s)
			s.stop()
		})

		it("waits until the sidecar listens on the port of its variable, also with ten buildpacks (CF-02)", func() {
			port := testport.Free(t)
			var fillers []string
			for range 9 {
				fillers = append(fillers, "-b", buildpack("filler"))
			}
			s := pushed(`if (exec 3<>/dev/tcp/127.0.0.1/`+port+`); then echo in order; else echo too early; fi; `+stay, `
- name: slow
  command: sleep 0.3; exec ACTOR -listen SLOW_PORT
  env: {SLOW_PORT: `+port+`}
  port: $SLOW_PORT
  hold-app: true
`, append(fillers, "-b", "sidecar_buildpack")...)
			expectInOrder(s, web)
			Expect(s.log()).To(ContainSubstring(`command:     "$DEPS_DIR/09/bin/supervise" slow -- bash -c `))
			s.stop()
		})

		it("waits until the sidecar answers at its socket with one of the statuses (socket, http-status)", func() {
			s := pushed(inOrder, `
- name: slow
  command: ACTOR -listen agent.sock -answers 503,404,302,200 -mark MARKS/ready
  socket: ${NONE:-agent.sock}
  hold-app: true
  readiness-health-check-http-endpoint: /health
  readiness-health-check-http-status: [200-299, 401]
`)
			expectInOrder(s, web)
			s.expectLine(sidecarSource("slow"), "answer 4 is 200")
			expectNoCrash(s)
			s.stop()
		})

		it("waits until the command of a check ends with status 0, which bash runs as the sidecar's own (exec)", func() {
			s := pushed(inOrder, `
- name: slow
  command: sleep 0.3; touch "$READY"; `+stay+`
  env: {READY: MARKS/ready}
  hold-app: true
  readiness-health-check-command: test -e "$READY" || { echo not yet; exit 1; }
`)
			expectInOrder(s, web)
			Expect(s.log()).NotTo(ContainSubstring("not yet"))
			expectNoCrash(s)
			s.stop()
		})

		it("waits for what others wait for, before a buildpack that copies profile.d (hold-app with depends-on, CF-16)", func() {
			first, second := testport.Free(t), testport.Free(t)
			s := pushed(inOrder, `
- name: second
  command: if [ -e MARKS/first ]; then echo in order; else echo too early; fi; exec ACTOR -listen `+second+` -answers 503,200 -mark MARKS/ready
  depends-on: [first]
  hold-app: true
  port: `+second+`
  readiness-health-check-http-endpoint: /health
- name: first
  command: ACTOR -listen `+first+` -answers 503,503,200 -mark MARKS/first
  port: `+first+`
  readiness-health-check-http-endpoint: /health
- {name: third, command: `+strconv.Quote(inOrder)+`, depends-on: [second]}
`, "-b", "sidecar_buildpack", "-b", buildpack("profile"))
			expectInOrder(s, sidecarSource("second"))
			expectInOrder(s, sidecarSource("third"))
			expectInOrder(s, web)
			expectNoCrash(s)
			s.stop()
		})

		it("waits for one that fails once and is started again (hold-app with restart)", func() {
			port := testport.Free(t)
			s := pushed(inOrder, `
- name: clumsy
  command: echo pid $$; if ! [ -e MARKS/fell ]; then touch MARKS/fell; exit 7; fi; exec ACTOR -listen `+port+` -mark MARKS/ready
  restart: on-failure
  hold-app: true
  port: `+port+`
  readiness-health-check-http-endpoint: /health
`)
			expectError(s, sidecarSource("clumsy"), "clumsy: ended with status 7; it is started again in 1s (restart 1)\n")
			expectInOrder(s, web)
			expectNoCrash(s)
			s.stop()
		})

		it("holds neither a process type that the sidecar is not for (CF-26), nor a sidecar that it knows", func() {
			port := testport.Free(t)
			directory := supervised(inOrder, `
- {name: slow, command: ACTOR -listen `+port+` -answers 503, hold-app: true, port: `+port+`, readiness-health-check-http-endpoint: /health}
- {name: bare, command: `+strconv.Quote(stay)+`}
- {name: other, command: `+strconv.Quote(stay)+`, restart: always}
`)
			Expect(os.WriteFile(filepath.Join(directory, "Procfile"), []byte("web: "+inOrder+"\nworker: "+stay+"\n"), 0o600)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(`
applications:
- name: typed
  processes:
  - {type: web, instances: 1, memory: 512M, health-check-type: process}
  - {type: worker, instances: 1, memory: 128M}
`), 0o600)).To(Succeed())
			s := sidecar(t, directory, "push", "-b", buildpack("processes"), "-b", "sidecar_buildpack")
			expectPids(s, "APP/PROC/WORKER/0", 1)
			expectPids(s, sidecarSource("bare"), 1)
			expectPids(s, sidecarSource("other"), 1)
			s.expectLine(sidecarSource("watcher"), "watcher MEMORY_LIMIT=100m")
			s.expectLine(sidecarSource("slow"), "answer 3 is 503")
			Expect(pids(s, web)).To(BeEmpty())

			s.stop() // while the app waits
			Expect(s.log()).To(ContainSubstring("[" + web + "] OUT Exit status 143\n"))
		})

		it("holds a sidecar of the app manifest, which no buildpack knows of, as the app, and leaves it alone (CF-34)", func() {
			port := testport.Free(t)
			directory := supervised(inOrder, `
- {name: slow, command: "ACTOR -listen `+port+` -answers 503,503,200 -mark MARKS/ready", hold-app: true, port: `+port+`, readiness-health-check-http-endpoint: /health}
- {name: restarted, command: "echo pid $$; if [ -e MARKS/again ]; then exec sleep 1000; fi; touch MARKS/again; exit 1", restart: on-failure}
`)
			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(words.Replace(`
applications:
- name: supervised
  health-check-type: process
  buildpacks: [sidecar_buildpack]
  sidecars:
  - {name: theirs, process_types: [web], command: `+strconv.Quote(inOrder)+`}
`)), 0o600)).To(Succeed())
			s := sidecar(t, directory, "push")
			expectInOrder(s, sidecarSource("theirs"))
			expectInOrder(s, web)
			expectPids(s, sidecarSource("restarted"), 2)
			expectNoCrash(s)
			Expect(syscall.Kill(expectPids(s, sidecarSource("theirs"), 1)[0], 0)).To(Succeed())
			s.stop()
		})

		// staged is a way to launch one process alone, by its command, in a droplet with
		// these sidecars.
		staged := func(sidecars string) func(application, command string) (string, int) {
			t.Helper()
			droplet, root := stage(t, supervised("./start", sidecars)).droplet, t.TempDir()
			output, err := exec.Command("tar", "-xzf", filepath.Join(droplet, "droplet.tgz"), "-C", root).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			return func(application, command string) (string, int) {
				launch := exec.Command(filepath.Join(built.lifecycle, "launcher"), "app", command, "")
				launch.Dir = root
				launch.Env = []string{"PATH=" + os.Getenv("PATH"), "VCAP_APPLICATION=" + application}
				output, _ := launch.CombinedOutput() // its status is looked at
				return string(output), launch.ProcessState.ExitCode()
			}
		}
		const isWeb = `{"name":"supervised","process_type":"web"}`

		it("does not hold a task, and says of a sidecar that there is none (CF-26)", func() {
			launch := staged("- {name: beside, command: ./beside, hold-app: true, timeout: 1}\n")
			said, status := launch(`{"name":"supervised"}`, "echo started")
			Expect(said).To(HaveSuffix("Invoking start command.\nstarted\n"))
			Expect(said).NotTo(ContainSubstring("[supervise]"))
			Expect(status).To(Equal(0))

			said, status = launch(isWeb, "echo started")
			Expect(said).To(HaveSuffix("[supervise] \"beside\" is not ready after 1s: it was not started, and the app waits for it; the app's instance ends\n"))
			Expect(status).To(Equal(1))
		})

		it("does not mistake the app for a sidecar of another process type with the same command (CF-26)", func() {
			launch := staged("- {name: beside, command: ./beside, hold-app: true, timeout: 1}\n- {name: same, command: echo started, process_types: [worker]}\n")
			said, status := launch(isWeb, "echo started")
			Expect(said).To(ContainSubstring("and the app waits for it"))
			Expect(status).To(Equal(1))
		})

		it("holds with two buildpacks that are made from this one, each for its own (hold-app)", func() {
			first, second := testport.Free(t), testport.Free(t)
			catalog := func(name, port string) string {
				return words.Replace(`
[[metadata.sidecars]]
name = "` + name + `"
default = true
command = "ACTOR -listen ` + port + ` -answers 503,503,200 -mark MARKS/` + name + `"
port = ` + port + `
hold-app = true
readiness-health-check-http-endpoint = "/health"
`)
			}
			s := pushed(`if [ -e MARKS/one ] && [ -e MARKS/two ]; then echo in order; else echo too early; fi; `+stay, "[]\n",
				"-b", fork(t, catalog("one", first)), "-b", fork(t, catalog("two", second)))
			expectInOrder(s, web)
			Expect(s.log()).To(ContainSubstring(`"$DEPS_DIR/1/bin/supervise" two -- `))
			expectNoCrash(s)
			s.stop()
		})

		it("does not hold a plain sidecar of another buildpack that is made from this one, in whichever order (hold-app)", func() {
			port := testport.Free(t)
			holding := fork(t, words.Replace(`
[[metadata.sidecars]]
name = "holding"
default = true
command = "ACTOR -listen `+port+` -well MARKS/plain -mark MARKS/ready"
port = `+port+`
hold-app = true
readiness-health-check-http-endpoint = "/health"
`))
			plain := fork(t, words.Replace(`
[[metadata.sidecars]]
name = "plain"
default = true
command = "touch MARKS/plain; exec sleep 1000"
`))
			for _, order := range [][]string{{plain, holding}, {holding, plain}} {
				for _, mark := range []string{"plain", "ready"} {
					Expect(os.RemoveAll(filepath.Join(marks, mark))).To(Succeed())
				}
				s := pushed(inOrder, "[]\n", "-b", order[0], "-b", order[1])
				expectInOrder(s, web)
				s.stop()
			}
		})

		it("holds no sidecar that any other buildpack declares, in whichever order, and gives it no app-env (hold-app)", func() {
			port := testport.Free(t)
			other := app(t, map[string]string{"bin/supply": words.Replace(`#!/bin/sh
echo "name: other" >"$3/$4/config.yml"
cat >"$3/$4/launch.yml" <<'YAML'
processes:
- type: other
  command: 'echo "app-env ${ADDED-unset}"; touch MARKS/plain; exec sleep 1000'
  platforms: {cloudfoundry: {sidecar_for: [web]}}
YAML
`)})
			Expect(os.Chmod(filepath.Join(other, "bin", "supply"), 0o755)).To(Succeed())
			sidecars := `
- name: holding
  command: ACTOR -listen ` + port + ` -well MARKS/plain -mark MARKS/ready
  port: ` + port + `
  hold-app: true
  readiness-health-check-http-endpoint: /health
  app-env: {ADDED: set}
`
			for _, order := range [][]string{{"sidecar_buildpack", other}, {other, "sidecar_buildpack"}} {
				for _, mark := range []string{"plain", "ready"} {
					Expect(os.RemoveAll(filepath.Join(marks, mark))).To(Succeed())
				}
				s := pushed(`echo "app-env $ADDED"; `+inOrder, sidecars, "-b", order[0], "-b", order[1], "-b", buildpack("profile"))
				expectInOrder(s, web)
				Expect(s.log()).To(ContainSubstring("[" + web + "] OUT app-env set\n"))
				Expect(s.log()).To(ContainSubstring("[" + sidecarSource("other") + "] OUT app-env unset\n"))
				s.stop()
			}
		})

		context("failure cases", func() {
			it("ends the instance where the sidecar is late, and says which and what it answered (timeout, CF-18, CF-19)", func() {
				late := map[string]struct{ flags, answer string }{
					"wrong":  {" -answers 503 -listen ", ": status 503 Service Unavailable"},
					"silent": {" -answers none -abrupt -listen ", ": no answer within 1s"},
					"deaf":   {" -linger 0s -farewell http://127.0.0.1:", ": connection refused"},
				}
				for name, one := range late { // each by itself: an app that never starts ends the run of all
					port := testport.Free(t)
					s := typed([]string{name}, inOrder, `
- name: `+name+` one
  process_types: [`+name+`]
  command: ACTOR`+one.flags+port+`
  port: `+port+`
  hold-app: true
  timeout: 6
  readiness-health-check-http-endpoint: /health
  readiness-health-check-interval: 1
  readiness-health-check-invocation-timeout: 1
`)
					source := "APP/PROC/" + strings.ToUpper(name)
					expectError(s, source+"/0", fmt.Sprintf("\"%s one\" is not ready after 6s: GET http://127.0.0.1:%s/health%s, and the app waits for it; the app's instance ends\n", name, port, one.answer))
					expectCrash(s, source+": Exited with status 1")
					expectPids(s, source+"/SIDECAR/"+strings.ToUpper(name)+" ONE/0", 2)
					s.end()
					Expect(s.log()).NotTo(ContainSubstring("too early"))
				}
			})

			it("ends the instance where another sidecar waits for one in vain, and says so (CF-18)", func() {
				port := testport.Free(t)
				s := pushed(inOrder, `
- {name: waiting, command: `+strconv.Quote(stay)+`, depends-on: [late], hold-app: true}
- {name: late, command: ACTOR, port: `+port+`, timeout: 6}
`)
				expectError(s, sidecarSource("waiting"), `waiting: "late" is not ready after 6s: port `+port+": connection refused, and waiting needs it; the app's instance ends\n")
				expectCrash(s, "APP/PROC/WEB/SIDECAR/WAITING: Exited with status 1")
				Expect(pids(s, sidecarSource("waiting"))).To(BeEmpty())
				s.end()
			})
		})
	})

	context("checking health", func() {
		it("starts a sidecar again after three failures in a row, and no fewer (health-check with restart)", func() {
			port := testport.Free(t)
			s := pushed(stay, `
- name: frail
  command: ACTOR -listen `+port+` -answers 503,200,503,503,200,503,503,503,200
  port: `+port+`
  health-check-http-endpoint: /health
  health-check-interval: 1
  health-check-invocation-timeout: 60
  restart: on-failure
`)
			expectError(s, sidecarSource("frail"), "frail: failed its health check 3 times in a row (GET http://127.0.0.1:"+port+"/health: status 503 Service Unavailable); it is started again in 1s (restart 1)\n")
			s.expectLine(sidecarSource("frail"), "answer 8 is 503")
			Expect(s.log()).To(MatchRegexp(`SIDECAR/FRAIL/0\] OUT asked to end\n`))
			expectPids(s, sidecarSource("frail"), 2)
			expectNoCrash(s)
			s.stop()
		})

		it("starts one again that hangs, while the app runs on (health-check with restart)", func() {
			port := testport.Free(t)
			s := pushed(stay, `
- name: hanging
  command: ACTOR -listen `+port+`
  port: `+port+`
  health-check-http-endpoint: /health
  health-check-interval: 1
  health-check-invocation-timeout: 1
  restart: always
`)
			s.expectLine(sidecarSource("hanging"), "answer 1 is 200")
			Expect(syscall.Kill(expectPids(s, sidecarSource("hanging"), 1)[0], syscall.SIGSTOP)).To(Succeed())
			expectError(s, sidecarSource("hanging"), "hanging: failed its health check 3 times in a row (GET http://127.0.0.1:"+port+"/health: no answer within 1s); it is started again in 1s (restart 1)\n")
			pid := expectPids(s, sidecarSource("hanging"), 2)[1]
			Eventually(func() error { _, err := get("http://127.0.0.1:" + port + "/health"); return err }).Should(Succeed())
			Expect(syscall.Kill(pid, 0)).To(Succeed())
			expectNoCrash(s)
			s.stop()
		})

		context("failure cases", func() {
			it("ends the instance where there is no restart (CF-17, CF-18, CF-19)", func() {
				port := testport.Free(t)
				s := pushed(stay, "- {name: deaf, command: ACTOR, port: "+port+", health-check-type: port, health-check-interval: 1, timeout: 5}\n")
				expectError(s, sidecarSource("deaf"), "deaf: did not pass its health check within 5s (port "+port+": connection refused); the app's instance ends with it\n")
				expectCrash(s, "APP/PROC/WEB/SIDECAR/DEAF: Exited with status 1")
				expectPids(s, web, 2)
				s.end()
			})
		})
	})

	context("starting again", func() {
		it("has a sidecar read its files again, and keeps lines of a lower level out of the log (reload, log)", func() {
			Expect(os.WriteFile(filepath.Join(marks, "file"), []byte("one\n"), 0o600)).To(Succeed())
			s := pushed(stay, `
- name: agent
  command: trap 'echo "WARN has $(cat MARKS/file)"' HUP; echo INFO hidden; echo WARN up; while :; do sleep 1000 & wait $!; done
  reload: {on: [$CF_INSTANCE_CERT, bindings, MARKS/file], signal: HUP}
  log: {level: warn, prefix: true}
`)
			s.expectLine(sidecarSource("agent"), "[agent] WARN up\n")
			for _, content := range []string{"two", "three"} {
				Expect(os.WriteFile(filepath.Join(marks, "new"), []byte(content+"\n"), 0o600)).To(Succeed())
				Expect(os.Rename(filepath.Join(marks, "new"), filepath.Join(marks, "file"))).To(Succeed())
				s.expectLine(sidecarSource("agent"), "[agent] WARN has "+content+"\n")
			}
			expectNoCrash(s)
			s.stop()
			expectError(s, sidecarSource("agent"), "agent: dropped 1 line of its output, below the level warn\n")
			Expect(s.log()).NotTo(MatchRegexp(`OUT (\[agent\] )?INFO hidden`))
			Expect(strings.Count(s.log(), "/file changed; it is sent SIGHUP\n")).To(Equal(2), s.log)
		})

		it("stops and starts a sidecar for a change, which is not a crash (reload with restart: true)", func() {
			Expect(os.WriteFile(filepath.Join(marks, "file"), []byte("one\n"), 0o600)).To(Succeed())
			s := pushed(stay, `
- {name: agent, command: 'cat MARKS/file; `+stay+`', reload: {on: MARKS/file, restart: true}}
`)
			s.expectLine(sidecarSource("agent"), "one\n")
			Expect(os.WriteFile(filepath.Join(marks, "file"), []byte("two\n"), 0o600)).To(Succeed())
			s.expectLine(sidecarSource("agent"), "two\n")
			expectPids(s, sidecarSource("agent"), 2)
			expectPids(s, web, 1)
			expectNoCrash(s)
			s.stop()
		})

		it("starts one again whatever its status was, and leaves nothing of it (restart: always)", func() {
			s := pushed(stay, `
- name: forking
  command: |
    if [ -e MARKS/child ]; then
      if kill -0 $(cat MARKS/child); then echo its child runs on; else echo its child is gone; fi
      exec sleep 1000
    fi
    setsid sh -c 'echo $$ >MARKS/new; mv MARKS/new MARKS/child; exec sleep 1000' >/dev/null 2>&1 &
    until [ -e MARKS/child ]; do sleep 0.02; done
    exit 0
  restart: always
`)
			expectError(s, sidecarSource("forking"), "forking: ended with status 0; it is started again in 1s (restart 1)\n")
			s.expectLine(sidecarSource("forking"), "its child ")
			Expect(s.log()).To(ContainSubstring("OUT its child is gone\n"))
			expectNoCrash(s)
			s.stop()
		})

		it("starts one again that was killed, and one that cannot be run (restart: on-failure)", func() {
			s := pushed(stay, "- {name: killed, command: "+strconv.Quote(stay)+", restart: on-failure}\n- {name: missing, command: ./missing, restart: on-failure}\n")
			Expect(syscall.Kill(expectPids(s, sidecarSource("killed"), 1)[0], syscall.SIGKILL)).To(Succeed())
			expectError(s, sidecarSource("killed"), "killed: was ended by the signal killed; it is started again in 1s (restart 1)\n")
			expectError(s, sidecarSource("missing"), "missing: could not be started: ./missing cannot be run: no such file or directory; it is started again in 1s (restart 1)\n")
			expectPids(s, sidecarSource("killed"), 2)
			expectNoCrash(s)
			s.stop()
		})

		context("failure cases", func() {
			it("leaves it to the platform past the limit, which starts all of the instance again (CF-18, CF-19)", func() {
				s := pushed(stay, "- {name: failing, command: 'echo pid $$; exit 3', restart: always, restart-limit: 2}\n- {name: bystander, command: "+strconv.Quote(stay)+"}\n")
				expectError(s, sidecarSource("failing"), "failing: ended with status 3; it is started again in 1s (restart 1 of 2)\n")
				expectError(s, sidecarSource("failing"), "failing: ended with status 3; it is started again in 2s (restart 2 of 2)\n")
				expectError(s, sidecarSource("failing"), "failing: ended with status 3; its restart limit is 2, so the app's instance ends with it\n")
				expectCrash(s, "APP/PROC/WEB/SIDECAR/FAILING: Exited with status 3")
				before, _, _ := strings.Cut(s.log(), "Process has crashed")
				Expect(strings.Count(before, sidecarSource("failing")+"] OUT pid ")).To(Equal(3))
				Expect(strings.Count(before, web+"] OUT pid ")).To(Equal(1))
				for _, source := range []string{web, sidecarSource("bystander")} {
					both := expectPids(s, source, 2)
					Expect(both[0]).NotTo(Equal(both[1]))
					Expect(syscall.Kill(both[0], 0)).To(MatchError(syscall.ESRCH))
				}
				s.end()
			})

			it("ends the instance with status 0 as the platform does (restart: on-failure, CF-17)", func() {
				s := pushed(stay, "- {name: done, command: 'echo pid $$; exit 0', restart: on-failure}\n")
				expectError(s, sidecarSource("done"), "done: ended with status 0; the app's instance ends with it\n")
				expectCrash(s, "Codependent step exited")
				Expect(s.log()).To(ContainSubstring("[" + sidecarSource("done") + "] OUT Exit status 0\n"))
				s.end()
			})

			it("ends with the status that it would have without a supervisor (restart: never, CF-18)", func() {
				ends := map[string]struct {
					command string
					status  int
					says    string
				}{
					"failing":    {"exit 7", 7, ""},
					"missing":    {"./missing", 127, "could not be started: ./missing cannot be run: no such file or directory; the app's instance ends with it"},
					"unknown":    {"no-such-program --flag", 127, ""},
					"unrunnable": {"/etc/passwd", 126, "could not be started: /etc/passwd cannot be run: permission denied; the app's instance ends with it"},
					"crashing":   {"kill -SEGV $$", 139, ""},
					"ended":      {"kill -TERM $$", 143, ""},
				}
				// Each is pushed by itself: a push gives up when an instance has crashed three times.
				for name, end := range ends {
					s := typed([]string{name}, stay, "- name: "+name+" one\n  process_types: ["+name+"]\n  command: "+end.command+"\n  restart: never\n  readiness-health-check-type: process\n")
					source := "APP/PROC/" + strings.ToUpper(name) + "/SIDECAR/" + strings.ToUpper(name) + " ONE"
					expectCrash(s, fmt.Sprintf("%s: Exited with status %d", source, end.status))
					Expect(s.log()).To(ContainSubstring(fmt.Sprintf("[%s/0] OUT Exit status %d\n", source, end.status)))
					if end.says != "" {
						expectError(s, source+"/0", name+" one: "+end.says+"\n")
					}
					s.end()
				}
			})
		})
	})

	context("keeping to memory", func() {
		it("kills one that takes more than its own, and starts it again (enforce-memory with restart)", func() {
			port := testport.Free(t)
			s := pushed(stay, "- {name: hungry, command: ACTOR -listen "+port+" -eat 30, memory: 96M, enforce-memory: true, restart: on-failure}\n")
			s.expectLine(sidecarSource("hungry"), "has taken 30 MB")
			Eventually(func() error { _, err := get("http://127.0.0.1:" + port + "/health"); return err }).Should(Succeed())
			Expect(pids(s, sidecarSource("hungry"))).To(HaveLen(1), "it is within its limit")

			_, _ = get("http://127.0.0.1:" + port + "/eat?mb=120") // it may be killed before it answers
			Eventually(s.log).Should(MatchRegexp(`\[supervise\] hungry: used [0-9]+M of its 96M of memory; it is started again in 1s \(restart 1\)\n`), all(s))
			expectPids(s, sidecarSource("hungry"), 2)
			expectNoCrash(s)
			s.stop()
		})

		context("failure cases", func() {
			it("counts all that it has started, and ends the instance where there is no restart (CF-18)", func() {
				s := pushed(stay, "- {name: parent, command: 'ACTOR -eat 60 & setsid ACTOR -eat 60 & wait', memory: 96M, enforce-memory: true}\n")
				Eventually(s.log).Should(MatchRegexp(`\[supervise\] parent: used [0-9]+M of its 96M of memory; the app's instance ends with it\n`), all(s))
				expectCrash(s, "APP/PROC/WEB/SIDECAR/PARENT: Exited with status 137")
				s.end()
			})
		})
	})

	context("stopping", func() {
		it("keeps a sidecar until the app is gone (stop-after-app, CF-17)", func() {
			port := testport.Free(t)
			s := pushed("exec ACTOR -linger 1s -farewell http://127.0.0.1:"+port+"/health", "- {name: last, command: ACTOR -listen "+port+" -abrupt, stop-after-app: true}\n")
			s.expectLine(sidecarSource("last"), "listening on")
			expectPids(s, web, 1)
			s.stop()
			// It ends at once when it is asked to, so that it was not asked before. In which order two processes' lines come into
			// the log depends on who reads them.
			Expect(s.log()).To(ContainSubstring("[" + web + "] OUT farewell: 200 OK\n"))
			Expect(s.log()).To(ContainSubstring("[" + sidecarSource("last") + "] OUT asked to end\n"))
			Expect(s.log()).To(ContainSubstring("[" + sidecarSource("last") + "] OUT Exit status 0\n"))
		})

		it("serves through a proxy what is under way (proxy with stop-after-app)", func() {
			s := pushed("exec ACTOR -listen PORT", "- {name: front, command: ACTOR -listen PORT -proxy front -abrupt, proxy: true, stop-after-app: true}\n")
			s.get("/health")
			answer := slowly(s, "2s")
			s.stop()
			Expect(<-answer).NotTo(HaveOccurred())
		})

		it("does not mistake a sidecar of the app manifest for the app that it waits for (stop-after-app, CF-34)", func() {
			// An earlier buildpack's script makes the app's own process the last to start.
			late := app(t, map[string]string{"bin/supply.sh": "#!/bin/sh\nmkdir -p $3/$4/profile.d && echo 'case $2 in *farewell*) until [ -e " + marks + "/theirs ]; do sleep 0.02; done ;; esac' > $3/$4/profile.d/late.sh\n"})
			Expect(os.Symlink("supply.sh", filepath.Join(late, "bin", "supply"))).To(Succeed())
			port := testport.Free(t)
			directory := supervised("exec ACTOR -linger 2s -farewell http://127.0.0.1:"+port+"/health", "- {name: last, command: ACTOR -listen "+port+" -abrupt, stop-after-app: true}\n")
			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(words.Replace(`
applications:
- name: supervised
  health-check-type: process
  sidecars:
  - {name: theirs, process_types: [web], command: "touch MARKS/theirs; exec sleep 1000"}
`)), 0o600)).To(Succeed())
			s := sidecar(t, directory, "push", "-b", late, "-b", "sidecar_buildpack")
			s.expectLine(sidecarSource("last"), "listening on")
			expectPids(s, web, 1)
			s.stop()
			Expect(s.log()).To(ContainSubstring("[" + web + "] OUT farewell: 200 OK\n"))
		})

		context("failure cases", func() {
			for _, front := range []struct{ name, keys string }{
				{"did not ask for more", ""},
				{"has no more time", ", stop-after-app: true, stop-timeout: 1"},
			} {
				it("drops what is under way where the proxy "+front.name, func() {
					s := pushed("exec ACTOR -listen PORT", "- {name: front, command: ACTOR -listen PORT -proxy front -abrupt, proxy: true"+front.keys+"}\n")
					s.get("/health")
					answer := slowly(s, "6s") // longer than a busy machine takes to stop the proxy
					s.stop()
					Expect(<-answer).To(MatchError(ContainSubstring("EOF")))
					Expect(strings.Index(s.log(), sidecarSource("front")+"] OUT ended")).To(BeNumerically("<", strings.Index(s.log(), web+"] OUT ended")), s.log)
				})
			}

			it("ends what does not end, before the platform would kill its supervisor alone (stop-timeout, CF-17)", func() {
				s := pushed("trap '' TERM; echo pid $$; while true; do sleep 0.1; done", `
- {name: obedient, command: ACTOR, stop-after-app: true, stop-timeout: 1}
- {name: stubborn, command: "trap '' TERM; echo pid $$; while true; do sleep 0.1; done", stop-after-app: true, stop-timeout: 9}
`)
				expectPids(s, web, 1)
				expectPids(s, sidecarSource("obedient"), 1)
				stubborn := expectPids(s, sidecarSource("stubborn"), 1)[0]
				began := time.Now()
				s.Terminate()
				s.expectLine(sidecarSource("obedient"), "asked to end")
				Expect(time.Since(began)).To(BeNumerically(">=", time.Second))
				Eventually(s.Session).Should(gexec.Exit(0), s.log)
				Expect(syscall.Kill(stubborn, 0)).To(MatchError(syscall.ESRCH))
				Expect(s.log()).To(ContainSubstring("[" + sidecarSource("obedient") + "] OUT Exit status 0\n"))
				// The supervisor kills it half a second before the platform would kill both, which is not enough for every machine.
				Expect(s.log()).To(MatchRegexp(regexp.QuoteMeta("["+sidecarSource("stubborn")+"] OUT Exit status 137") + `( \(exceeded 10s graceful shutdown interval\))?\n`))
				Expect(s.log()).To(ContainSubstring("[" + web + "] OUT Exit status 137 (exceeded 10s graceful shutdown interval)\n"))
				s.expectNothingLeft()
			})
		})
	})

	context("its surroundings", func() {
		it("are the sidecar's alone, and app-env the app's, with other variables in their values and nothing else (env, app-env, work-dir)", func() {
			directory := supervised(`env; echo "app is in $PWD"; `+stay, `
- name: told
  command: env; echo "sidecar is in $PWD and sees $ADDRESS"; exec sleep 1000
  work-dir: in/side
  env:
    PLAIN: 'it''s $5 `+"`date` $(date)"+` "quoted" \ and * more $'
    ADDRESS: http://${GREETING}:$PORT/$NOTHING/${NOTHING}
    AFTER: <$ADDRESS>
  app-env:
    FOR_APP: '${GREETING} $(date)'
- {name: other, command: env; exec sleep 1000}
`)
			Expect(os.MkdirAll(filepath.Join(directory, "in", "side"), 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(directory, "in", "side", "file"), nil, 0o600)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("applications: [{name: told, health-check-type: process, env: {GREETING: hello}}]"), 0o600)).To(Succeed())
			s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
			s.expectLine(sidecarSource("told"), `PLAIN=it's $5 `+"`date` $(date)"+` "quoted" \ and * more $`+"\n")
			Eventually(s.log).Should(MatchRegexp(`SIDECAR/TOLD/0\] OUT sidecar is in /.*/app/in/side and sees http://hello:[0-9]+//\n`))
			Expect(s.log()).To(MatchRegexp(`SIDECAR/TOLD/0\] OUT AFTER=<http://hello:[0-9]+//>\n`))
			Eventually(s.log).Should(MatchRegexp(`WEB/0\] OUT app is in /.*/app\n`))
			s.expectLine(web, "FOR_APP=hello $(date)\n")
			s.expectLine(sidecarSource("other"), "_=")
			for _, name := range []string{"PLAIN", "ADDRESS", "AFTER", "FOR_APP"} {
				Expect(strings.Count(s.log(), "] OUT "+name+"=")).To(Equal(1), "%s is in one process alone", name)
			}
			s.stop()
		})

		context("failure cases", func() {
			it("says that its directory is not there (work-dir, CF-18)", func() {
				s := pushed(stay, "- {name: lost, command: "+strconv.Quote(stay)+", work-dir: nowhere}\n")
				expectError(s, sidecarSource("lost"), "lost: the directory nowhere cannot be entered: no such file or directory\n")
				expectCrash(s, "APP/PROC/WEB/SIDECAR/LOST: Exited with status 127")
				s.end()
			})
		})
	})

	context("in front of the app", func() {
		it("chains proxies in their order, and gives all behind them the same port (proxy, hold-app, CF-25)", func() {
			directory := supervised("exec ACTOR -listen PORT", `
- {name: outer, command: ACTOR -listen PORT -proxy outer, proxy: true, hold-app: true, readiness-health-check-type: port}
- {name: helper, command: "echo PORT=$PORT APP_PORT=$APP_PORT.; exec sleep 1000"}
- {name: inner, command: "echo PORT=$PORT; exec ACTOR -listen PORT -proxy inner", proxy: true, restart: always}
- {name: supervised, command: "echo PORT=$PORT APP_PORT=$APP_PORT.; exec sleep 1000", restart: always}
`)
			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(`
applications:
- name: proxied
  sidecars:
  - {name: theirs, process_types: [web], command: "echo PORT=$PORT APP_PORT=$APP_PORT.; exec sleep 1000"}
`), 0o600)).To(Succeed())
			s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
			behind := s.get("/env?name=PORT")
			Expect(s.url()).NotTo(HaveSuffix(":" + behind))
			for _, name := range []string{"helper", "supervised", "theirs"} {
				s.expectLine(sidecarSource(name), "PORT="+behind+" APP_PORT=.\n")
			}
			Expect(s.log()).NotTo(ContainSubstring("[" + sidecarSource("inner") + "] OUT PORT=" + behind + "\n"))
			for _, source := range []string{sidecarSource("outer"), sidecarSource("inner"), web} {
				expectPids(s, source, 1)
			}

			answer, err := http.Get(s.url() + "/health")
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.Body.Close()).To(Succeed())
			Expect(answer.StatusCode).To(Equal(http.StatusOK))
			Expect(answer.Header.Get("Passed")).To(Equal("outer inner"))
			answer, err = http.Get("http://127.0.0.1:" + behind + "/health")
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.Body.Close()).To(Succeed())
			Expect(answer.Header.Get("Passed")).To(BeEmpty())

			Expect(syscall.Kill(pids(s, sidecarSource("inner"))[0], syscall.SIGKILL)).To(Succeed())
			expectPids(s, sidecarSource("inner"), 2)
			Expect(s.get("/env?name=PORT")).To(Equal(behind), "it is back in the same place")
			expectNoCrash(s)
			s.stop()
		})

		for name, order := range testtable.Sorted(map[string][]string{
			"this buildpack first": {"-b", "sidecar_buildpack", "-b", buildpack("pages")},
			"this buildpack last":  {"-b", buildpack("pages"), "-b", "sidecar_buildpack"},
		}) {
			it("has other buildpacks' profile scripts find the app's port, in whichever process comes first, "+name+" (proxy, hold-app, CF-15)", func() {
				s := pushed("exec ACTOR -listen $(cat port.conf)", `
- {name: front, command: ACTOR -listen PORT -proxy front, proxy: true, hold-app: true, readiness-health-check-type: port}
`, order...)
				Expect(s.url()).NotTo(HaveSuffix(":" + s.get("/env?name=PORT")))
				answer, err := http.Get(s.url() + "/health")
				Expect(err).NotTo(HaveOccurred())
				Expect(answer.Body.Close()).To(Succeed())
				Expect(answer.StatusCode).To(Equal(http.StatusOK))
				Expect(answer.Header.Get("Passed")).To(Equal("front"))
				expectNoCrash(s)
				s.stop()
			})
		}

		it("chains the proxies of two buildpacks that are made from this one (proxy)", func() {
			var buildpacks []string
			for _, name := range []string{"one", "two"} {
				buildpacks = append(buildpacks, "-b", fork(t, words.Replace(`
[[metadata.sidecars]]
name = "`+name+`"
default = true
command = "echo PORT=$PORT APP_PORT=$APP_PORT.; exec ACTOR -listen PORT -proxy `+name+`"
proxy = true
`)))
			}
			s := pushed("echo PORT=$PORT; exec ACTOR -listen PORT", "[]\n", buildpacks...)
			s.expectLine(web, "PORT=")
			s.expectLine(sidecarSource("one"), "PORT=")
			s.expectLine(sidecarSource("two"), "PORT=")
			holders := map[string]string{}
			for _, line := range regexp.MustCompile(`\[(\S+)\] OUT PORT=([0-9]+)`).FindAllStringSubmatch(s.log(), -1) {
				holders[line[2]] = line[1]
			}
			Expect(holders).To(HaveLen(3), s.log)
			s.get("/health")
			answer, err := http.Get(s.url() + "/health")
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.Body.Close()).To(Succeed())
			Expect(strings.Fields(answer.Header.Get("Passed"))).To(ConsistOf("one", "two"))
			s.stop()
		})

		context("failure cases", func() {
			it("cannot hold the app nor have its port where the last buildpack leaves out profile.d, and is still supervised (CF-16)", func() {
				sick := testport.Free(t)
				s := pushed(`echo PORT=$PORT; `+inOrder, `
- name: front
  command: if [ -e MARKS/fell ]; then echo PORT=$PORT APP_PORT=$APP_PORT.; exec sleep 1000; fi; touch MARKS/fell; exit 3
  proxy: true
  hold-app: true
  timeout: 1
  readiness-health-check-type: port
  restart: on-failure
- {name: sick, command: ACTOR -listen `+sick+` -answers 503, port: `+sick+`, timeout: 6, health-check-http-endpoint: /health, health-check-interval: 1, health-check-invocation-timeout: 60, restart: always}
`, "-b", "sidecar_buildpack", "-b", buildpack("plain"))
				s.expectLine(web, "too early")
				expectError(s, sidecarSource("front"), "front: ended with status 3; it is started again in 1s (restart 1)\n")
				port := regexp.MustCompile(regexp.QuoteMeta("["+web+"] OUT ") + "PORT=([0-9]+)\n").FindStringSubmatch(s.log())[1]
				s.expectLine(sidecarSource("front"), "PORT="+port+" APP_PORT=.\n")
				expectError(s, sidecarSource("sick"), "sick: did not pass its health check within 6s (GET http://127.0.0.1:"+sick+"/health: status 503 Service Unavailable); it is started again in 1s (restart 1)\n")
				expectPids(s, sidecarSource("sick"), 2)
				expectNoCrash(s)
				s.stop()
			})
		})
	})

	context("in a flood", func() {
		it("loses no line of 100 MB, starts again and stops in time", func() {
			const lines = 100 << 20 / 100
			directory := supervised(stay, `
- name: flooding
  command: if [ -e MARKS/again ]; then exec yes torrent; fi; touch MARKS/again; exec ACTOR -flood `+strconv.Itoa(lines)+` -status 3
  restart: on-failure
  health-check-type: process
  health-check-interval: 1
`)
			read, write, err := os.Pipe()
			Expect(err).NotTo(HaveOccurred())
			defer read.Close()
			tmp := t.TempDir()
			command := exec.Command(built.sidecar, "push", "--lifecycle", built.lifecycle)
			command.Dir, command.Stdout = directory, write
			command.Env = append(os.Environ(), "TMPDIR="+tmp)
			Expect(command.Start()).To(Succeed())
			defer command.Process.Kill() // it has ended, unless the spec has failed
			Expect(write.Close()).To(Succeed())

			stopped := false
			flood, lost, others := 0, 0, ""
			for log := bufio.NewScanner(read); log.Scan(); {
				_, text, _ := strings.Cut(log.Text(), "] OUT ")
				switch number, isFlood := strings.CutPrefix(text, "flood "); {
				case isFlood:
					if !strings.HasPrefix(number, strconv.Itoa(flood)+" ") || len(text) != 99 {
						lost++
					}
					flood++
				case text == "torrent":
					if !stopped {
						stopped = true
						Expect(command.Process.Signal(syscall.SIGTERM)).To(Succeed())
					}
				default:
					others += log.Text() + "\n"
				}
			}
			Expect(command.Wait()).To(Succeed())
			Expect(flood).To(Equal(lines), others)
			Expect(lost).To(BeZero(), "lines in the wrong place, or cut")
			Expect(others).To(ContainSubstring("[supervise] flooding: ended with status 3; it is started again in 1s (restart 1)\n"))
			Expect(others).To(ContainSubstring("[" + sidecarSource("flooding") + "] OUT Exit status 143\n"))
			Expect(os.ReadDir(tmp)).To(BeEmpty())
			Expect(processesIn(tmp)).To(BeEmpty())
		})
	})
}
