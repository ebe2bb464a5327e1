package supply_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testProfile(t *testing.T, context spec.G, it spec.S) {
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

	context("what the user has set", func() {
		for _, setting := range []struct{ variable, value, runtime string }{
			{"JAVA_TOOL_OPTIONS", "-Xmx300m", "JAVA_TOOL_OPTIONS"},
			{"JAVA_TOOL_OPTIONS", "-Da=b -Xmx300m -Dc=d", "JAVA_TOOL_OPTIONS"},
			{"JAVA_TOOL_OPTIONS", "-Da=b\n-Xmx300m", "JAVA_TOOL_OPTIONS"},
			{"JAVA_TOOL_OPTIONS", "-XX:MaxHeapSize=300m", "JAVA_TOOL_OPTIONS"},
			{"JAVA_TOOL_OPTIONS", "-XX:MaxRAM=300m", "JAVA_TOOL_OPTIONS"},
			{"NODE_OPTIONS", "--max-old-space-size=300", "NODE_OPTIONS"},
			{"NODE_OPTIONS", "--max_old_space_size=300", "NODE_OPTIONS"},
			{"NODE_OPTIONS", "--max-old_space-size 300", "NODE_OPTIONS"},
			{"NODE_OPTIONS", "--max-old-space-size-percentage=50", "NODE_OPTIONS"},
			{"NODE_OPTIONS", "--no-warnings \"--max-old-space-size=300\"", "NODE_OPTIONS"},
			{"NODE_OPTIONS", "--max-heap-size=300", "NODE_OPTIONS"},
			{"NODE_OPTIONS", "--max_heap_size=300", "NODE_OPTIONS"},
			{"GOMEMLIMIT", "off", "GOMEMLIMIT"},
			{"GOMEMLIMIT", "", "GOMEMLIMIT"},
			{"GOMEMLIMIT", "10MiB", "GOMEMLIMIT"},
			{"DOTNET_GCHeapHardLimit", "C800000", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimit", "", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimitPercent", "32", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimitSOH", "1", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimitLOH", "1", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimitPOH", "1", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimitSOHPercent", "1", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimitLOHPercent", "1", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimitPOHPercent", "1", "DOTNET_GCHeapHardLimit"},
			{"COMPlus_GCHeapHardLimit", "C800000", "DOTNET_GCHeapHardLimit"},
			{"COMPlus_GCHeapHardLimitPercent", "32", "DOTNET_GCHeapHardLimit"},
			{"COMPlus_GCHeapHardLimitSOH", "1", "DOTNET_GCHeapHardLimit"},
			{"COMPlus_GCHeapHardLimitLOH", "1", "DOTNET_GCHeapHardLimit"},
			{"COMPlus_GCHeapHardLimitPOH", "1", "DOTNET_GCHeapHardLimit"},
			{"COMPlus_GCHeapHardLimitSOHPercent", "1", "DOTNET_GCHeapHardLimit"},
			{"COMPlus_GCHeapHardLimitLOHPercent", "1", "DOTNET_GCHeapHardLimit"},
			{"COMPlus_GCHeapHardLimitPOHPercent", "1", "DOTNET_GCHeapHardLimit"},
		} {
			it(fmt.Sprintf("wins, and the other runtimes get theirs: %s=%q", setting.variable, setting.value), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.environ[setting.variable] = setting.value
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey(setting.runtime)), Not(HaveKey(setting.variable))))
				}
			})
		}

		for _, option := range []string{"-XX:SoftMaxHeapSize=300m", "-Da=b -XX:SoftMaxHeapSize=300m"} {
			for _, variable := range []string{"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTS"} {
				it("wins where a JVM would not start with a heap below it: "+option+" in "+variable, func() {
					p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
					p.environ[variable] = option
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey("JAVA_TOOL_OPTIONS"))))
				})
			}
		}

		for _, file := range []struct{ path, content, runtime string }{
			{"deps/1/dotnet_publish/app.runtimeconfig.json", "System.GC.HeapHardLimitSOH\r\n", "DOTNET_GCHeapHardLimit"},
			{"app/.profile", "export DOTNET_GCHeapHardLimitPercent=32\n", "DOTNET_GCHeapHardLimit"},
			{"app/.profile.d/dotnet.sh", "export COMPlus_GCHeapHardLimitPercent=32\n", "DOTNET_GCHeapHardLimit"},
			{"app/.profile", `export NODE_OPTIONS="--max-old-space-size=400 $NODE_OPTIONS"`, "NODE_OPTIONS"},
			{"app/.profile.d/node.sh", "\n  export NODE_OPTIONS=\"${NODE_OPTIONS:---max-heap-size=400}\"\n", "NODE_OPTIONS"},
			{"app/.profile.d/node.sh", "set -- --max_old_space_size=400\nexport NODE_ARGUMENTS=$*", "NODE_OPTIONS"},
			{"app/package.json", "{\n  \"scripts\": {\n    \"start\": \"node --max-heap-size=300 app.js\"\n  }\n}\n", "NODE_OPTIONS"},
			{"app/.profile", `export JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS:--javaagent:agent.jar}"`, "JAVA_TOOL_OPTIONS"},
			{"app/.profile", `: "${NODE_OPTIONS=--require ./agent.js}"`, "NODE_OPTIONS"},
			{"app/.profile", `export JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS:--Xmx300m}"`, "JAVA_TOOL_OPTIONS"},
			{"app/.profile.d/java.sh", `export JAVA_TOOL_OPTIONS="-XX:MaxRAM=800m $JAVA_TOOL_OPTIONS"`, "JAVA_TOOL_OPTIONS"},
			{"app/.profile.d/java.sh", "JAVA_TOOL_OPTIONS+=' -Xmx300m'\r\n", "JAVA_TOOL_OPTIONS"},
			{"app/.profile", "export JAVA_OPTS='-XX:SoftMaxHeapSize=300m'\n", "JAVA_TOOL_OPTIONS"},
			{"app/.profile", `export GOMEMLIMIT="${GOMEMLIMIT:-200MiB}"`, "GOMEMLIMIT"},
			{"app/.profile.d/go.sh", `: "${GOMEMLIMIT:=200MiB}"`, "GOMEMLIMIT"},
			{"app/.profile", strings.Repeat("\n", 399) + "export GOMEMLIMIT=${GOMEMLIMIT:-200MiB}\n", "GOMEMLIMIT"},
		} {
			it("wins where it comes later, or loses otherwise: "+file.path+" "+strings.TrimSpace(file.content), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.write(file.path, file.content)
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey(file.runtime))))
				}
			})
		}

		for _, file := range []struct{ path, content string }{
			{"app/package.json", `{"scripts": {"build": "NODE_OPTIONS=--openssl-legacy-provider GOMEMLIMIT=1 JAVA_TOOL_OPTIONS=-Xmx1g build"}}`},
			{"app/package.json", `{"scripts": {"build": "node --max_old_space_size=8192 build.js"}}`},
			{"app/.profile", `echo "$NODE_OPTIONS $JAVA_TOOL_OPTIONS $GOMEMLIMIT"`},
			{"app/.profile", `export JAVA_TOOL_OPTIONS="$JAVA_TOOL_OPTIONS -javaagent:agent.jar -XX:+UseG1GC"`},
			{"app/.profile", `export NODE_OPTIONS="--require ./agent.js ${NODE_OPTIONS}"`},
			{"app/.profile", `export NODE_OPTIONS="${NODE_OPTIONS:-} --require ./agent.js" JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS-} -javaagent:agent.jar"`},
			{"app/.profile", `agents() { export NODE_OPTIONS="$NODE_OPTIONS --require ./agent.js"; }`},
			{"app/.profile", "export JAVA_OPTS=-Da=b MY_OPTIONS=x\n"},
			{"app/.profile", strings.Repeat("\n", 3000) + "export GOMEMLIMIT=${GOMEMLIMIT:-200MiB}\n"},
			{"app/build/package.json", "--max-heap-size=300"},
		} {
			it(fmt.Sprintf("is not a setting, or lies too far away: %s %.80q", file.path, file.content), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.write(file.path, file.content)
					Expect(p.run().changed()).To(HaveLen(4))
				}
			})
		}

		for _, command := range []struct{ command, runtime string }{
			{"node --max-heap-size=300 app.js", "NODE_OPTIONS"},
			{`NODE_OPTIONS="${NODE_OPTIONS:---no-warnings}" node app.js`, "NODE_OPTIONS"},
			{`GOMEMLIMIT="${GOMEMLIMIT:-200MiB}" ./app`, "GOMEMLIMIT"},
			{`export JAVA_TOOL_OPTIONS="-XX:MaxRAM=800m $JAVA_TOOL_OPTIONS" && java -jar app.jar`, "JAVA_TOOL_OPTIONS"},
			{"java -XX:+UseZGC -XX:SoftMaxHeapSize=300m -jar app.jar", "JAVA_TOOL_OPTIONS"},
			{"DOTNET_GCHeapHardLimit=${DOTNET_GCHeapHardLimit:-C800000} dotnet app.dll", "DOTNET_GCHeapHardLimit"},
			{"DOTNET_GCHeapHardLimitPercent=32 dotnet app.dll", "DOTNET_GCHeapHardLimit"},
		} {
			it("wins if it is in the command: "+command.command, func() {
				for _, shell := range shells {
					p.shell(shell)
					p.command = command.command
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey(command.runtime))))
				}
			})
		}

		for _, command := range []string{
			"dotnet publish/app.dll", "dotnet publish/app.dll --urls http://0.0.0.0:8080", "exec dotnet 'publish/app.dll'", `sh -c "./publish/app;"`,
			"true&&publish/app * [", "cd /\ndotnet publish/other.dll\ndotnet publish/app.dll\n",
		} {
			it("wins if it is next to the .NET program: "+command, func() {
				for _, shell := range shells {
					p.shell(shell)
					p.command = command
					p.write("app/publish/app.runtimeconfig.json", "{\n  \"configProperties\": {\n    \"System.GC.HeapHardLimitPercent\": 30\n  }\n}")
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey("DOTNET_GCHeapHardLimit"))))
					p.write("app/publish/app.runtimeconfig.json", `{"configProperties": {"System.GC.Server": true}}`)
					Expect(p.run().changed()).To(HaveLen(4))
				}
			})
		}

		for _, off := range []string{"off", "OFF", "oFf", "false", "False", "FALSE", "no", "No", "0"} {
			it("turns all of it off: SIDECARS_RUNTIME_LIMITS="+off, func() {
				for _, shell := range shells {
					p.shell(shell)
					p.environ["SIDECARS_RUNTIME_LIMITS"] = off
					Expect(p.run().changed()).To(BeEmpty())
				}
			})
		}

		for _, on := range []string{"", "on", "true", "offf", " off", "off\n", "n", "00", "*"} {
			it(fmt.Sprintf("does not turn it off: SIDECARS_RUNTIME_LIMITS=%q", on), func() {
				p.environ["SIDECARS_RUNTIME_LIMITS"] = on
				Expect(p.run().changed()).To(HaveLen(4))
			})
		}
	})

	context("the JVM", func() {
		const (
			maxRAM     = "-XX:MaxRAM=768m"
			percentage = "-XX:MaxRAMPercentage=1.1718" // 192 of 16384 MB, rounded down
		)

		it.Before(func() {
			p.machine(16384)
		})

		for _, jvm := range []struct{ release, option string }{
			{`JAVA_VERSION="1.8.0_392"`, maxRAM},
			{`JAVA_VERSION="9"`, maxRAM},
			{`JAVA_VERSION="11.0.2"`, maxRAM},
			{"IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.9\"\nOS_NAME=\"Linux\"\n", maxRAM},
			{`JAVA_VERSION="17-ea"`, maxRAM},
			{`JAVA_VERSION="21"`, maxRAM},
			{"JAVA_VERSION=\"25.0.3\"\nJVM_VARIANT=\"Hotspot\"", maxRAM},
			{"JAVA_VERSION=\"17.0.9\"\r\nJVM_VARIANT=\"Hotspot\"\r\n", maxRAM},
			{`JAVA_VERSION="26"`, percentage},
			{`JAVA_VERSION="26-ea"`, percentage},
			{`JAVA_VERSION="28.0.1"`, percentage},
			{`JAVA_VERSION="99"`, percentage},
			{"JAVA_VERSION=\"17.0.9\"\nJVM_VARIANT=\"Openj9\"\n", percentage},
			{"JVM_VARIANT=\"OpenJ9\"\r\nJAVA_VERSION=\"11.0.2\"\r\n", percentage},
			{`JAVA_VERSION="1000000"`, percentage},
			{`JAVA_VERSION=17`, percentage},
			{`JAVA_VERSION="`, percentage},
			{`JAVA_VERSION="x17"`, percentage},
			{`JAVA_VERSION="017"`, percentage},
			{`JAVA_VERSION="$(exit 3)"`, percentage},
			{"\x00\x01\xff\n\n*", percentage},
			{"", percentage},
		} {
			it(fmt.Sprintf("is told in its own way: %q", jvm.release), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.jvm("deps/1/jre", jvm.release)
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", jvm.option))
				}
			})
		}

		it("gets MEMORY_LIMIT in the form that every JVM understands if none is found", func() {
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", percentage))
		})

		for _, directory := range []string{"deps/1/jre", "deps/1/jre/jdk-17.0.9", "deps/07/any", "app/jdk", "app/jre", "app/java", "app/.jdk", "app/.java", "app/.java-buildpack/open_jdk_jre"} {
			it("is found in "+directory, func() {
				p.jvm(directory, `JAVA_VERSION="17.0.9"`)
				Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", maxRAM))
			})
		}

		it("is found by JAVA_HOME", func() {
			p.jvm("elsewhere", `JAVA_VERSION="17.0.9"`)
			p.environ["JAVA_HOME"] = p.path("elsewhere")
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", maxRAM))
		})

		for _, link := range []struct{ path, target, search string }{
			{"", "", "elsewhere/bin"},
			{"", "", "elsewhere/jre/bin"},
			{"tools/java", "ROOT/elsewhere/bin/java", "tools"},
			{"tools/java", "../elsewhere/bin/java", "tools"},
			{"tools/java", "../elsewhere/jre/bin/java", "tools"},
			{"tools/bin", "../elsewhere/bin", "tools/bin"},
			{"current", "elsewhere", "current/bin"},
		} {
			for _, shell := range shells {
				it(fmt.Sprintf("is found on PATH: %s, %s -> %s in %s", link.search, link.path, link.target, shell), func() {
					p.shell(shell)
					p.jvm("elsewhere", `JAVA_VERSION="17.0.9"`)
					p.program("elsewhere/jre/bin/java")
					if link.path != "" {
						Expect(os.MkdirAll(filepath.Dir(p.path(link.path)), 0o755)).To(Succeed())
						Expect(os.Symlink(strings.Replace(link.target, "ROOT", p.root, 1), p.path(link.path))).To(Succeed())
					}
					p.environ["PATH"] += ":" + p.path(link.search)
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", maxRAM))
				})
			}
		}

		it("is followed from PATH without a program where it lies where the script looks", func() {
			Expect(os.Remove(p.path("tools/readlink"))).To(Succeed())
			p.write("tools/readlink", "#!/bin/sh\n: >'"+p.path("called")+"'\n")
			Expect(os.Chmod(p.path("tools/readlink"), 0o755)).To(Succeed())
			p.jvm("deps/1/jre/jdk-17", `JAVA_VERSION="17.0.9"`)
			Expect(os.MkdirAll(p.path("deps/1/bin"), 0o755)).To(Succeed())
			Expect(os.Symlink("../jre/jdk-17/bin/java", p.path("deps/1/bin/java"))).To(Succeed())
			p.environ["PATH"] += ":" + p.path("deps/1/bin")
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", maxRAM))
			Expect(p.path("called")).NotTo(BeAnExistingFile())
		})

		it("is found on a PATH with relative, empty and strange entries", func() {
			p.jvm("app/own jdk*/x", `JAVA_VERSION="17.0.9"`)
			for _, search := range []string{"::TOOLS:nowhere::own jdk*/x/bin:", "~:$HOME:*:TOOLS:../app/own jdk*/x/bin", "-n:--:own jdk*/x/bin:TOOLS"} {
				p.environ["PATH"] = strings.Replace(search, "TOOLS", p.path("tools"), 1)
				Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", maxRAM), search)
			}
		})

		it("is found in the working directory, which an empty entry of PATH is", func() {
			p.jvm("elsewhere", `JAVA_VERSION="17.0.9"`)
			Expect(os.Symlink("../elsewhere/bin/java", p.path("app/java"))).To(Succeed())
			p.environ["PATH"] = ":" + p.environ["PATH"]
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", maxRAM))
		})

		it("is the first on PATH that can be run", func() {
			p.jvm("old", `JAVA_VERSION="17.0.9"`)
			p.jvm("new", `JAVA_VERSION="99"`)
			Expect(os.MkdirAll(p.path("directory/bin/java"), 0o755)).To(Succeed())
			p.write("plain/bin/java", "")
			Expect(os.MkdirAll(p.path("dangling/bin"), 0o755)).To(Succeed())
			Expect(os.Symlink("nowhere", p.path("dangling/bin/java"))).To(Succeed())
			Expect(os.MkdirAll(p.path("loop/bin"), 0o755)).To(Succeed())
			Expect(os.Symlink("java", p.path("loop/bin/java"))).To(Succeed())
			for _, name := range []string{"directory", "plain", "dangling", "loop", "old", "new"} {
				p.environ["PATH"] += ":" + p.path(name+"/bin")
			}
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", maxRAM))
		})

		it("is told in the newest one's way where there are several", func() {
			p.jvm("app/.java-buildpack/open_jdk_jre", `JAVA_VERSION="1.8.0_392"`)
			p.jvm("deps/1/jre", `JAVA_VERSION="25"`)
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", maxRAM))
			p.jvm("app/jdk", `JAVA_VERSION="26"`)
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", percentage))
		})

		it("takes no other file called release for one", func() {
			p.write("app/target/release", `JAVA_VERSION="17.0.9"`)
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", percentage))
		})

		for _, share := range []struct {
			limit     string
			container int
			options   string
		}{
			{"1m", 16384, "-XX:MaxRAMPercentage=0.0488 -XX:MinRAMPercentage=0.0488"},
			{"16m", 16384, "-XX:MaxRAMPercentage=0.0488 -XX:MinRAMPercentage=0.0488"},
			{"18m", 16384, "-XX:MaxRAMPercentage=0.0549 -XX:MinRAMPercentage=0.0549"},
			{"100m", 1024, "-XX:MaxRAMPercentage=4.8828 -XX:MinRAMPercentage=4.8828"},
			{"249m", 1024, "-XX:MaxRAMPercentage=12.1582 -XX:MinRAMPercentage=12.1582"},
			{"249m", 250, "-XX:MaxRAMPercentage=49.8000 -XX:MinRAMPercentage=49.8000"},
			{"250m", 1024, "-XX:MaxRAMPercentage=12.1874"},
			{"400m", 1024, "-XX:MaxRAMPercentage=12.1874"},
			{"500m", 1024, "-XX:MaxRAMPercentage=12.2070"},
			{"1023m", 1024, "-XX:MaxRAMPercentage=24.9755"},
			{"768m", 1 << 30, "-XX:MaxRAMPercentage=0.0000"},
			{"64g", 1 << 20, "-XX:MaxRAMPercentage=1.5625"},
		} {
			it(fmt.Sprintf("is told its share: %s of %d MB", share.limit, share.container), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.machine(share.container)
					p.environ["MEMORY_LIMIT"] = share.limit
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", share.options))
				}
			})
		}

		for _, variable := range []string{"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTS", "the command"} {
			for _, option := range []string{"-XX:MaxRAMPercentage=50", "-XX:MinRAMPercentage=50.5", "-XX:MaxRAMFraction=2", "-XX:MaxRAM=1g"} {
				it("is told no share where the user has said one: "+option+" in "+variable, func() {
					if variable == "the command" {
						p.command = "java -Da=b " + option + " -jar app.jar"
					} else {
						p.environ[variable] = "-Da=b " + option + " -Dc=d"
					}
					Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey("JAVA_TOOL_OPTIONS"))))
				})
			}
		}

		it("is told its share where the user has said another thing about it", func() {
			p.command = "java -XX:InitialRAMPercentage=5 -jar app.jar"
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", percentage))
		})
	})

	context("the container", func() {
		const half = "-XX:MaxRAMPercentage=12.5000" // of 1024 MB, for the JVM that takes a quarter of 512m

		it.Before(func() {
			p.machine(16384)
			p.environ["MEMORY_LIMIT"] = "512m"
		})

		for _, container := range []struct{ membership, path, limit string }{
			{"0::/\n", "sys/fs/cgroup/memory.max", "1073741824\n"},
			{"", "sys/fs/cgroup/memory.max", "1073741824"},
			{"0::/a b/c\n", "sys/fs/cgroup/a b/c/memory.max", "1073741824\n"},
			{"0::/a/b/c\n", "sys/fs/cgroup/a/memory.max", "1073741824\n"},
			{"5:cpu:/x\n4:memory:/garden/x\n", "sys/fs/cgroup/memory/garden/x/memory.limit_in_bytes", "1073741824\n"},
			{"4:memory:/garden/x\n0::/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n"},
		} {
			it(fmt.Sprintf("has a limit: %q in %s", container.membership, container.path), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.write("machine/proc/self/cgroup", container.membership)
					p.write("machine/"+container.path, container.limit)
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", half))
				}
			})
		}

		for _, limit := range []string{"max\n", "", "\n", "-1", "0", "9223372036854771712\n", "9223372036854775807\n", "99999999999999999999999999\n", "1e9", "17179869185"} {
			it(fmt.Sprintf("has no limit that is one: %q", limit), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.write("machine/proc/self/cgroup", "0::/x\n")
					p.write("machine/sys/fs/cgroup/x/memory.max", limit)
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=0.7812"))
				}
			})
		}

		it("has the lowest of several limits", func() {
			p.write("machine/proc/self/cgroup", "0::/a/b\n")
			p.write("machine/sys/fs/cgroup/memory.max", "8589934592")
			p.write("machine/sys/fs/cgroup/a/memory.max", "1073741824")
			p.write("machine/sys/fs/cgroup/a/b/memory.max", "2147483648")
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", half))
		})

		for _, limit := range []string{"1g", "1025m", "64g", "9999999g"} {
			it("has no more to give than it has itself: "+limit, func() {
				for _, shell := range shells {
					p.shell(shell)
					p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
					p.machine(1024)
					p.environ["MEMORY_LIMIT"] = limit
					Expect(p.run().changed()).To(Equal(map[string]string{
						"JAVA_TOOL_OPTIONS": "-XX:MaxRAM=1024m", "GOMEMLIMIT": "943718KiB", "DOTNET_GCHeapHardLimit": "0x30000000",
					}))
				}
			})
		}

		it("is a large one", func() {
			for _, shell := range shells {
				p.shell(shell)
				p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
				p.machine(1 << 34)
				for _, limit := range []struct{ limit, jvm, node, golang, dotnet string }{
					{"4095m", "4095", "2047", "3773952", "bff40000"},
					{"8192m", "8192", "2048", "7549747", "180000000"},
					{"15871m", "15871", "2048", "14626713", "2e7f40000"},
					{"15872m", "15872", "4096", "14627635", "2e8000000"},
					{"16g", "16384", "4096", "15099494", "300000000"},
					{"9999999m", "9999999", "4096", "9215999078", "7270df40000"},
					{"9999999g", "10239998976", "4096", "9437183056281", "1c9c37d0000000"},
				} {
					p.environ["MEMORY_LIMIT"] = limit.limit
					Expect(p.run().changed()).To(Equal(map[string]string{
						"JAVA_TOOL_OPTIONS": "-XX:MaxRAM=" + limit.jvm + "m", "NODE_OPTIONS": "--max-old-space-size=" + limit.node,
						"GOMEMLIMIT": limit.golang + "KiB", "DOTNET_GCHeapHardLimit": "0x" + limit.dotnet,
					}))
				}
			}
		})

		it("has no more than MEMORY_LIMIT: a JVM that is told a share, and Node.js, see that much themselves", func() {
			p.machine(512)
			Expect(p.run().changed()).To(SatisfyAll(HaveLen(2), Not(HaveKey("JAVA_TOOL_OPTIONS")), Not(HaveKey("NODE_OPTIONS"))))
			p.machine(513)
			Expect(p.run().changed()).To(HaveLen(4))
		})

		it("is unknown: a JVM is told what needs no knowledge of it", func() {
			Expect(os.RemoveAll(p.path("machine/proc"))).To(Succeed())
			Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey("JAVA_TOOL_OPTIONS"))))
			p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=512m"))
		})
	})

	// There is no .NET in this context: what it does with the variable is not shown
	// here, only what the variable is.
	context("real runtimes", func() {
		for _, home := range javaHomes() {
			release, _ := os.ReadFile(filepath.Join(home, "release"))
			version := regexp.MustCompile(`JAVA_VERSION="[^"]*"`).FindString(string(release))

			context("java with "+version, func() {
				// The heap that the JVM takes with these options on its command line.
				heap := func(options ...string) int {
					p.output = append([]string{filepath.Join(home, "bin/java"), "-XX:+PrintFlagsFinal"}, append(options, "-version")...)
					flag := regexp.MustCompile(`(?m)^ *size_t +MaxHeapSize += ([0-9]+) `).FindStringSubmatch(p.run().printed)
					Expect(flag).To(HaveLen(2))
					bytes, err := strconv.Atoi(flag[1])
					Expect(err).NotTo(HaveOccurred())
					return bytes
				}
				known := func() { p.environ["JAVA_HOME"] = home }
				hidden := func() { delete(p.environ, "JAVA_HOME") }
				const mb = 1 << 20

				for _, size := range []struct {
					limit string
					heap  int
				}{{"64m", 32 * mb}, {"128m", 64 * mb}, {"200m", 100 * mb}, {"248m", 124 * mb}, {"768m", 192 * mb}, {"1g", 256 * mb}} {
					it("takes what it would take in a container of "+size.limit+", found or not", func() {
						p.environ["MEMORY_LIMIT"] = size.limit
						known()
						Expect(heap()).To(Equal(size.heap))
						hidden()
						Expect(heap()).To(Equal(size.heap))
					})
				}

				it("takes the same, found or not, at the bound between little memory and much", func() {
					for _, limit := range []string{"249m", "250m", "400m", "499m", "500m", "501m"} {
						p.environ["MEMORY_LIMIT"] = limit
						known()
						found := heap()
						hidden()
						Expect(heap()).To(Equal(found), limit)
						Expect(found).To(BeNumerically("~", 124.8*mb, 2*mb), limit)
					}
				})

				it("never takes more than it would by itself, and starts, whatever the limit", func() {
					p.environ["SIDECARS_RUNTIME_LIMITS"] = "off"
					own := heap()
					delete(p.environ, "SIDECARS_RUNTIME_LIMITS")
					for _, limit := range []string{"1m", "4m", "8m", "2g", "16g", "1000g", "9999999g"} {
						p.environ["MEMORY_LIMIT"] = limit
						known()
						Expect(heap()).To(BeNumerically("<=", own), limit)
						hidden()
						Expect(heap()).To(BeNumerically("<=", own), limit)
					}
				})

				it("takes the heap that the Java buildpack or the user states on the command line", func() {
					for _, find := range []func(){known, hidden} {
						find()
						Expect(heap("-Xmx300m")).To(Equal(300 * mb))
						Expect(heap("-XX:MaxHeapSize=300m")).To(Equal(300 * mb))
						Expect(heap("-Xms400m")).To(Equal(400 * mb))
						Expect(heap("-Xms100m")).To(Equal(192 * mb))
						p.environ["JAVA_TOOL_OPTIONS"] = "-Xmx300m"
						Expect(heap()).To(Equal(300 * mb))
						Expect(heap("-Xmx200m")).To(Equal(200 * mb))
						delete(p.environ, "JAVA_TOOL_OPTIONS")
						p.environ["_JAVA_OPTIONS"] = "-Xmx300m"
						Expect(heap("-Xmx200m")).To(Equal(300 * mb))
						delete(p.environ, "_JAVA_OPTIONS")
					}
				})

				it("starts with a soft maximum that is above the heap it would be given", func() {
					for _, find := range []func(){known, hidden} {
						find()
						p.command = "java -XX:SoftMaxHeapSize=300m -jar app.jar"
						Expect(heap("-XX:SoftMaxHeapSize=300m")).To(BeNumerically(">=", 300*mb))
						p.environ["JAVA_TOOL_OPTIONS"] = "-XX:SoftMaxHeapSize=300m"
						Expect(heap()).To(BeNumerically(">=", 300*mb))
						delete(p.environ, "JAVA_TOOL_OPTIONS")
					}
				})

				it("takes the share that the user states, found: of MEMORY_LIMIT; not found: of what it sees", func() {
					p.environ["SIDECARS_RUNTIME_LIMITS"] = "off"
					own := heap("-XX:MaxRAMPercentage=20")
					delete(p.environ, "SIDECARS_RUNTIME_LIMITS")
					hidden()
					Expect(heap("-XX:MaxRAMPercentage=20")).To(Equal(own)) // on a command line that the script does not see
					p.environ["JAVA_TOOL_OPTIONS"] = "-XX:MaxRAMPercentage=20"
					Expect(heap()).To(Equal(own))

					if major, err := strconv.Atoi(regexp.MustCompile(`[0-9]+`).FindString(version)); err == nil && major <= 25 {
						known()
						Expect(heap()).To(BeNumerically("~", 768*mb/5, 2*mb))
						delete(p.environ, "JAVA_TOOL_OPTIONS")
						Expect(heap("-XX:MaxRAMPercentage=50")).To(Equal(384 * mb))
					}
				})
			})
		}

		it("are there: a JVM, at least where CI is true", func() {
			if len(javaHomes()) == 0 {
				Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs a JVM")
				t.Skip("no JVM on this machine")
			}
		})

		// The Node.js of this machine.
		lookNode := func() string {
			node, err := exec.LookPath("node")
			if err != nil {
				Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs Node.js")
				t.Skip("no Node.js on this machine")
			}
			return node
		}

		for _, app := range []struct{ limit, live string }{{"100m", "25"}, {"128m", "40"}, {"160m", "55"}} {
			it("Node.js holds "+app.live+" MB of its own in "+app.limit, func() {
				p.write("app/hold.js", `
const numbers = Array.from({ length: 2048 }, (_, i) => i + 0.5); // 16 KB
const held = Array.from({ length: process.argv[2] * 64 }, () => numbers.slice());
for (let i = 0; i < 20000; i++) held[i % held.length] = numbers.slice();
`)
				p.environ["MEMORY_LIMIT"] = app.limit
				p.output = []string{lookNode(), p.path("app/hold.js"), app.live}
				Expect(p.run().changed()).To(HaveKey("NODE_OPTIONS")) // run expects it to end with 0
			})
		}

		it("Node.js takes half", func() {
			node := lookNode()
			// The heap in MB that Node.js takes with this command.
			heap := func(options ...string) float64 {
				p.output = append(append([]string{node}, options...), "-p", "v8.getHeapStatistics().heap_size_limit / 1048576")
				p.command = strings.Join(p.output, " ")
				mb, err := strconv.ParseFloat(strings.TrimSpace(p.run().printed), 64)
				Expect(err).NotTo(HaveOccurred())
				return mb
			}
			const young = 128 // the most that it has in addition to old objects
			between := func(old float64) OmegaMatcher {
				return SatisfyAll(BeNumerically(">=", old), BeNumerically("<=", old+young))
			}
			Expect(heap()).To(between(384))
			p.environ["MEMORY_LIMIT"] = "1g"
			Expect(heap()).To(between(512))
			Expect(heap("--max-old-space-size=200")).To(between(200))
			Expect(heap("--max_old_space_size=900")).To(between(900))
			Expect(heap("--max-heap-size=300")).To(BeNumerically("~", 300, 1))
			p.environ["NODE_OPTIONS"] = "--no-warnings"
			Expect(heap()).To(between(512))
			p.environ["NODE_OPTIONS"] = "--max-old-space-size=200"
			Expect(heap()).To(between(200))
		})

		it("a Go program takes nine tenths", func() {
			p.write("limit/main.go", "package main\n\nimport \"runtime/debug\"\n\nfunc main() { print(debug.SetMemoryLimit(-1)) }\n")
			p.write("limit/go.mod", "module limit\n")
			build := exec.Command("go", "build", "-buildvcs=false", "-o", "limit", ".")
			build.Dir = p.path("limit")
			build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
			Expect(build.CombinedOutput()).To(BeEmpty())

			p.output = []string{p.path("limit/limit")}
			Expect(p.run().printed).To(Equal(strconv.Itoa(768 * 9 * 1024 / 10 * 1024)))
			p.environ["GOMEMLIMIT"] = "100MiB"
			Expect(p.run().printed).To(Equal(strconv.Itoa(100 << 20)))
			p.environ["GOMEMLIMIT"] = "off"
			Expect(p.run().printed).To(Equal(strconv.Itoa(1<<63 - 1)))
		})
	})

	context("failure cases", func() {
		for _, limit := range []string{
			"", "abc", "m", "g", "0m", "0g", "-5m", "+5m", "007m", "1.5g", "1,5g", "99999999999999999999m", "10000000m", "768", "768mb", "768MiB", "768k", "768t",
			" 768m", "768m ", "768 m", "768m\n", "768\nm", "7٦8m", "٧m", "７６８m", "²m", "1e3m", "0x10m", "$((1))m", "`exit`m", "*m", "?m", "[0-9]m", "a[0]m", "m768m", "\\768m", "'768'm",
		} {
			it(fmt.Sprintf("leaves the environment as it was: MEMORY_LIMIT=%q", limit), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.environ["MEMORY_LIMIT"] = limit
					Expect(p.run().changed()).To(BeEmpty())
				}
			})
		}

		it("leaves the environment as it was without MEMORY_LIMIT", func() {
			for _, shell := range shells {
				p.shell(shell)
				delete(p.environ, "MEMORY_LIMIT")
				p.before = "set -eu"
				Expect(p.run().changed()).To(BeEmpty())
			}
		})

		it("has only HOME, or nothing at all, to go by", func() {
			for _, shell := range shells {
				p.shell(shell)
				p.before = "set -eu"
				p.environ = map[string]string{"MEMORY_LIMIT": "768m", "HOME": "/"}
				Expect(p.run().changed()).To(HaveLen(4))
				p.environ = map[string]string{"MEMORY_LIMIT": "768m", "HOME": "", "DEPS_DIR": "", "JAVA_HOME": "", "PATH": ""}
				Expect(p.run().changed()).To(HaveLen(4))
				p.environ = map[string]string{"MEMORY_LIMIT": "768m"}
				Expect(p.run().changed()).To(HaveLen(4))
			}
		})

		it("does not wait for what is not a file", func() {
			for _, name := range []string{"deps/1/fifo", "deps/1/directory"} {
				p.program(name + "/bin/java")
			}
			Expect(syscall.Mkfifo(p.path("deps/1/fifo/release"), 0o600)).To(Succeed())
			Expect(os.Mkdir(p.path("deps/1/directory/release"), 0o755)).To(Succeed())
			Expect(syscall.Mkfifo(p.path("app/.profile"), 0o600)).To(Succeed())
			Expect(syscall.Mkfifo(p.path("app/app.runtimeconfig.json"), 0o600)).To(Succeed())
			Expect(os.Mkdir(p.path("app/package.json"), 0o755)).To(Succeed())
			for _, shell := range shells {
				p.shell(shell)
				Expect(p.run().changed()).To(HaveLen(4))
			}
		})

		it("reads nothing that it may not", func() {
			var unprivileged []string
			if os.Geteuid() == 0 { // root may read everything, unless it gives that up
				if _, err := exec.LookPath("setpriv"); err != nil {
					Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs setpriv")
					t.Skip("no setpriv on this machine")
				}
				unprivileged = []string{"setpriv", "--bounding-set=-dac_override,-dac_read_search"}
			}
			p.machine(16384)
			p.jvm("deps/1/jre", `JAVA_VERSION="17"`)
			p.write("app/.profile", "export GOMEMLIMIT=${GOMEMLIMIT:-200MiB}")
			for _, file := range []string{"deps/1/jre/release", "app/.profile"} {
				Expect(os.Chmod(p.path(file), 0)).To(Succeed())
			}
			for _, shell := range shells {
				p.shell(shell)
				program, err := exec.LookPath(p.argv[0])
				Expect(err).NotTo(HaveOccurred())
				p.argv = slices.Concat(unprivileged, []string{program}, p.argv[1:])
				Expect(p.run().changed()).To(SatisfyAll(HaveLen(4), HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=1.1718")))
			}
		})

		it("reads no large program that is called release", func() {
			p.write("app/bin/release", "")
			Expect(os.Truncate(p.path("app/bin/release"), 1<<36)).To(Succeed()) // more than can be read before the test gives up
			Expect(p.run().changed()).To(HaveLen(4))
		})

		it("bears the longest PATH there can be", func() {
			p.jvm("elsewhere", `JAVA_VERSION="17.0.9"`)
			p.environ["PATH"] += strings.Repeat(":/there/is/no/such/directory", 4500) + ":" + p.path("elsewhere/bin")
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=768m"))
		})

		it("does without readlink", func() {
			p.machine(16384)
			p.jvm("elsewhere", `JAVA_VERSION="17.0.9"`)
			Expect(os.Remove(p.path("tools/readlink"))).To(Succeed())
			Expect(os.Symlink("../elsewhere/bin/java", p.path("tools/java"))).To(Succeed())
			for _, shell := range shells {
				p.shell(shell)
				p.before = "set -eu"
				Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=1.1718"))
			}
		})
	})
}

