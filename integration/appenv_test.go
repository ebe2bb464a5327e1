package integration_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

const tracedJava = `
public class Show {
  public static void main(String[] arguments) throws Exception {
    System.out.println("java own=" + System.getProperty("own") + " traced=" + System.getProperty("traced") + " [" + System.getenv("JAVA_TOOL_OPTIONS") + "]");
    Thread.sleep(Long.MAX_VALUE);
  }
}
`

// agentJava is an agent that changes a property, and says what its file is called.
const agentJava = `
public class Agent {
  public static void premain(String options) throws Exception {
    System.setProperty("traced", "by-agent");
    System.out.println("agent " + java.nio.file.Path.of(Agent.class.getProtectionDomain().getCodeSource().getLocation().toURI()).getFileName());
  }
}
`

// testAppEnv adds to the options of the app's own language runtimes.
func testAppEnv(t *testing.T, context spec.G, it spec.S) {
	// tracing is what an agent's vendor says, in sidecars.yml and in the catalog of a buildpack.
	const (
		inFile    = "- {name: agent, command: 'echo \"agent [$JAVA_TOOL_OPTIONS] [$NODE_OPTIONS]\"; exec sleep 1000', memory: 64M, app-env: {JAVA_TOOL_OPTIONS: {append: -Dtraced=yes}, NODE_OPTIONS: {append: --require ./trace.js}}}\n"
		inCatalog = `
[buildpack]
id = "tracer"
name = "The Tracing Buildpack"

[metadata]
sidecars = [
  {name = "tracer", command = "exec sleep 1000", memory = "8M", default = true, app-env = {JAVA_TOOL_OPTIONS = {append = "-Dtraced=yes"}, NODE_OPTIONS = {append = "--require ./trace.js"}}},
]
`
		javaOptions = `\[-XX:MaxRAM=952m -Down=yes -Dtraced=yes\]`
		nodeOptions = `\[--max-old-space-size=476 --no-warnings --require \./trace\.js\]`
	)

	it("has a real JVM and a real Node.js read what two buildpacks add, once, together with the memory limit and the user's own, in the app alone (append)", func() {
		need(t, "java", "javac", "node")
		Expect := NewWithT(t).Expect
		tracer := realFork(t)
		Expect(os.WriteFile(filepath.Join(tracer, family.DescriptionFile), []byte(inCatalog), 0o600)).To(Succeed())
		directory := app(t, map[string]string{
			"Procfile":     "web: node show.js & exec java Show.java",
			"show.js":      "console.log('node traced=' + global.traced + ' [' + process.env.NODE_OPTIONS + ']')\n",
			"trace.js":     "global.traced = (global.traced || 0) + 1\n",
			"Show.java":    tracedJava,
			"sidecars.yml": inFile,
			"manifest.yml": "applications:\n- name: app\n  memory: 1G\n  health-check-type: process\n  env: {JAVA_TOOL_OPTIONS: -Down=yes, NODE_OPTIONS: --no-warnings}\n",
		})
		for _, order := range [][]string{{"-b", "sidecar_buildpack", "-b", tracer}, {"-b", tracer, "-b", "sidecar_buildpack"}} {
			s := sidecar(t, directory, append([]string{"push"}, order...)...)
			NewWithT(t).Eventually(s.log).Should(MatchRegexp(`\[APP/PROC/WEB/0\] OUT java own=yes traced=yes ` + javaOptions))
			NewWithT(t).Eventually(s.log).Should(MatchRegexp(`\[APP/PROC/WEB/0\] OUT node traced=1 ` + nodeOptions))
			NewWithT(t).Eventually(s.log).Should(MatchRegexp(`\[APP/PROC/WEB/SIDECAR/AGENT/0\] OUT agent \[-XX:MaxRAM=64m -Down=yes\] \[--max-old-space-size=16 .*--no-warnings\]`))
			Expect(s.log()).To(ContainSubstring("supervision: appends to JAVA_TOOL_OPTIONS of the app, appends to NODE_OPTIONS of the app"))
			s.stop()
		}
	})

	it("has a real JVM load the agent of a buildpack that an author has made for the vendor's jar", func() {
		need(t, "java", "javac", "jar", "git")
		author := newAuthoring(t)
		write := func(name, content string) {
			t.Helper()
			NewWithT(t).Expect(os.WriteFile(filepath.Join(author.directory, name), []byte(content), 0o600)).To(Succeed())
		}
		write("Agent.java", agentJava)
		write("MANIFEST.MF", "Premain-Class: Agent\n")
		author.run(t, "", "javac Agent.java; jar --create --file vendor-agent-1.2.3.jar --manifest MANIFEST.MF Agent.class")
		author.run(t, "", `sidecar new tracer --from "file://$PWD/vendor-agent-1.2.3.jar" --agent java=vendor-agent-1.2.3.jar --command 'exec sleep 1000' --binding apm`)
		author.run(t, "tracer", "scripts/build.sh ../built")
		directory := app(t, map[string]string{
			"Procfile":              "web: exec java Show.java",
			"Show.java":             tracedJava,
			"manifest.yml":          "applications:\n- name: app\n  memory: 1G\n  health-check-type: process\n  env: {JAVA_TOOL_OPTIONS: -Down=yes}\n  services: [apm]\n",
			".sidecar-services.yml": "services:\n  apm: {}\n",
		})
		s := sidecar(t, directory, "push", "-b", filepath.Join(author.directory, "built"))
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`\[APP/PROC/WEB/0\] OUT agent tracer\.jar\n`))
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`\[APP/PROC/WEB/0\] OUT java own=yes traced=by-agent `))
		s.stop()
	})

	it("says in plan and validate which variable needs a separator", func() {
		directory := app(t, map[string]string{"Procfile": "web: ./run", "sidecars.yml": "- {name: agent, command: run, app-env: {MINE: {append: x}}}\n"})
		for _, command := range []string{"plan", "validate"} {
			s := sidecar(t, directory, command)
			s.await()
			NewWithT(t).Expect(s.log() + string(s.Err.Contents())).To(ContainSubstring(`sidecar "agent": app-env: MINE: found no separator; expected the key separator`))
		}
	})
}
