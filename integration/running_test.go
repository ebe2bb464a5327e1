package integration_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// tell is a start command that writes its environment to the log and stays.
const tell = `env; exec sleep 1000`

func testRunning(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// variables are what a source has written with env.
	variables := func(s *session, source string) map[string]string {
		s.expectLine(source, "CF_INSTANCE_GUID=")
		s.expectLine(source, "VCAP_APPLICATION=")
		s.expectLine(source, "_=")
		found := map[string]string{}
		for _, line := range strings.Split(s.log(), "\n") {
			if _, text, ok := strings.Cut(line, "["+source+"] OUT "); ok {
				if name, value, ok := strings.Cut(text, "="); ok {
					found[name] = value
				}
			}
		}
		return found
	}
	vcap := func(variables map[string]string) map[string]any {
		var application map[string]any
		Expect(json.Unmarshal([]byte(variables["VCAP_APPLICATION"]), &application)).To(Succeed())
		return application
	}

	it("gives app and sidecars the platform's environment (CF-14, CF-22, CF-23, CF-24, CF-25)", func() {
		directory := app(t, map[string]string{
			"Procfile": "web: " + tell,
			"sidecars.yml": "- name: with memory\n  command: " + tell + "\n  memory: 256M\n" +
				"- name: without\n  command: " + tell + "\n",
			"manifest.yml": `
applications:
- name: told
  memory: 1G
  health-check-type: process
  env:
    MEMORY_LIMIT: 5000m
    GREETING: hello $HOME
`,
		})
		s := startSidecar(t, directory, []string{`VCAP_SERVICES={"user-provided":[{"name":"db","credentials":{"uri":"postgres://u:p@db.example/x"}}]}`, "SECRET_OF_THE_MACHINE=1"},
			"push", "-b", "sidecar_buildpack", "--lifecycle", built.lifecycle)
		web := variables(s, "APP/PROC/WEB/0")
		with := variables(s, "APP/PROC/WEB/SIDECAR/WITH MEMORY/0")
		without := variables(s, "APP/PROC/WEB/SIDECAR/WITHOUT/0")

		Expect(web).To(HaveKeyWithValue("MEMORY_LIMIT", "768m"), "CF-22, CF-24")
		Expect(with).To(HaveKeyWithValue("MEMORY_LIMIT", "256m"), "CF-23")
		Expect(without).To(HaveKeyWithValue("MEMORY_LIMIT", "1024m"), "CF-23")
		for limit, variables := range map[float64]map[string]string{768: web, 256: with, 1024: without} {
			application := vcap(variables)
			Expect(application["limits"]).To(HaveKeyWithValue("mem", limit))
			Expect(application).To(HaveKeyWithValue("application_name", "told"))
			Expect(application).To(HaveKeyWithValue("host", "0.0.0.0"), "CF-14")
			Expect(application).To(HaveKeyWithValue("instance_index", 0.0), "CF-14")
			Expect(application).To(HaveKeyWithValue("instance_id", variables["INSTANCE_GUID"]), "CF-14")
			Expect(fmt.Sprint(application["port"])).To(Equal(variables["PORT"]), "CF-14")

			Expect(variables).To(HaveKeyWithValue("PORT", web["PORT"]), "CF-25")
			Expect(variables).To(HaveKeyWithValue("GREETING", "hello $HOME"))
			Expect(variables).To(HaveKeyWithValue("DATABASE_URL", ContainSubstring("db.example")), "CF-14")
			Expect(variables).NotTo(HaveKey("SECRET_OF_THE_MACHINE"))
			root := filepath.Dir(variables["HOME"])
			Expect(variables).To(HaveKeyWithValue("HOME", filepath.Join(root, "app")), "CF-14")
			Expect(variables).To(HaveKeyWithValue("PWD", filepath.Join(root, "app")), "CF-14")
			Expect(variables).To(HaveKeyWithValue("TMPDIR", filepath.Join(root, "tmp")), "CF-14")
			Expect(variables).To(HaveKeyWithValue("DEPS_DIR", filepath.Join(root, "deps")), "CF-14")
		}
		s.stop()
	})

	it("sources the profile scripts in every process, in the launcher's order (CF-15)", func() {
		directory := app(t, map[string]string{
			"Procfile":        "web: " + tell,
			"sidecars.yml":    "- {name: beside, command: '" + tell + "'}",
			".profile.d/a.sh": "export ORDER=\"$ORDER app-profile.d\"",
			".profile":        "export ORDER=\"$ORDER app-profile\"",
		})
		bp := app(t, map[string]string{"bin/supply.sh": "#!/bin/sh\nmkdir -p $3/$4/profile.d && echo 'export ORDER=\"$ORDER deps-profile.d\"' > $3/$4/profile.d/x.sh\n"})
		Expect(os.Symlink("supply.sh", filepath.Join(bp, "bin", "supply"))).To(Succeed())
		manifest := "applications: [{name: profiled, health-check-type: process}]"
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(manifest), 0o644)).To(Succeed())

		s := sidecar(t, directory, "push", "-b", bp, "-b", "sidecar_buildpack")
		for _, source := range []string{"APP/PROC/WEB/0", "APP/PROC/WEB/SIDECAR/BESIDE/0"} {
			Expect(variables(s, source)).To(HaveKeyWithValue("ORDER", " deps-profile.d app-profile.d app-profile"))
		}
		s.stop()
	})

	it("runs each process type and instance with the sidecars of its type alone (CF-20, CF-26)", func() {
		directory := app(t, map[string]string{
			"Procfile": "web: " + tell + "\nworker: " + tell + "\nclock: " + tell + "\n",
			"sidecars.yml": "- {name: both, command: '" + tell + "', process_types: [web, worker], memory: 64M}\n" +
				"- {name: queue, command: '" + tell + "', process_types: [worker], memory: 32M}\n",
			"manifest.yml": `
applications:
- name: typed
  processes:
  - type: web
    instances: 2
    memory: 256M
    health-check-type: process
  - type: worker
    instances: 1
    memory: 128M
`,
		})
		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
		Expect(variables(s, "APP/PROC/WEB/0")).To(HaveKeyWithValue("MEMORY_LIMIT", "192m"))
		Expect(variables(s, "APP/PROC/WEB/1")).To(HaveKeyWithValue("CF_INSTANCE_INDEX", "1"))
		Expect(variables(s, "APP/PROC/WORKER/0")).To(HaveKeyWithValue("MEMORY_LIMIT", "32m"))
		Expect(variables(s, "APP/PROC/WEB/SIDECAR/BOTH/0")["PORT"]).To(Equal(variables(s, "APP/PROC/WEB/0")["PORT"]))
		Expect(variables(s, "APP/PROC/WEB/SIDECAR/BOTH/1")["PORT"]).NotTo(Equal(variables(s, "APP/PROC/WEB/0")["PORT"]))
		Expect(variables(s, "APP/PROC/WORKER/SIDECAR/BOTH/0")).To(HaveKeyWithValue("MEMORY_LIMIT", "64m"))
		Expect(variables(s, "APP/PROC/WORKER/SIDECAR/QUEUE/0")).To(HaveKeyWithValue("MEMORY_LIMIT", "32m"))
		Expect(s.log()).NotTo(ContainSubstring("APP/PROC/WEB/SIDECAR/QUEUE"))
		Expect(s.log()).To(ContainSubstring("Sidecar both runs more than once, and all of this machine's instances share its network"))
		Expect(s.log()).NotTo(ContainSubstring("APP/PROC/CLOCK"), "a process type that was not requested has no instance")
		s.stop()
	})

	it("keeps what is written to standard error apart", func() {
		directory := app(t, map[string]string{
			"Procfile":     "web: exec sleep 1000",
			"sidecars.yml": "- {name: loud, command: 'echo oh no >&2; exec sleep 1000'}",
		})
		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack", "-p", directory)
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d[+-]\d{4} \[APP/PROC/WEB/SIDECAR/LOUD/0\] ERR oh no$`))
		s.stop()
	})

	it("runs a droplet that was staged before", func() {
		directory := app(t, map[string]string{
			"Procfile": "web: " + forever, "sidecars.yml": "- {name: beside, command: 'echo here; exec sleep 1000'}",
			"manifest.yml": "applications: [{name: later, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
		s := sidecar(t, directory, "stage")
		s.await()
		Expect(s.ExitCode()).To(Equal(0), s.log)
		Expect(filepath.Join(directory, ".sidecar", "later", "droplet.tgz")).To(BeARegularFile())

		s = sidecar(t, directory, "run")
		s.expectLine("APP/PROC/WEB/SIDECAR/BESIDE/0", "here")
		s.expectLine("APP/PROC/WEB/0", "app MEMORY_LIMIT=1024m")
		s.stop()
	})

	it("says which manifest is not read, where what was staged with one is run without it, or with another one", func() {
		other := app(t, map[string]string{"Procfile": "web: echo greeting=$GREETING; exec sleep 1000", "manifest.yml": "applications: [{name: greeter, env: {GREETING: hello}, health-check-type: process, buildpacks: [sidecar_buildpack]}]"})
		directory := app(t, nil)
		staged := sidecar(t, directory, "stage", "-f", other, "-p", other)
		staged.await()
		Expect(staged.ExitCode()).To(Equal(0), staged.log)

		s := sidecar(t, directory, "run", "greeter")
		s.expectLine("APP/PROC/WEB/0", "greeting=\n")
		s.expectLine("API/0", "Note: found no manifest here: env, services, sidecars and memory from the manifest that greeter was staged with have no effect; name the manifest with -f\n")
		s.stop()

		s = sidecar(t, directory, "run", "greeter", "-f", other)
		s.expectLine("APP/PROC/WEB/0", "greeting=hello\n")
		Expect(s.log()).NotTo(ContainSubstring("Note:"))
		s.stop()

		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("applications: [{name: another, env: {GREETING: hi}, health-check-type: process}]"), 0o644)).To(Succeed())
		s = sidecar(t, directory, "run", "greeter")
		s.expectLine("APP/PROC/WEB/0", "greeting=hi\n")
		s.expectLine("API/0", "Note: manifest.yml describes another: what it says of env, services, sidecars and memory is taken for greeter; name another manifest with -f\n")
		s.stop()
	})

	context("failure cases", func() {
		it("does not start an app without a start command (CF-10)", func() {
			directory := app(t, map[string]string{"sidecars.yml": "- {name: beside, command: 'exec sleep 1000'}"})
			s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
			s.await()
			Expect(s.ExitCode()).To(Equal(1))
			Expect(string(s.Err.Contents())).To(ContainSubstring(`Staging error: Start command not specified. Add a line "web: COMMAND"`))
			s.expectNothingLeft()
		})

		it("says that there is no droplet", func() {
			s := sidecar(t, app(t, nil), "run", "nothing")
			s.await()
			Expect(s.ExitCode()).To(Equal(1))
			Expect(string(s.Err.Contents())).To(Equal("FAILED\nthere is no droplet in .sidecar/nothing; stage the app first\n"))
		})

		it("says that the port that was asked for is taken", func() {
			holder, err := net.Listen("tcp", ":0")
			Expect(err).NotTo(HaveOccurred())
			defer holder.Close()
			port := strconv.Itoa(holder.Addr().(*net.TCPAddr).Port)

			directory := app(t, map[string]string{"Procfile": "web: " + forever})
			staged := stage(t, directory, "-b", "sidecar_buildpack")
			for _, args := range [][]string{{"push", "-b", "sidecar_buildpack"}, {"run", "-d", staged.droplet}} {
				s := sidecar(t, directory, append(args, "--port", port)...)
				s.await()
				Expect(s.ExitCode()).To(Equal(1))
				Expect(string(s.Err.Contents())).To(MatchRegexp(`^FAILED\n--port: port %s is not free: another program listens at \S+:%[1]s; name another one, or leave out --port for any that is free\n$`, port))
				Expect(s.log()).NotTo(ContainSubstring("[STG/0]"), "before anything is staged")
				s.expectNothingLeft()
			}
		})
	})
}