// shells are those of this machine that the script is to work in, each once; the
// lifecycle's is bash.
var shells = func() []string {
	shells := []string{"bash", "bash --posix"}
	bash, _ := exec.LookPath("bash")
	program, _ := filepath.EvalSymlinks(bash)
	known := []string{program}
	for _, name := range []string{"sh", "dash"} {
		found, _ := exec.LookPath(name)
		if shell, err := filepath.EvalSymlinks(found); err == nil && !slices.Contains(known, shell) {
			shells, known = append(shells, name), append(known, shell)
		}
	}
	return shells
}()

// javaHomes are the JVMs of this machine, each once.
func javaHomes() []string {
	candidates, _ := filepath.Glob("/usr/lib/jvm/*/bin/java")
	if java, err := exec.LookPath("java"); err == nil {
		candidates = append(candidates, java)
	}
	var homes []string
	for _, candidate := range append(candidates, filepath.Join(os.Getenv("JAVA_HOME"), "bin/java")) {
		if java, err := filepath.EvalSymlinks(candidate); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(java)))
		}
	}
	slices.Sort(homes)
	return slices.Compact(homes)
}

// A process is one of an app that has sidecars: what sources the script, which the
// supply phase has written.
type process struct {
	*staging
	script  string
	argv    []string
	environ map[string]string
	before  string   // what other scripts do before
	command string   // of the process
	output  []string // the program that runs after the script, if it is asked what it prints
	traced  bool     // lets the shell itself write on standard error
}

