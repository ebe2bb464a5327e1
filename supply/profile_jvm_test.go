package supply_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testProfileJVM checks which JVMs the script finds, and what it sets for each.
func testProfileJVM(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *process
	)

	it.Before(func() {
		p = start(t)
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
}
