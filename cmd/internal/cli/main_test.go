package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

func testMain(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
		repository     string
	)

	it.Before(func() {
		var err error
		repository, err = filepath.Abs("../../..")
		Expect(err).NotTo(HaveOccurred())
		stdout.Reset()
		stderr.Reset()
		t.Chdir(t.TempDir())
	})

	run := func(args ...string) int {
		carried := carriedForTests
		carried.Version = "1.2.3"
		return Main(carried, append([]string{"sidecar"}, args...), nil, &stdout, &stderr)
	}

	for _, args := range [][]string{{}, {"--help"}, {"-h"}, {"help"}} {
		it("explains itself with "+strings.Join(args, " "), func() {
			Expect(run(args...)).To(Equal(0))
			Expect(stdout.String()).To(And(ContainSubstring("  push "), ContainSubstring("  stage "), ContainSubstring("  run "), ContainSubstring("  ps "), ContainSubstring("  completion ")))
			Expect(stderr.String()).To(BeEmpty())
		})
	}

	it("explains a command's flags", func() {
		Expect(run("push", "--help")).To(Equal(0))
		for _, flag := range []string{"-f, --manifest", "-p, --path", "-b, --buildpack", "-c, --start-command", "-m, --memory", "-i, --instances", "-s, --stack", "--var ", "--vars-file ", "--port ", "--env ", "--env-file ", "--services ", "--lifecycle DIRECTORY"} {
			Expect(stdout.String()).To(ContainSubstring(flag))
		}
	})

	it("prints the schemas that are in the docs", func() {
		for file, args := range map[string][]string{"sidecars": {"schema"}, "catalog": {"schema", "--catalog"}} {
			stdout.Reset()
			Expect(run(args...)).To(Equal(0))
			Expect(os.ReadFile(filepath.Join(repository, "docs", file+".schema.json"))).To(BeEquivalentTo(stdout.String()))
		}
	})

	it("says its version", func() {
		Expect(run("--version")).To(Equal(0))
		Expect(stdout.String()).To(Equal("sidecar version 1.2.3\n"))
	})

	context("failure cases", func() {
		for _, wrong := range []struct {
			args    []string
			message string
		}{
			{[]string{"pull"}, "Incorrect usage: there is no command \"pull\"; the commands are bump, check, checksum, completion, help, new, plan, ps, push, render, run, schema, stage, validate\nSee 'sidecar --help'.\n"},
			{[]string{"satge"}, "Incorrect usage: there is no command \"satge\"; did you mean stage? The commands are bump, check, checksum, completion, help, new, plan, ps, push, render, run, schema, stage, validate\nSee 'sidecar --help'.\n"},
			{[]string{"delete", "app"}, "Incorrect usage: there is no command \"delete\"; the commands are bump, check, checksum, completion, help, new, plan, ps, push, render, run, schema, stage, validate\nSee 'sidecar --help'.\n"},
			{[]string{"help", "psuh"}, "Incorrect usage: there is no command \"psuh\"; did you mean push? The commands are bump, check, checksum, completion, help, new, plan, ps, push, render, run, schema, stage, validate\nSee 'sidecar --help'.\n"},
			{[]string{"completion"}, "Incorrect usage: found 0 arguments; expected one, the shell: bash, zsh, fish, powershell\nSee 'sidecar completion --help'.\n"},
			{[]string{"completion", "bsh"}, "Incorrect usage: there is no completion for \"bsh\"; did you mean bash? The shells are bash, zsh, fish, powershell\nSee 'sidecar completion --help'.\n"},
			{[]string{"--none"}, "Incorrect usage: there is no flag --none\nSee 'sidecar --help'.\n"},
			{[]string{"push", "-x"}, "Incorrect usage: there is no flag -x\nSee 'sidecar push --help'.\n"},
			{[]string{"push", "--prot=8080"}, "Incorrect usage: there is no flag --prot; did you mean --port?\nSee 'sidecar push --help'.\n"},
			{[]string{"plan", "-output", "json"}, "Incorrect usage: there is no flag -output; did you mean --output?\nSee 'sidecar plan --help'.\n"},
			{[]string{"plan", "--output=jsn"}, "Incorrect usage: --output: found \"jsn\"; did you mean json? Expected text or json\nSee 'sidecar plan --help'.\n"},
			{[]string{"push", "--=x"}, "Incorrect usage: found \"--=x\"; expected --NAME or --NAME=VALUE\nSee 'sidecar push --help'.\n"},
			{[]string{"ps", "--watch=maybe"}, "Incorrect usage: --watch: found \"maybe\"; expected true or false, or nothing\nSee 'sidecar ps --help'.\n"},
			{[]string{"stage", "a", "b"}, "Incorrect usage: found 2 arguments; expected at most one, the app's name\nSee 'sidecar stage --help'.\n"},
			{[]string{"run", "-m", "256"}, "Incorrect usage: -m 256: found \"256\"; expected a size with a unit: B, K, KB, M, MB, G, GB, T, or TB\nSee 'sidecar run --help'.\n"},
			{[]string{"push", "-i", "-1"}, "Incorrect usage: --instances: found \"-1\"; expected a whole number, 0 or more\nSee 'sidecar push --help'.\n"},
			{[]string{"push", "-b"}, "Incorrect usage: --buildpack needs a value: BUILDPACK\nSee 'sidecar push --help'.\n"},
			{[]string{"push", "--port", "65536"}, "Incorrect usage: --port: found \"65536\"; expected a port from 1 to 65535\nSee 'sidecar push --help'.\n"},
			{[]string{"run", "--port=-1"}, "Incorrect usage: --port: found \"-1\"; expected a port from 1 to 65535\nSee 'sidecar run --help'.\n"},
			{[]string{"push", "--port", "0"}, "Incorrect usage: --port: found \"0\"; expected a port from 1 to 65535\nSee 'sidecar push --help'.\n"},
			{[]string{"push", "--port", "eighty"}, "Incorrect usage: --port: found \"eighty\"; expected a port from 1 to 65535\nSee 'sidecar push --help'.\n"},

			// Flags that have no effect.
			{[]string{"stage", "--port", "8080"}, "Incorrect usage: --port is a flag of push, run, and has no effect on stage\nSee 'sidecar stage --help'.\n"},
			{[]string{"stage", "-c", "./run"}, "Incorrect usage: -c is a flag of plan, push, run, validate, and has no effect on stage\nSee 'sidecar stage --help'.\n"},
			{[]string{"run", "-b", "sidecar_buildpack"}, "Incorrect usage: -b is a flag of plan, push, render, stage, validate, and has no effect on run\nSee 'sidecar run --help'.\n"},
			{[]string{"plan", "--lifecycle", "x"}, "Incorrect usage: --lifecycle is a flag of check, push, run, stage, and has no effect on plan\nSee 'sidecar plan --help'.\n"},
			{[]string{"plan", "-d", "x", "-b", "y"}, "Incorrect usage: --buildpack has no effect on a droplet, which has been staged: stage the app again with it\nSee 'sidecar plan --help'.\n"},
			{[]string{"plan", "-d", "x", "--env", "A=1"}, "Incorrect usage: --env has no effect on a droplet, which has been staged: stage the app again with it\nSee 'sidecar plan --help'.\n"},
			{[]string{"plan", "-d", "x", "--running"}, "Incorrect usage: --running and --droplet cannot be used together: one shows running apps, the other a droplet that does not run\nSee 'sidecar plan --help'.\n"},
			{[]string{"ps", "--watch", "--output", "json"}, "Incorrect usage: --watch and --output cannot be used together: --watch redraws a table\nSee 'sidecar ps --help'.\n"},
			{[]string{"push", "-b", "x", "-b", "null"}, "Incorrect usage: -b null means any buildpack that accepts the app; found 1 more; expected it alone\nSee 'sidecar push --help'.\n"},
			{[]string{"push", "--var", "a=b"}, "Incorrect usage: --var and --vars-file are for a manifest, and there is none here\nSee 'sidecar push --help'.\n"},
			{[]string{"validate", "--var", "a=b", "sidecars.yml"}, "Incorrect usage: --var and --vars-file are for a manifest, and no file is an app manifest\nSee 'sidecar validate --help'.\n"},
			{[]string{"validate", "-m", "1G", "sidecars.yml"}, "Incorrect usage: --memory is for an app, and not for single files\nSee 'sidecar validate --help'.\n"},
		} {
			it("exits with 2 on "+strings.Join(wrong.args, " "), func() {
				write(t, "sidecars.yml", "[]\n", 0o644)
				Expect(run(wrong.args...)).To(Equal(2))
				Expect(stderr.String()).To(Equal(wrong.message))
				Expect(stdout.String()).To(BeEmpty())
			})
		}

		it("exits with 2 on one port for several apps", func() {
			Expect(os.WriteFile("manifest.yml", []byte("applications: [{name: a}, {name: b}]"), 0o600)).To(Succeed())
			Expect(run("push", "--port", "1234")).To(Equal(2))
			Expect(stderr.String()).To(Equal("Incorrect usage: --port cannot be applied to several apps of a manifest: name one of them\nSee 'sidecar push --help'.\n"))
		})

		it("exits with 1 on what fails, and says so once", func() {
			Expect(run("push", "-f", "none.yml")).To(Equal(1))
			Expect(stderr.String()).To(Equal("FAILED\nfailed to find the manifest: none.yml: there is no such file\n"))
			Expect(stdout.String()).To(BeEmpty())
		})

		it("exits with the builder's own code where staging failed (CF-11)", func() {
			Expect(report(&stderr, &stage.StagingError{Status: 225})).To(Equal(225))
			Expect(stderr.String()).To(Equal("FAILED\nstaging failed: a buildpack's supply failed (exit status 225); the log above says why\n"))
		})
	})
}

