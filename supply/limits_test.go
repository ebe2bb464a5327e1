package supply_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testLimits is about what the limits of language runtimes give way to, and what not.
func testLimits(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *process
	)

	it.Before(func() {
		p = start(t)
		p.machine(16384)
		p.write("lift.sh", "_sidecars_limits=lift\n")
	})

	for _, shell := range shells {
		it("are taken back for those who set such a variable later, and nothing else is: "+shell, func() {
			p.shell(shell)
			for _, jvm := range []string{`JAVA_VERSION="17"`, `JAVA_VERSION="99"`} {
				for _, limit := range []string{"64m", "200m", "768m"} {
					p.jvm("deps/1/jre", jvm)
					p.environ["MEMORY_LIMIT"] = limit
					p.before = p.source() + "\n. '" + p.path("lift.sh") + "'"
					delete(p.environ, "JAVA_TOOL_OPTIONS")
					delete(p.environ, "NODE_OPTIONS")
					Expect(p.run().changed()).To(Equal(map[string]string{
						"JAVA_TOOL_OPTIONS": "unset", "NODE_OPTIONS": "unset", "GOMEMLIMIT": "unset", "DOTNET_GCHeapHardLimit": "unset",
					}))
					p.environ["JAVA_TOOL_OPTIONS"], p.environ["NODE_OPTIONS"] = "-Da='b  c' $x * \\", "--no-warnings"
					p.before = p.source() + "\nexport JAVA_TOOL_OPTIONS=\"-Dfront $JAVA_TOOL_OPTIONS\"\n. '" + p.path("lift.sh") + "'"
					Expect(p.run().changed()).To(Equal(map[string]string{
						"JAVA_TOOL_OPTIONS": "-Dfront -Da='b  c' $x * \\", "NODE_OPTIONS": "--no-warnings", "GOMEMLIMIT": "unset", "DOTNET_GCHeapHardLimit": "unset",
					}))
				}
			}
		})

		it("are not taken back where the user has set them: "+shell, func() {
			p.shell(shell)
			p.environ["JAVA_TOOL_OPTIONS"], p.environ["NODE_OPTIONS"], p.environ["GOMEMLIMIT"] = "-Xmx300m", "--max-old-space-size=99", "1GiB"
			p.before = p.source() + "\n. '" + p.path("lift.sh") + "'"
			Expect(p.run().changed()).To(Equal(map[string]string{"DOTNET_GCHeapHardLimit": "unset"}))
			p.environ["SIDECARS_RUNTIME_LIMITS"] = "off"
			Expect(p.run().changed()).To(BeEmpty())
		})
	}

	context("an option of npm's, or of a script that npm runs, is none of node's", func() {
		for _, command := range []string{
			"npm start --max_old_space_size=96", "npm start -- --max-old-space-size=96", "npm run start --max-heap-size=96", "npx next start --max-heap-size=96",
			"yarn start --max-heap-size=96", "pnpm start --max-heap-size=96", "exec /usr/bin/npm start --max-heap-size=96", `bash -c "npm start --max-heap-size=96"`,
			"node build.js; npm start --max-heap-size=96", "node build.js&&npm start --max-heap-size=96", "next start --max-old-space-size=96",
			`"$DEPS_DIR/0/bin/supervise" s -- bash -c 'npm start --max-heap-size=96'`,
		} {
			it(command, func() {
				for _, shell := range shells {
					p.shell(shell)
					p.command = command
					Expect(p.run().changed()).To(HaveKeyWithValue("NODE_OPTIONS", "--max-old-space-size=384"))
				}
			})
		}
	})

	context("what reaches node wins, whoever starts it", func() {
		for _, command := range []string{
			"node --max-heap-size=96 app.js", "node --max_old_space_size=96 app.js", "npx node --max-heap-size=96 app.js", "yarn node --max-heap-size=96 app.js",
			"pnpm exec node --max-heap-size=96 app.js", "npm ci && node --max-heap-size=96 app.js", "npm ci; exec ./run --max-heap-size=96", "npm start --node-options=--max-old-space-size=96",
			"NODE_OPTIONS=--max-old-space-size=96 npm start",
		} {
			it(command, func() {
				for _, shell := range shells {
					p.shell(shell)
					p.command = command
					Expect(p.run().changed()).NotTo(HaveKey("NODE_OPTIONS"))
				}
			})
		}
	})

	context("a JVM is told nothing that it says it has picked up", func() {
		it("where the command has the Java buildpack's calculator state all sizes", func() {
			p.command = "CALCULATED_MEMORY=$($HOME/.java-buildpack/open_jdk_jre/bin/java-buildpack-memory-calculator-4.2.0 -totMemory=$MEMORY_LIMIT) && exec java $CALCULATED_MEMORY -jar app.jar"
			Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey("JAVA_TOOL_OPTIONS"))))
		})

		for _, script := range []struct{ command, path, content string }{
			{"./run.sh", "app/run.sh", "#!/bin/bash\necho \"$(java -version 2>&1 | head -1)\"\n"},
			{"bin/start", "app/bin/start", "#!/usr/bin/env bash\nversion=$(\"$JAVA_HOME/bin/java\" -version 2>&1 | sed 1q)\n"},
			{"exec $HOME/run", "app/run", "#!/bin/sh\n\"$_RUNJAVA\" -version 2>&1 | head -n 1"},
			{"sh run.sh", "app/run.sh", "java --version | head -1\n"},
			{`"$DEPS_DIR/0/bin/supervise" s -- bash -c './run.sh; true'`, "app/run.sh", "#!/bin/sh\njava -fullversion\n"},
			{"bin/start.sh", "app/bin/version.sh", "case $(java -version 2>&1 | head -1) in\n"},
		} {
			it("where a script asks for the version: "+script.command+" "+script.content, func() {
				for _, shell := range shells {
					p.shell(shell)
					p.command = script.command
					p.write("app/bin/start.sh", "#!/bin/sh\n. \"$(dirname \"$0\")/version.sh\"\nexec java -jar app.jar\n")
					p.write(script.path, script.content)
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey("JAVA_TOOL_OPTIONS"))))
				}
			})
		}

		it("but what such a script passes on", func() {
			p.jvm("deps/1/jre", `JAVA_VERSION="17"`)
			p.write("app/run.sh", "#!/bin/sh\njava -version 2>&1 | head -1\nexec java $JAVA_OPTS -jar app.jar\n")
			p.command = "./run.sh"
			for _, shell := range shells {
				p.shell(shell)
				delete(p.environ, "JAVA_OPTS")
				Expect(p.run().changed()).To(SatisfyAll(Not(HaveKey("JAVA_TOOL_OPTIONS")), HaveKeyWithValue("JAVA_OPTS", "-XX:MaxRAM=768m")))
				p.environ["JAVA_OPTS"] = "-Da=b"
				Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_OPTS", "-XX:MaxRAM=768m -Da=b"))
				p.environ["JAVA_OPTS"] = "-Xmx300m"
				Expect(p.run().changed()).NotTo(HaveKey("JAVA_OPTS"))
			}
		})

		for _, script := range []string{
			"#!/bin/sh\nexec java $JAVA_OPTS -jar app.jar\n", "#!/bin/sh\npython3 --version\nexec java -Dapp-version=3 -jar app.jar\n", "#!/bin/sh\n" + strings.Repeat("\n", 400) + "java -version\n",
			"\x7fELF\x00\nprintf java -version",
		} {
			it("and otherwise in the one way that every JVM reads: "+script[:min(len(script), 60)], func() {
				for _, shell := range shells {
					p.shell(shell)
					p.command = "./run"
					p.write("app/run", script)
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(4), HaveKey("JAVA_TOOL_OPTIONS")))
				}
			})
		}

		it("so that a real one's version is the first thing that it says", func() {
			java, err := exec.LookPath("java")
			if err != nil {
				Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs a JVM")
				t.Skip("no JVM on this machine")
			}
			p.write("app/run.sh", "#!/bin/sh\njava -version 2>&1 | head -1\n")
			p.environ["PATH"] += ":" + filepath.Dir(java) + ":/usr/bin:/bin"
			p.command = "sh run.sh"
			p.output = []string{"/bin/sh", p.path("app/run.sh")}
			Expect(p.run().printed).To(MatchRegexp(`^\S+ version "`))
		})
	})
}