// start is a process in a container with nothing but the script's tools on PATH.
func start(t *testing.T) *process {
	t.Helper()
	p := &process{staging: stage(t, "0"), command: "./app", argv: []string{"bash"}}
	p.write("app/sidecars.yml", "- name: config-server")
	NewWithT(t).Expect(p.staging.run()).To(Succeed())
	p.script = p.path("deps/0/profile.d/sidecar-runtime-limits.sh")

	NewWithT(t).Expect(os.Mkdir(p.path("tools"), 0o755)).To(Succeed())
	for _, tool := range []string{"env", "readlink"} {
		program, err := exec.LookPath(tool)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Expect(os.Symlink(program, p.path("tools/"+tool))).To(Succeed())
	}
	p.environ = map[string]string{
		"HOME": p.path("app"), "DEPS_DIR": p.path("deps"), "PATH": p.path("tools"), "MEMORY_LIMIT": "768m", "LANG": "C.UTF-8",
	}
	return p
}

func (p *process) shell(shell string) {
	p.argv = strings.Fields(shell)
}

// program leaves something that can be run.
func (p *process) program(path string) {
	p.t.Helper()
	p.write(path, "#!/bin/sh\n")
	NewWithT(p.t).Expect(os.Chmod(p.path(path), 0o755)).To(Succeed())
}

