package supply_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testProfileSettings checks that the settings of the user win.
func testProfileSettings(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *process
	)

	it.Before(func() {
		p = start(t)
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
}
