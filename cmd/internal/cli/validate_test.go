package cli

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testValidate(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
		t.Chdir(t.TempDir())
		write(t, "Procfile", "web: bin/server\n", 0o644)
		write(t, "sidecars.yml", "- name: config-server\n", 0o644)
		write(t, "manifest.yml", "applications:\n- name: my-app\n  buildpacks: [sidecar_buildpack]\n", 0o644)
	})
	run := func(args ...string) int {
		stdout.Reset()
		stderr.Reset()
		return Main(carriedForTests, append([]string{"sidecar", "validate"}, args...), nil, &stdout, &stderr)
	}
	manifest := func(sidecars string) {
		write(t, "manifest.yml", "applications:\n- name: my-app\n  memory: 512M\n  buildpacks: [sidecar_buildpack]\n  sidecars:\n"+sidecars, 0o644)
	}

	it("finds nothing wrong, and CF-39 notes what fails after a rollback", func() {
		Expect(run()).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(Equal("note: my-app: after a rollback, the next push fails: Buildpack defined sidecar 'config-server' conflicts with an existing user-defined sidecar. " +
			"Consider renaming 'config-server'. These would have to be deleted then: config-server (docs/plan.md says how)\nOK\n"))
	})

	it("CF-39 says once for all sidecars of an app what a rollback leads to", func() {
		write(t, "sidecars.yml", "- {name: a, command: x, memory: 1M}\n- {name: b, command: x, memory: 1M}\n- {name: c, command: x, memory: 1M}\n", 0o644)
		Expect(run()).To(Equal(0), stderr.String)
		Expect(strings.Count(stdout.String(), "rollback, the next push fails")).To(Equal(1))
		Expect(stdout.String()).To(ContainSubstring("Consider renaming 'a'. These would have to be deleted then: a, b, c (docs/plan.md says how)\n"))
	})

	it("CF-50 notes each value of the manifest that changes on its way, and each key that has no effect", func() {
		write(t, "manifest.yml", "applications:\n- name: my-app\n  memroy: 1G\n  memory: 1G\n  disk-quota: 1G\n  env: {V: 1.10, W: yes}\n  processes: [{type: web}]\n", 0o644)
		for _, args := range [][]string{nil, {"manifest.yml"}} {
			Expect(run(args...)).To(Equal(0), stderr.String)
			Expect(stdout.String()).To(And(
				ContainSubstring("note: manifest.yml:3: Cloud Controller drops the key \"memroy\" without a word; did you mean memory?\n"),
				ContainSubstring("note: manifest.yml:4: the app's own memory is dropped: the item web of processes replaces it, and where that states no memory, a new app has 1G\n"),
				ContainSubstring("note: manifest.yml:5: the key disk-quota is the platform's alone: "),
				ContainSubstring("note: manifest.yml:6: env: V: 1.10 arrives as 1.1; put it in quotes to keep it\n"),
				ContainSubstring("note: manifest.yml:6: env: W: yes arrives as true; put it in quotes to keep it\n")))
		}
	})

	it("CF-15 notes where the app's own script takes its runtime's limit away", func() {
		write(t, ".profile", "export NODE_OPTIONS='--require ./agent.js'\n", 0o644)
		run()
		Expect(stdout.String()).To(ContainSubstring("note: my-app: .profile:1 replaces NODE_OPTIONS, and with it the memory limit of the app "))
	})

	it("CF-38 says that the previous push was refused half-way, and goes on from what it had stored", func() {
		write(t, "before/manifest.yml", "applications:\n- name: my-app\n  memory: 512M\n  sidecars:\n"+
			"  - {name: a, command: x, process_types: [web], memory: 100M}\n  - {name: b, command: x, process_types: [web], memory: 500M}\n", 0o644)
		write(t, "sidecars.yml", "[]", 0o644)
		manifest("  - {name: c, command: x, process_types: [web], memory: 412M}\n")
		Expect(run("--previous", "before")).To(Equal(1))
		Expect(stdout.String()).To(And(
			ContainSubstring("note: my-app: the previous push was itself refused: The memory allocation defined is too large to run with the dependent \"web\" process. The following starts from the state that it had stored until then.\n"),
			ContainSubstring("my-app: the next push fails: The memory allocation defined is too large to run with the dependent \"web\" process."),
			ContainSubstring("note: my-app: Sidecar \"a\" is not declared any more"), Not(ContainSubstring("Sidecar \"b\""))))
	})

	it("CF-38 goes on from the manifest of a previous push whose staging failed", func() {
		write(t, "before/manifest.yml", "applications:\n- name: my-app\n  buildpacks: [sidecar_buildpack]\n  sidecars: [{name: a, command: x, process_types: [web], memory: 1M}]\n", 0o644)
		write(t, "before/sidecars.yml", "- {name: b, command: '', memory: 1M}\n", 0o644)
		Expect(run("--previous", "before")).To(Equal(0), stdout.String)
		Expect(stdout.String()).To(And(
			ContainSubstring(`note: my-app: the previous push was itself refused: sidecars.yml:1: sidecar "b": command: found blank text ""; expected text that is not blank. The following starts from`),
			ContainSubstring(`note: my-app: Sidecar "a" is not declared any more`)))
	})

	it("CF-38 starts anew after a previous push whose manifest was refused", func() {
		write(t, "before/manifest.yml", "applications:\n- name: my-app\n  sidecars: [{name: on, command: x, process_types: [web]}]\n", 0o644)
		Expect(run("--previous", "before")).To(Equal(0), stdout.String)
		Expect(stdout.String()).To(MatchRegexp(`note: my-app: the previous push was itself refused: before/manifest.yml:3: Sidecar "true": Name must be a string; .*\. It had stored nothing\.\n`))
	})

	it("CF-38 keeps a command and instances that the new manifest does not state", func() {
		write(t, "Procfile", "worker: x\n", 0o644)
		write(t, "before/manifest.yml", "applications:\n- name: my-app\n  buildpacks: [sidecar_buildpack]\n  command: ./mine\n", 0o644)
		write(t, "before/Procfile", "worker: x\n", 0o644)
		Expect(run("--previous", "before")).To(Equal(0), stdout.String)
		Expect(stdout.String()).NotTo(ContainSubstring("has no start command"))
		Expect(run()).To(Equal(0), stdout.String)
		Expect(stdout.String()).To(ContainSubstring("has no start command"), "without the push before, web has none")
	})

	it("notes a sidecar that reserves nothing, and one that runs nowhere", func() {
		write(t, "sidecars.yml", "[]", 0o644)
		manifest("  - {name: idle, command: x, process_types: [web]}\n  - {name: lost, command: x, process_types: [nowhere]}\n")
		Expect(run()).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(Equal("note: my-app: Sidecar \"lost\" runs nowhere: the app has no process of type nowhere; it has web.\n" +
			"note: my-app: sidecar \"idle\" reserves no memory: what the app takes, it does not have\nOK\n"))
	})

	it("asks which process type was meant, as plan does", func() {
		write(t, "sidecars.yml", "- {name: lost, command: x, process_types: [wbe]}\n", 0o644)
		const note = `Sidecar "lost" runs nowhere: the app has no process of type wbe; did you mean web? It has web.`
		Expect(run()).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring("note: my-app: " + note + "\n"))
		stdout.Reset()
		Expect(Main(carriedForTests, []string{"sidecar", "plan", "--output", "json"}, nil, &stdout, &stderr)).To(Equal(0))
		Expect(stdout.String()).To(ContainSubstring(`process of type wbe; did you mean web? It has web."`))
	})

	it("CF-38 says how to delete a sidecar only of an app that was pushed before", func() {
		write(t, "sidecars.yml", "- {name: twice, command: x, memory: 1M}\n", 0o644)
		manifest("  - {name: twice, command: x, process_types: [web]}\n")
		Expect(run()).To(Equal(1))
		Expect(stdout.String()).To(And(ContainSubstring("the first push fails: Buildpack defined sidecar 'twice' conflicts with an existing user-defined sidecar. Consider renaming 'twice'. Take it out of the manifest, or give one of the two another name.\n"), Not(ContainSubstring("cf curl"))))
		write(t, "before/manifest.yml", "applications:\n- name: my-app\n  memory: 512M\n  buildpacks: [sidecar_buildpack]\n  command: x\n  sidecars: [{name: twice, command: x, process_types: [web]}]\n", 0o644)
		write(t, "before/sidecars.yml", "[]\n", 0o644)
		write(t, "before/Procfile", "web: x\n", 0o644)
		write(t, "manifest.yml", "applications:\n- {name: my-app, memory: 512M, buildpacks: [sidecar_buildpack]}\n", 0o644)
		Expect(run("--previous", "before")).To(Equal(1))
		Expect(stdout.String()).To(ContainSubstring("To delete the user-defined one: cf curl -X DELETE /v3/sidecars/GUID"))
	})

	it("notes what a sidecar's command will fail on", func() {
		write(t, "run.sh", "#!/bin/sh\r\nexec sleep 1000\r\n", 0o755)
		write(t, "closed.sh", "#!/bin/sh\n", 0o644)
		write(t, "sidecars.yml", "- {name: a, command: ./run.sh, memory: 1M}\n- {name: b, command: exec ./closed.sh, memory: 1M}\n"+
			"- {name: c, command: lib/none, memory: 1M}\n- {name: d, command: closed.sh, memory: 1M}\n", 0o644)
		stdout.Reset()
		Expect(Main(carriedForTests, []string{"sidecar", "validate"}, []string{"PATH=" + t.TempDir()}, &stdout, &stderr)).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(And(
			ContainSubstring(`note: my-app: The command of sidecar a may not run: ./run.sh: found a script with Windows line endings, so Linux looks for the interpreter "/bin/sh\r"; expected one with line feeds alone`),
			ContainSubstring("note: my-app: The command of sidecar b may not run: found ./closed.sh without permission to execute it; expected chmod +x, or the interpreter in the command\n"),
			ContainSubstring("note: my-app: The command of sidecar c may not run: found no file lib/none in the app; expected the program there, unless a buildpack that follows makes it\n"),
			ContainSubstring("note: my-app: The command of sidecar d may not run: found a file closed.sh in the app, and no program of this name on PATH; expected ./closed.sh\n"),
			HaveSuffix("OK\n")))
	})

	it("refuses a named pipe in the place of a file, without waiting for its writer", func() {
		Expect(syscall.Mkfifo("pipe.yml", 0o600)).To(Succeed())
		Expect(run("pipe.yml")).To(Equal(1))
		Expect(stderr.String()).To(ContainSubstring("pipe.yml: found a named pipe; expected a regular file of at most 1 MB"))
		Expect(os.MkdirAll("buildpack", 0o755)).To(Succeed())
		Expect(syscall.Mkfifo("buildpack/buildpack.toml", 0o600)).To(Succeed())
		Expect(run("-b", "buildpack")).To(Equal(0), stderr.String)
	})

	it("checks single files of each kind", func() {
		write(t, "catalog.toml", "[[metadata.sidecars]]\nname = \"a\"\ncommand = \"x\"\n", 0o644)
		write(t, "other.yml", "- {name: a, command: x}\n", 0o644)
		Expect(run("catalog.toml", "other.yml", "manifest.yml")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(Equal("OK\n"))
	})

	it("CF-38 knows what the next push comes to after the previous one", func() {
		write(t, "before/manifest.yml", "applications:\n- name: my-app\n  memory: 512M\n  sidecars: [{name: monitor, command: x, process_types: [web], memory: 256M}]\n", 0o644)
		manifest("  - {name: monitor, command: x, process_types: [web], memory: 128M}\n")
		Expect(run("--previous", "before")).To(Equal(0), stderr.String)
		Expect(run("--previous", "before/manifest.yml")).To(Equal(0), stderr.String)
	})

	it("CF-38 knows what an earlier push leaves behind", func() {
		write(t, "sidecars.yml", "[]", 0o644)
		write(t, "before/manifest.yml", "applications:\n- name: my-app\n  sidecars:\n"+
			"  - {name: old, command: x, process_types: [web], memory: 32M}\n  - {name: kept, command: x, process_types: [web], memory: 64M}\n", 0o644)
		manifest("  - {name: kept, command: x, process_types: [web]}\n")
		Expect(run("--previous", "before")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(And(
			ContainSubstring("note: my-app: the previous push is taken to have been that of before\n"),
			ContainSubstring("note: my-app: Sidecar \"old\" is not declared any more, and the platform goes on running it until it is deleted.\n"),
			ContainSubstring("note: my-app: Sidecar \"kept\" states no memory any more, and keeps the 64M that it had.\n")))
	})

	it("takes an app that the previous manifest does not know for a new one", func() {
		write(t, "before/manifest.yml", "applications:\n- name: other\n  memory: 1G\n  sidecars: [{name: a, command: x, process_types: [web], memory: 600M}]\n", 0o644)
		manifest("  - {name: a, command: x, process_types: [web], memory: 1M}\n")
		Expect(run("--previous", "before")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(ContainSubstring("note: my-app: the previous manifest does not know it; this is taken for its first push\n"))
	})

	context("failure cases", func() {
		it("CF-31 tells of the keys that Cloud Controller drops", func() {
			manifest("  - name: monitor\n    command: x\n    process_types: [web]\n    memroy: 64M\n    process-types: [worker]\n")
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring(`manifest.yml:9: sidecar "monitor": found the key "memroy"; did you mean memory? Expected one of the keys name, command, process_types, memory: Cloud Controller drops it without a word`))
			Expect(stdout.String()).To(ContainSubstring(`manifest.yml:10: sidecar "monitor": found the key "process-types"; did you mean process_types? Expected one of the keys name, command, process_types, memory: Cloud Controller drops it without a word`))
			Expect(stderr.String()).To(Equal("FAILED\nfound 2 problems\n"))

			Expect(run("manifest.yml")).To(Equal(1), "the file alone")
			Expect(stdout.String()).To(ContainSubstring(`manifest.yml:9: sidecar "monitor": found the key "memroy"`))
		})

		it("CF-35 tells of a name that manifest and buildpack both have", func() {
			manifest("  - {name: config-server, command: x, process_types: [web]}\n")
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(HavePrefix("my-app: the first push fails: Buildpack defined sidecar 'config-server' conflicts with an existing user-defined sidecar. Consider renaming 'config-server'. Take it out of the manifest"))
			Expect(stderr.String()).To(Equal("FAILED\nfound 1 problem\n"))
		})

		it("CF-38 tells of a sidecar that has moved from the manifest to the buildpack", func() {
			write(t, "before/manifest.yml", "applications:\n- name: my-app\n  sidecars: [{name: config-server, command: x, process_types: [web]}]\n", 0o644)
			Expect(run("--previous", "before")).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring("my-app: the next push fails: Buildpack defined sidecar 'config-server' conflicts"))
		})

		it("CF-33, CF-38 tells of a process that is made smaller together with its sidecars", func() {
			write(t, "before/manifest.yml", "applications:\n- name: my-app\n  memory: 1G\n  sidecars: [{name: monitor, command: x, process_types: [web], memory: 600M}]\n", 0o644)
			manifest("  - {name: monitor, command: x, process_types: [web], memory: 128M}\n")
			Expect(run("--previous", "before")).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring("my-app: the next push fails: The requested memory allocation is not large enough to run all of your sidecar processes. " +
				"The sidecars of the process web still reserve 600M (monitor 600M of the app manifest) when it is scaled to 512M: push once with the smaller sidecars, and then with the smaller process."))
		})

		it("CF-38 reads the sidecars.yml next to the previous manifest", func() {
			write(t, "before/manifest.yml", "applications:\n- name: my-app\n  memory: 1G\n  buildpacks: [sidecar_buildpack]\n", 0o644)
			write(t, "before/sidecars.yml", "- {name: monitor, command: x, memory: 512M}\n", 0o644)
			write(t, "before/Procfile", "web: x\n", 0o644)
			write(t, "sidecars.yml", "- {name: monitor, command: x, memory: 64M}\n", 0o644)
			write(t, "manifest.yml", "applications:\n- name: my-app\n  memory: 256M\n  buildpacks: [sidecar_buildpack]\n", 0o644)
			Expect(run("--previous", "before")).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring("my-app: the next push fails: The requested memory allocation is not large enough"))
		})

		it("CF-34, CF-38 tells of a sidecar that has moved from the buildpack to the manifest, and is lost", func() {
			write(t, "before/manifest.yml", "applications:\n- name: my-app\n  buildpacks: [sidecar_buildpack]\n", 0o644)
			write(t, "before/sidecars.yml", "- {name: monitor, command: x, memory: 32M}\n", 0o644)
			write(t, "before/Procfile", "web: x\n", 0o644)
			write(t, "sidecars.yml", "[]", 0o644)
			manifest("  - {name: monitor, command: x, process_types: [web], memory: 32M}\n")
			Expect(run("--previous", "before")).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring(`my-app: the next push loses sidecar "monitor" without a word: it was the droplet's until now, and goes with it. Push twice, or give it another name.`))
		})

		it("CF-33, CF-36 tells of a process that is made with too little memory before it is given more", func() {
			write(t, "sidecars.yml", "[]", 0o644)
			before := "applications:\n- name: my-app\n  memory: 4G\n  buildpacks: [sidecar_buildpack]\n" +
				"  sidecars: [{name: a, command: x, process_types: [web, more], memory: 2G}]\n"
			write(t, "before/manifest.yml", before, 0o644)
			write(t, "before/Procfile", "web: x\n", 0o644)
			write(t, "manifest.yml", before+"  processes: [{type: more, command: x, memory: 4G}]\n", 0o644)
			Expect(run("--previous", "before")).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring(`my-app: the next push fails: The sidecar memory allocation defined is too large to run with the dependent "more" process. ` +
				"The user sees a server error instead, or an app that never starts. The sidecars of the process more reserve 2G (a 2G of the app manifest). The platform makes it with 1G, and gives it more only then: push once without its sidecars, and then with them."))
			Expect(stdout.String()).NotTo(ContainSubstring("the push after the next"), "what is refused is not pushed again")
		})

		it("tells of a dependency that the buildpack does not have for the stack", func() {
			write(t, "sidecars.yml", "- {name: otel-collector, version: 0.1.x}\n- {name: a, dependency: envoy, executable: envoy}\n", 0o644)
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(And(
				MatchRegexp(`sidecars.yml:1: sidecar "otel-collector": dependency "otel-collector" has no version "0.1.x" for the stack "cflinuxfs4"; it has [0-9.]+\n`),
				ContainSubstring(`sidecars.yml:2: sidecar "a": manifest.yml has no dependency "envoy"; it has otel-collector`)))
			write(t, "sidecars.yml", "- {name: a, dependency: otel-collector, executable: otelcol}\n- {name: b, dependency: otel-collector, executable: otelcol, strip: 1}\n", 0o644)
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring(`sidecars.yml:2: sidecar "b": found strip 1; expected 0, as sidecar "a" has it for the same files`))
			write(t, "sidecars.yml", "- {name: otel-collector, version: 0.1.x}\n", 0o644)
			Expect(run("-b", "another", "-b", "sidecar_buildpack")).To(Equal(0), "the one before may have an override.yml")
			Expect(stdout.String()).To(ContainSubstring(`note: my-app: sidecars.yml:1: sidecar "otel-collector": dependency "otel-collector" has no version "0.1.x"`))
			write(t, "sidecars.yml", "- name: otel-collector\n", 0o644)
			Expect(run("-s", "windows")).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring(`dependency "otel-collector" is not for the stack "windows"; manifest.yml has it for cflinuxfs4, cflinuxfs5`))
			Expect(run()).To(Equal(0), stdout.String)
		})

		it("CF-10 reports an app without any start command, and notes a process without a command next to one with", func() {
			for _, procfile := range []string{"clock: tick\n", "web:\n"} {
				stdout.Reset()
				write(t, "Procfile", procfile, 0o644)
				Expect(run()).To(Equal(0), procfile+stdout.String())
				Expect(stdout.String()).To(ContainSubstring("note: my-app: process \"web\" has no start command"))
			}
			stdout.Reset()
			Expect(os.Remove("Procfile")).To(Succeed())
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring("my-app: the first push fails: Staging error: Start command not specified. Add a line \"web: COMMAND\" to the app's Procfile, or state a command in the manifest or with -c.\n"))
		})

		it("takes no flags of an app for single files", func() {
			Expect(run("manifest.yml", "-m", "1M")).To(Equal(2))
			Expect(stderr.String()).To(ContainSubstring("--memory is for an app, and not for single files"))
			Expect(run("manifest.yml", "--previous", "nowhere")).To(Equal(2))
			Expect(run("manifest.yml", "--var", "a=b")).To(Equal(0))
		})

		it("CF-33 tells of sidecars that leave the app nothing", func() {
			manifest("  - {name: monitor, command: x, process_types: [web], memory: 480M}\n")
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(ContainSubstring(`my-app: the first push fails: The memory allocation defined is too large to run with the dependent "web" process`))
		})

		it("names every problem of every file", func() {
			write(t, "sidecars.yml", "- {name: a}\n- {name: b, command: x, memory: 1X}\n", 0o644)
			write(t, "catalog.toml", "[[metadata.sidecars]]\nmemory = 0\n", 0o644)
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(And(ContainSubstring("sidecars.yml:1: sidecar \"a\": found no command"), ContainSubstring("sidecars.yml:2: sidecar \"b\": memory: found \"1X\"")))
			Expect(stderr.String()).To(Equal("FAILED\nfound 2 problems\n"))
			Expect(run("catalog.toml", "sidecars.yml", "manifest.yml")).To(Equal(1))
			Expect(stdout.String()).To(And(ContainSubstring("catalog.toml:"), ContainSubstring("sidecars.yml:2:")))
		})

		it("names every problem of the manifest", func() {
			manifest("  - {name: a, command: x, process_types: [web], memory: 512K}\n  - {name: b}\n")
			Expect(run()).To(Equal(1))
			Expect(stdout.String()).To(And(ContainSubstring(`manifest.yml:6: Sidecar "a": Memory in mb must be greater than 0; found "512K"`), ContainSubstring(`manifest.yml:7: Sidecar "b": Command can't be blank; found nothing`)))
		})

		it("says what it cannot read", func() {
			Expect(run("nothing.yml")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("nothing.yml: there is no such file"))
			Expect(run("--previous", "nowhere")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("--previous: failed to find the manifest"))
			Expect(run("--no-such-flag")).To(Equal(2))
		})
	})
}
