package supply_test

import (
	"fmt"
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testProfileShells runs the script in every shell, under all options of it.
func testProfileShells(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *process
	)

	it.Before(func() {
		p = start(t)
	})

	context("in every shell", func() {
		for _, shell := range shells {
			it("CF-22, CF-23 turns MEMORY_LIMIT into the setting of each runtime: "+shell, func() {
				p.shell(shell)
				p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
				for _, limit := range []struct{ limit, jvm, node, golang, dotnet string }{
					{"1m", "16", "16", "921", "c0000"},
					{"15m", "16", "16", "13824", "b40000"},
					{"17m", "17", "16", "15667", "cc0000"},
					{"64M", "64", "16", "58982", "3000000"},
					{"73m", "73", "17", "67276", "36c0000"},
					{"100m", "100", "44", "92160", "4b00000"},
					{"112m", "112", "56", "103219", "5400000"},
					{"128m", "128", "64", "117964", "6000000"},
					{"192m", "192", "96", "176947", "9000000"},
					{"193m", "193", "96", "177868", "90c0000"},
					{"200m", "200", "100", "184320", "9600000"},
					{"509m", "509", "254", "469094", "17dc0000"},
					{"768m", "768", "384", "707788", "24000000"},
					{"1023M", "1023", "511", "942796", "2ff40000"},
					{"1g", "1024", "512", "943718", "30000000"},
					{"1G", "1024", "512", "943718", "30000000"},
				} {
					p.environ["MEMORY_LIMIT"] = limit.limit
					Expect(p.run().changed()).To(Equal(map[string]string{
						"JAVA_TOOL_OPTIONS":      "-XX:MaxRAM=" + limit.jvm + "m",
						"NODE_OPTIONS":           "--max-old-space-size=" + limit.node,
						"GOMEMLIMIT":             limit.golang + "KiB",
						"DOTNET_GCHeapHardLimit": "0x" + limit.dotnet,
					}), limit.limit)
				}
			})

			it("changes nothing more where it is sourced twice: "+shell, func() {
				p.shell(shell)
				for _, jvm := range []string{`JAVA_VERSION="17.0.9"`, `JAVA_VERSION="99"`} {
					p.jvm("deps/1/jre", jvm)
					p.before = ""
					once := p.run().changed()
					Expect(once).To(HaveLen(4))
					p.before = p.source()
					Expect(p.run().changed()).To(BeEmpty())
				}
			})

			it("keeps what the user has set byte for byte, behind its own: "+shell, func() {
				p.shell(shell)
				for _, value := range []string{
					"-Da=b", " ", "  -Da=b  ", "-Da='b c' \"-Dd=e f\"", "-Da=b\n-Dc=d\n", "$(exit 1) `exit 1` ${x:?} $HOME", "* ? [a-z] ~",
					`\ \\ \n \$ %s %d`, "'", `"`, "-n", "--", "ä €\t\xff", ";&|<>(){}!#",
				} {
					p.environ["JAVA_TOOL_OPTIONS"], p.environ["NODE_OPTIONS"] = value, value
					changed := p.run().changed()
					Expect(changed["JAVA_TOOL_OPTIONS"]).To(MatchRegexp(`^-XX:MaxRAM[^ ]* `))
					Expect(changed["JAVA_TOOL_OPTIONS"]).To(HaveSuffix(" " + value))
					Expect(changed).To(HaveKeyWithValue("NODE_OPTIONS", "--max-old-space-size=384 "+value))
				}
			})

			it("takes an empty value of a list of options for none: "+shell, func() {
				p.shell(shell)
				p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
				p.environ["JAVA_TOOL_OPTIONS"], p.environ["NODE_OPTIONS"] = "", ""
				Expect(p.run().changed()).To(SatisfyAll(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=768m"), HaveKeyWithValue("NODE_OPTIONS", "--max-old-space-size=384")))
			})

			it("does not mind what a directory is called: "+shell, func() {
				p.shell(shell)
				for _, name := range []string{"a b", "a'b", `a"b`, "*", "[a-z]?", `a\b`, "$(exit 1)", "-n", "a\nb", "ä"} {
					p.environ["HOME"] = p.path("homes/" + name)
					p.environ["DEPS_DIR"] = p.path("homes/" + name + "/deps of it")
					p.jvm("homes/"+name+"/.java-buildpack/open jdk", `JAVA_VERSION="1.8.0_392"`)
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=768m"), name)

					p.write("homes/"+name+"/deps of it/1/dotnet_publish/an app.runtimeconfig.json", `{"configProperties": {"System.GC.HeapHardLimit": 1000000}}`)
					Expect(p.run().changed()).NotTo(HaveKey("DOTNET_GCHeapHardLimit"), name)
				}
			})
		}
	})

	context("under every option that an earlier script may have set", func() {
		for _, setting := range []struct{ shell, before string }{
			{"sh", "set -eu"},
			{"sh", "set -f"},
			{"sh", "set -C"},
			{"sh", "set -a"},
			{"sh", "IFS="},
			{"sh", "unset IFS"},
			{"sh", "IFS='=:mM -/\"'"},
			{"sh", "IFS=0123456789kB"},
			{"sh", "alias java='exit 3 #' readlink='exit 3 #' command='exit 3 #'"},
			{"sh", "java() { exit 3; }; readlink() { exit 3; }"},
			{"sh", "trap 'exit 3' USR1; trap 'printf \"\"' EXIT"},
			{"sh", "unset HOME DEPS_DIR PATH"},
			{"sh", "set -- one 'two three' '*'"},
			{"sh", "set -eu; set --"},
			{"bash", "set -euo pipefail"},
			{"bash", "set -o posix"},
			{"bash", "set -eu -o posix; shopt -s inherit_errexit"},
			{"bash", "set -eE; trap 'echo failed; exit 3' ERR"},
			{"bash", "trap 'exit 3' ERR"},
			{"bash", "set -T; trap : DEBUG RETURN"},
			{"bash", "shopt -s failglob"},
			{"bash", "shopt -s failglob; set -f"},
			{"bash", "shopt -s nullglob"},
			{"bash", "shopt -s nullglob failglob dotglob globstar"},
			{"bash", "shopt -s nocasematch nocaseglob extglob"},
			{"bash", "shopt -s expand_aliases xpg_echo; alias java='exit 3 #' readlink='exit 3 #' command='exit 3 #'"},
			{"bash", "readonly IFS"},
			{"bash", "export BASHOPTS SHELLOPTS; shopt -s failglob"},
		} {
			it("works, and leaves it: "+setting.before, func() {
				for _, shell := range shells {
					if setting.shell == "bash" && shell != "bash" {
						continue
					}
					p.shell(shell)
					p.jvm("app/jre", `JAVA_VERSION="17.0.9"`)
					p.environ["JAVA_HOME"] = p.path("app/jre")
					p.before = setting.before
					Expect(p.run().changed()).To(Equal(map[string]string{
						"JAVA_TOOL_OPTIONS": "-XX:MaxRAM=768m", "NODE_OPTIONS": "--max-old-space-size=384",
						"GOMEMLIMIT": "707788KiB", "DOTNET_GCHeapHardLimit": "0x24000000",
					}), shell)
				}
			})
		}

		for _, before := range []string{"readlink() { exit 3; }", "alias readlink='exit 3 #'", "set -eu"} {
			it("follows a link to a JVM: "+before, func() {
				p.jvm("elsewhere", `JAVA_VERSION="17.0.9"`)
				Expect(os.Symlink("../elsewhere/bin/java", p.path("tools/java"))).To(Succeed())
				for _, shell := range shells {
					p.shell(shell)
					p.before = before
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=768m"), shell)
				}
			})
		}

		it("works under set -x, which alone says something", func() {
			p.before, p.traced = "set -x", true
			Expect(p.run().changed()).To(HaveLen(4))
		})

		it("finds a JVM and a configuration of .NET under set -f", func() {
			p.before = "set -f"
			p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=768m"))
			p.environ["JAVA_TOOL_OPTIONS"] = "-Xmx300m"
			p.write("deps/1/dotnet_publish/app.runtimeconfig.json", "System.GC.HeapHardLimit")
			Expect(p.run().changed()).NotTo(HaveKey("DOTNET_GCHeapHardLimit"))
		})

		for _, ifs := range []string{"0123456789", "B", "k", " :/", "M"} {
			it(fmt.Sprintf("reads the container's limits with IFS=%q", ifs), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.machine(2048)
					p.write("machine/proc/self/cgroup", "0::/x/\n")
					p.write("machine/sys/fs/cgroup/x/memory.max", "1073741824\n")
					p.before = "IFS='" + ifs + "'"
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=18.7500"))
				}
			})
		}

		for _, shell := range shells {
			for _, name := range []string{"JAVA_TOOL_OPTIONS", "NODE_OPTIONS", "GOMEMLIMIT", "DOTNET_GCHeapHardLimit"} {
				it("leaves a variable that is readonly, and sets the others: "+shell+", "+name, func() {
					p.shell(shell)
					p.before = "set -eu; export " + name + "=mine; readonly " + name
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey(name))))
				})
			}
		}
	})
}