// jvm leaves a JVM with this release file.
func (p *process) jvm(path, release string) {
	p.t.Helper()
	p.program(path + "/bin/java")
	p.write(path+"/release", release)
}

// machine lets the script see a machine with this memory in MB, and without
// control groups, in the place of this one.
func (p *process) machine(mb int) {
	p.t.Helper()
	Expect := NewWithT(p.t).Expect
	p.write("machine/proc/meminfo", fmt.Sprintf("MemFree:  1 kB\nMemTotal:       %8d kB\nSwapTotal: 1 kB\n", mb*1024))
	content, err := os.ReadFile(p.path("deps/0/profile.d/sidecar-runtime-limits.sh"))
	Expect(err).NotTo(HaveOccurred())
	for _, directory := range []string{"/proc/", "/sys/fs/cgroup"} {
		Expect(bytes.Count(content, []byte(directory))).To(BeNumerically(">", 1))
		content = bytes.ReplaceAll(content, []byte(directory), []byte("$MACHINE"+directory))
	}
	p.write("machine/script.sh", string(content))
	p.script = p.path("machine/script.sh")
	p.environ["MACHINE"] = p.path("machine")
}

// source is the line that sources the script.
func (p *process) source() string {
	return ". '" + p.script + "'"
}

// An outcome is what the script has done to a process.
type outcome struct {
	before, after map[string]string // the environment
	printed       string            // by the program that ran after it
}