// testAppEnvironment has an app whose sidecars set for it what its runtimes read.
func testAppEnvironment(t *testing.T, _ spec.G, it spec.S) {
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
  app-env: {JAVA_TOOL_OPTIONS: "-javaagent:a.jar", NODE_OPTIONS: --require ./a.js, GOMEMLIMIT: 99MiB}
`)
		Expect(s.run()).To(Succeed())
	})

	const limits, variables = "deps/0/profile.d/sidecar-runtime-limits.sh", "deps/0/profile.d/sidecars.sh"
	// sourced is what a process with this command prints after it has sourced the scripts.
	sourced := func(command string, scripts []string, environ ...string) string {
		t.Helper()
		var lines strings.Builder
		for _, script := range scripts {
			lines.WriteString(". '" + s.path(script) + "'\n")
		}
		run := exec.Command("bash", "-euc", lines.String()+`printf '%s|%s|%s' "${JAVA_TOOL_OPTIONS-}" "${NODE_OPTIONS-}" "${GOMEMLIMIT-}"`, "launcher", s.path("app"), command)
		run.Env = append([]string{"DEPS_DIR=" + s.path("deps"), "HOME=" + s.path("app"), "MEMORY_LIMIT=64m", `VCAP_APPLICATION={"process_type":"web"}`, "JAVA_HOME=" + s.path("jdk")}, environ...)
		s.write("jdk/release", `JAVA_VERSION="17"`)
		s.write("jdk/bin/java", "")
		Expect(os.Chmod(s.path("jdk/bin/java"), 0o755)).To(Succeed())
		output, err := run.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		return string(output)
	}
	orders := [][]string{{limits, variables}, {variables, limits}, {limits, limits, variables, variables, limits}}

	it("reaches the app together with the limits, in any order of the scripts", func() {
		for _, order := range orders {
			Expect(sourced("serve", order)).To(Equal("-XX:MaxRAM=64m -javaagent:a.jar|--max-old-space-size=16 --require ./a.js|99MiB"))
			Expect(sourced("run", order)).To(Equal("-XX:MaxRAM=64m|--max-old-space-size=16|58982KiB"), "the sidecar")
		}
	})

	it("reaches it where the app's own environment states it", func() {
		s.write("app/sidecars.yml", "- {name: agent, command: run}\n")
		s.environ = []string{"SIDECAR_AGENT_APP_ENV={NODE_OPTIONS: --require ./b.js}"}
		Expect(s.run()).To(Succeed())
		for _, order := range orders {
			Expect(sourced("serve", order, s.environ...)).To(Equal("-XX:MaxRAM=64m|--max-old-space-size=16 --require ./b.js|58982KiB"))
		}
	})

	for _, state := range []string{"file", "environment"} {
		it("is added once to what the app's developer has set, together with the limits, in any order of the scripts: of a "+state, func() {
			const added = "{JAVA_TOOL_OPTIONS: {append: '-javaagent:a.jar'}, NODE_OPTIONS: {prepend: --require ./a.js}, GOMEMLIMIT: 99MiB}"
			if state == "file" {
				s.write("app/sidecars.yml", "- {name: agent, command: run, app-env: "+added+"}\n- {name: other, command: run other, app-env: "+added+"}\n")
			} else {
				s.write("app/sidecars.yml", "- {name: agent, command: run}\n")
				s.environ = []string{"SIDECAR_AGENT_APP_ENV=" + added}
			}
			Expect(s.run()).To(Succeed())
			for _, order := range orders {
				Expect(sourced("serve", order, s.environ...)).To(Equal("-XX:MaxRAM=64m -javaagent:a.jar|--max-old-space-size=16 --require ./a.js|99MiB"))
				Expect(sourced("run", order, s.environ...)).To(Equal("-XX:MaxRAM=64m|--max-old-space-size=16|58982KiB"), "the sidecar")
				own := append([]string{"JAVA_TOOL_OPTIONS=-Da=b -Dc", "NODE_OPTIONS=--no-warnings"}, s.environ...)
				Expect(sourced("serve", order, own...)).To(Equal("-XX:MaxRAM=64m -Da=b -Dc -javaagent:a.jar|--max-old-space-size=16 --require ./a.js --no-warnings|99MiB"))
				own = append([]string{"JAVA_TOOL_OPTIONS=-javaagent:a.jar -Da=b", "NODE_OPTIONS=--require ./a.js"}, s.environ...)
				Expect(sourced("serve", order, own...)).To(Equal("-XX:MaxRAM=64m -javaagent:a.jar -Da=b|--max-old-space-size=16 --require ./a.js|99MiB"))
			}
		})
	}

	it("does not replace what the app's developer has set", func() {
		for _, order := range orders {
			Expect(sourced("serve", order, "JAVA_TOOL_OPTIONS=-Da=b", "GOMEMLIMIT=")).To(Equal("-XX:MaxRAM=64m -Da=b|--max-old-space-size=16 --require ./a.js|"))
		}
	})

	it("turns the limits off for the app alone", func() {
		s.write("app/sidecars.yml", "- {name: agent, command: run, app-env: {SIDECARS_RUNTIME_LIMITS: 'off'}}\n")
		Expect(s.run()).To(Succeed())
		for _, order := range orders {
			Expect(sourced("serve", order)).To(Equal("||"))
			Expect(sourced("run", order)).To(Equal("-XX:MaxRAM=64m|--max-old-space-size=16|58982KiB"))
		}
	})
}