func testDroplets(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	one, two := push.NewApplication("one"), push.NewApplication("two")

	it("are below the state directory by the names of their apps", func() {
		find := dropletNamed("", []push.Application{one})
		Expect(find(one)).To(BeEquivalentTo(".sidecar/one"))
	})

	it("are where the command line says, one below it for each of several", func() {
		Expect(dropletNamed("out", []push.Application{one})(one)).To(BeEquivalentTo("out"))
		Expect(dropletNamed("out", []push.Application{one, two})(two)).To(BeEquivalentTo("out/two"))
	})

	for _, name := range [][2]string{
		{"a b", "a%20b"}, {"../../etc", "..%2F..%2Fetc"}, {"..", "%2E%2E"}, {".", "%2E"}, {"...", "%2E%2E%2E"}, {"a\x00b", "a%00b"}, {"ä", "%C3%A4"},
	} {
		it("stay in the directory whatever the app is called, such as "+name[1], func() {
			Expect(dropletIn("out")(push.NewApplication(name[0]))).To(BeEquivalentTo("out/" + name[1]))
		})
	}
}

func testBinary(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		dir, temp  string
		buildpack  string
	)

	it.Before(func() {
		dir, temp, buildpack = t.TempDir(), t.TempDir(), t.TempDir()
		write(t, filepath.Join(dir, "manifest.yml"), "applications: [{name: app, health-check-type: process}]\n", 0o644)
		write(t, filepath.Join(dir, "file"), "x", 0o644)
		write(t, filepath.Join(buildpack, "bin/finalize"), "#!/bin/bash\necho finalizing\n", 0o755)
		write(t, filepath.Join(buildpack, "bin/release"), "#!/bin/bash\nprintf -- '---\\ndefault_process_types: {web: \"echo ready; exec sleep 1000\"}\\n'\n", 0o755)
		t.Cleanup(func() { NewWithT(t).Expect(os.ReadDir(temp)).To(BeEmpty(), "left behind") })
	})

	start := func(args ...string) *gexec.Session {
		t.Helper()
		command := exec.Command(program, args...)
		command.Dir = dir
		command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + temp}
		session, err := gexec.Start(command, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() {
			NewWithT(t).Eventually(session.Kill()).Should(gexec.Exit())
		})
		return session
	}

	it("stages, and runs what was staged until it is told to stop", func() {
		staged := start("stage", "-b", buildpack)
		Eventually(staged).Should(gexec.Exit(0))
		Expect(staged.Out).To(gbytes.Say(`\[STG/0\] OUT finalizing\n`))
		Expect(filepath.Join(dir, ".sidecar/app/droplet.tgz")).To(BeARegularFile())

		running := start("run")
		Eventually(running).Should(gbytes.Say(`\[APP/PROC/WEB/0\] OUT ready\n`))
		running.Signal(syscall.SIGTERM)
		Eventually(running).Should(gexec.Exit(0))
		Expect(running.Out).To(gbytes.Say(`\[APP/PROC/WEB/0\] OUT Exit status 143\n`))
		Expect(running.Err.Contents()).To(BeEmpty())
	})

	it("CF-33 says of a droplet that is staged why the platform would refuse it, and who reserves how much", func() {
		write(t, filepath.Join(dir, "manifest.yml"), "applications: [{name: app, memory: 256M, sidecars: [{name: small, command: x, process_types: [web], memory: 6M}]}]\n", 0o644)
		write(t, filepath.Join(buildpack, "bin/supply"), "#!/bin/bash\nprintf 'name: greedy\\nconfig: {}\\n' >\"$3/$4/config.yml\"\n"+
			"echo 'processes: [{type: web, command: y}, {type: large, command: x, limits: {memory: 250}, platforms: {cloudfoundry: {sidecar_for: [web]}}}]' >\"$3/$4/launch.yml\"\n", 0o755)
		const why = "the platform refuses to run app: The memory allocation defined is too large to run with the dependent \"web\" process. " +
			"The sidecars of the process web reserve 256M (small 6M of the app manifest; large 250M of greedy, the buildpack in position 0 of this push), " +
			"and it has no more than 256M, of which the app itself needs a part. Let them reserve less: memory of its sidecars in the app manifest. " +
			"Or give the process more: memory in the app manifest, or cf push -m SIZE.\n"
		staged := start("stage", "-b", buildpack)
		Eventually(staged, time.Minute).Should(gexec.Exit(1))
		Expect(string(staged.Err.Contents())).To(Equal("FAILED\napp is staged, and " + why))
		Expect(filepath.Join(dir, ".sidecar/app/droplet.tgz")).To(BeARegularFile())

		pushed := start("push", "-b", buildpack)
		Eventually(pushed, time.Minute).Should(gexec.Exit(1))
		Expect(string(pushed.Err.Contents())).To(Equal("FAILED\n" + why))
	})

	it("says of a droplet that is staged that the Java buildpack's memory calculator leaves the app nothing", func() {
		write(t, filepath.Join(dir, "manifest.yml"), "applications: [{name: app, memory: 512M, health-check-type: process}]\n", 0o644)
		write(t, filepath.Join(buildpack, "bin/release"), "#!/bin/bash\nprintf -- '---\\ndefault_process_types: {web: \"echo ready; exec sleep 1000 || "+
			"java-buildpack-memory-calculator-4.2.0 --loaded-class-count=14810 --thread-count=250\"}\\n'\n", 0o755)
		const note = "The Java buildpack's memory calculator takes 596M .* has 512M, so it does not start\\."
		staged := start("stage", "-b", buildpack)
		Eventually(staged, time.Minute).Should(gexec.Exit(0))
		Expect(staged.Out).To(gbytes.Say(note))
		running := start("run")
		Eventually(running, time.Minute).Should(gbytes.Say(note))
		Eventually(running, time.Minute).Should(gbytes.Say("OUT ready"))
		running.Signal(syscall.SIGTERM)
		Eventually(running, time.Minute).Should(gexec.Exit(0))
	})

	it("pushes, and leaves nothing but the buildpacks' cache in the app's directory", func() {
		session := start("push", "-b", buildpack)
		Eventually(session).Should(gbytes.Say(`OUT ready\n`))
		session.Interrupt()
		Eventually(session).Should(gexec.Exit(0))
		left, err := filepath.Glob(filepath.Join(dir, ".sidecar", "*", "*"))
		Expect(err).NotTo(HaveOccurred())
		Expect(left).To(HaveLen(1))
		Expect(left[0]).To(HaveSuffix("/cache.tgz"))
	})

	it("writes no escape sequence into a pipe, of its own or of any program", func() {
		const loud = `printf '\033[31;1m**WARNING**\033[0m loud\n\033]0;title\007titled\n'`
		write(t, filepath.Join(buildpack, "bin/finalize"), "#!/bin/bash\n"+loud+"\n", 0o755)
		write(t, filepath.Join(buildpack, "bin/release"), "#!/bin/bash\nprintf -- '---\\ndefault_process_types: {web: ./loud}\\n'\n", 0o755)
		write(t, filepath.Join(dir, "loud"), "#!/bin/bash\n"+loud+"\nexec sleep 1000\n", 0o755)
		write(t, filepath.Join(dir, "sidecars.yml"), "- {name: quiet, command: './none || exec sleep 1000', memory: 1M}\n", 0o644) // supply warns of it
		session := start("push", "-b", "sidecar_buildpack", "-b", buildpack)
		Eventually(session).Should(gbytes.Say(`\[STG/0\] OUT +\*\*WARNING\*\* The command of sidecar quiet may not run`))
		for _, source := range []string{"STG", "APP/PROC/WEB"} {
			Eventually(session).Should(gbytes.Say(`\[` + source + `/0\] OUT \*\*WARNING\*\* loud\n`))
			Eventually(session).Should(gbytes.Say(`\[` + source + `/0\] OUT titled\n`))
		}
		session.Interrupt()
		Eventually(session).Should(gexec.Exit(0))
		Expect(string(session.Out.Contents()) + string(session.Err.Contents())).NotTo(ContainSubstring("\x1b"))
	})

	it("prints the notes of sidecar plan when it stages, pushes and runs", func() {
		write(t, filepath.Join(dir, "manifest.yml"), "applications: [{name: app, health-check-type: process, sidecars: [{name: lost, command: x, process_types: [wbe]}]}]\n", 0o644)
		const note = `\[API/0\] OUT Note: Sidecar "lost" runs nowhere: the app has no process of type wbe; did you mean web\? It has web\.\n`
		staged := start("stage", "-b", buildpack)
		Eventually(staged).Should(gexec.Exit(0))
		Expect(staged.Out).To(gbytes.Say(note))
		for _, args := range [][]string{{"push", "-b", buildpack}, {"run"}} {
			session := start(args...)
			Eventually(session).Should(gbytes.Say(note))
			Eventually(session).Should(gbytes.Say(`OUT ready\n`))
			session.Interrupt()
			Eventually(session).Should(gexec.Exit(0))
		}
	})

	context("failure cases", func() {
		it("CF-11: exits with the builder's code, and says once what failed", func() {
			write(t, filepath.Join(buildpack, "bin/release"), "#!/bin/bash\nexit 1\n", 0o755)
			session := start("push", "-b", buildpack)
			Eventually(session).Should(gexec.Exit(224))
			Expect(string(session.Err.Contents())).To(Equal("FAILED\nstaging failed: the last buildpack's release failed (exit status 224); the log above says why\n"))
			Expect(string(session.Out.Contents())).NotTo(ContainSubstring("staging failed:"))
		})

		it("exits with 1 where there is no droplet", func() {
			session := start("run")
			Eventually(session).Should(gexec.Exit(1))
			Expect(string(session.Err.Contents())).To(Equal("FAILED\nthere is no droplet in .sidecar/app; stage the app first\n"))
		})

		it("exits with 1 where a buildpack or the lifecycle is not there", func() {
			session := start("stage", "-b", "none")
			Eventually(session).Should(gexec.Exit(1))
			Expect(session.Err).To(gbytes.Say("^FAILED\nbuildpack none: there is no such buildpack here; "))
			session = start("stage", "--lifecycle", "none")
			Eventually(session).Should(gexec.Exit(1))
			Expect(session.Err).To(gbytes.Say("^FAILED\nfailed to find the lifecycle: .*none/builder"))
		})

		it("exits with 1 where staging is stopped, and leaves no droplet", func() {
			write(t, filepath.Join(buildpack, "bin/finalize"), "#!/bin/bash\necho started\nexec sleep 1000\n", 0o755)
			session := start("stage", "-b", buildpack)
			Eventually(session).Should(gbytes.Say("OUT started\n"))
			session.Terminate()
			Eventually(session).Should(gexec.Exit(1))
			Expect(string(session.Err.Contents())).To(Equal("FAILED\nstaging was stopped: by a signal\n"))
			Expect(filepath.Join(dir, ".sidecar")).NotTo(BeADirectory())
		})
	})
}