// changed is what the environment has got, or lost: the value is then "unset".
func (o outcome) changed() map[string]string {
	changed := maps.Clone(o.after)
	for name, value := range o.before {
		if now, ok := o.after[name]; !ok {
			changed[name] = "unset"
		} else if now == value {
			delete(changed, name)
		}
	}
	return changed
}

// run sources the script and checks what holds always: it ends with status 0,
// says nothing, and leaves nothing behind but variables of the environment.
func (p *process) run() outcome {
	p.t.Helper()
	Expect := NewWithT(p.t).Expect
	results := p.t.TempDir()
	env := p.path("tools/env")
	state := "{ set +o; pwd; umask; printf '<%s>' \"$#\" \"$@\" \"${IFS-none}\"; " +
		"if [ -n \"${BASH_VERSION-}\" ]; then shopt || :; fi; trap; alias || :; } 2>&1"
	lines := []string{
		p.before,
		state + ` >|'` + results + `/state-before'`,
		`'` + env + `' -0 >|'` + results + `/before'`,
		p.source() + ` >|'` + results + `/said' 2>&1`,
		`echo "$?" >|'` + results + `/status'`,
		`'` + env + `' -0 >|'` + results + `/after'`,
		state + ` >|'` + results + `/state-after'`,
		`set >|'` + results + `/set'`,
	}
	if len(p.output) > 0 {
		lines = append(lines, `exec '`+strings.Join(p.output, `' '`)+`'`)
	}

	timeout, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	shell := exec.CommandContext(timeout, p.argv[0], append(slices.Clone(p.argv[1:]), "-c", strings.Join(lines, "\n"), "launcher", p.environ["HOME"], p.command)...)
	shell.Dir = p.path("app")
	shell.Env = []string{}
	for name, value := range p.environ {
		shell.Env = append(shell.Env, name+"="+value)
	}
	printed, err := shell.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", printed)

	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(results, name))
		Expect(err).NotTo(HaveOccurred(), "%s", printed)
		return string(content)
	}
	if !p.traced {
		Expect(read("said")).To(BeEmpty())
		if len(p.output) == 0 {
			Expect(string(printed)).To(BeEmpty())
		}
	}
	Expect(read("status")).To(Equal("0\n"))
	Expect(read("state-after")).To(Equal(read("state-before")))
	Expect(read("set")).NotTo(ContainSubstring("_sidecars_"))
	return outcome{before: environment(read("before")), after: environment(read("after")), printed: string(printed)}
}

// environment is what env -0 has written, but for the variable in which the shell
// tells env its own path.
func environment(content string) map[string]string {
	variables := map[string]string{}
	for _, variable := range strings.Split(strings.TrimSuffix(content, "\x00"), "\x00") {
		name, value, _ := strings.Cut(variable, "=")
		if name != "_" {
			variables[name] = value
		}
	}
	return variables
}
