package integration_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// javaBuildpack makes a last buildpack that sets for every process what the Java buildpack
// does for a Spring Boot app: options with an agent that no sidecar can have, and a port.
func javaBuildpack(t *testing.T) string {
	t.Helper()
	Expect := NewWithT(t).Expect
	directory := filepath.Join(t.TempDir(), "java")
	Expect(os.CopyFS(directory, os.DirFS(buildpack("profile")))).To(Succeed())
	Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("language: java\n"), 0o600)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(directory, "bin/supply"), []byte(`#!/usr/bin/env bash
set -euo pipefail
echo "name: java" >"$3/$4/config.yml"
mkdir -p "$3/$4/profile.d"
echo 'export JAVA_OPTS="-Xmx900m -javaagent:$DEPS_DIR/no-agent.jar"' >"$3/$4/profile.d/00_java_opts.sh"
echo 'export SERVER_PORT=$PORT' >"$3/$4/profile.d/spring_boot_server_port.sh"
`), 0o755)).To(Succeed()) //nolint:gosec // the lifecycle runs it
	return directory
}

const shownByJava = `
public class Show {
  public static void main(String[] arguments) throws Exception {
    System.out.println("java -Down=" + System.getProperty("own") + " SERVER_PORT=" + System.getenv("SERVER_PORT") + " heap=" + (Runtime.getRuntime().maxMemory() >> 20));
    Thread.sleep(Long.MAX_VALUE);
  }
}
`

const shownByNode = `
process.on('SIGTERM', () => { console.log(process.argv[2] + ' has got SIGTERM at ' + process.hrtime.bigint()); process.exit(0) });
setInterval(() => {}, 1000);
console.log(process.argv[2] + ' is ready');
`

// testSettings is about what a sidecar would have of the app's settings, and an app of its
// own end, with real runtimes.
func testSettings(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	manifest := "applications:\n- name: app\n  memory: 1G\n  health-check-type: process\n"

	context("a sidecar in Java in a push with the Java buildpack", func() {
		it.Before(func() { need(t, "java", "javac") })

		push := func(declaration string) *session {
			t.Helper()
			directory := app(t, map[string]string{
				"Procfile": "web: " + forever, "manifest.yml": manifest, "Show.java": shownByJava, "sidecars.yml": declaration,
			})
			return sidecar(t, directory, "push", "-b", "sidecar_buildpack", "-b", javaBuildpack(t))
		}

		it("has a clean environment by env", func() {
			s := push("- name: agent\n  command: exec java $JAVA_OPTS Show.java\n  memory: 128M\n  env: {JAVA_OPTS: -Down=yes -Xmx48m, SERVER_PORT: 9191}\n")
			s.expectLine("APP/PROC/WEB/SIDECAR/AGENT/0", "java -Down=yes SERVER_PORT=9191 heap=4")
			Expect(s.log()).NotTo(ContainSubstring("the Java buildpack has the app's options"))
			s.stop()
		})

		it("crashes over the app's agent without that, which staging has warned of", func() {
			s := push("- name: agent\n  command: exec java $JAVA_OPTS Show.java\n  memory: 128M\n")
			NewWithT(t).Eventually(s.log).Should(MatchRegexp(`\[APP/PROC/WEB/SIDECAR/AGENT/0\] (OUT|ERR) .*no-agent\.jar`))
			Expect(s.log()).To(ContainSubstring("Sidecar agent starts a JVM with JAVA_OPTS, in which the Java buildpack has the app's options"))
			s.end()
		})
	})

	it("is warned of where a stand-in takes the Java buildpack's place, and so is the memory that it needs", func() {
		need(t, "java")
		directory := app(t, map[string]string{
			"Show.class": "", "manifest.yml": manifest + "  env: {JBP_CONFIG_JAVA_MAIN: '{java_main_class: Show}'}\n", "sidecars.yml": "- {name: agent, command: exec java $JAVA_OPTS Show, memory: 288M}\n",
		})
		Expect(stage(t, directory, "-b", "sidecar_buildpack", "-b", "java_buildpack").log).To(And(
			ContainSubstring("Sidecar agent starts a JVM with JAVA_OPTS, in which the Java buildpack has the app's options"),
			ContainSubstring("with sidecars that reserve 288M (agent 288M), an app starts in a process web of more than 884M alone.")))
	})

	context("an app that npm starts, and a sidecar that is to outlive it", func() {
		it.Before(func() { need(t, "npm", "node") })

		// endOf is when a program got SIGTERM, by a clock that all programs have: two processes' lines may come into the log
		// in any order.
		endOf := func(s *session, program string) int {
			t.Helper()
			found := regexp.MustCompile(`OUT ` + program + ` has got SIGTERM at ([0-9]+)\n`).FindStringSubmatch(s.log())
			Expect(found).NotTo(BeNil(), s.log)
			nanoseconds, err := strconv.Atoi(found[1])
			Expect(err).NotTo(HaveOccurred())
			return nanoseconds
		}

		it("hears of its end where its script in package.json begins with exec, and so does a sidecar that npm starts in any case", func() {
			directory := app(t, map[string]string{
				"Procfile": "web: npm start", "manifest.yml": manifest, "show.js": shownByNode,
				"package.json": `{"name": "app", "version": "1.0.0", "scripts": {"start": "exec node show.js app", "side": "node show.js sidecar"}}`,
				"sidecars.yml": "- {name: side, command: npm run side, memory: 128M, stop-after-app: true}\n",
			})
			s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
			s.expectLine("APP/PROC/WEB/0", "app is ready")
			s.expectLine("APP/PROC/WEB/SIDECAR/SIDE/0", "sidecar is ready")
			Expect(s.log()).NotTo(ContainSubstring("is started by npm"))
			s.stop()
			Expect(endOf(s, "sidecar")).To(BeNumerically(">", endOf(s, "app")), "stop-after-app")
		})

		it("is warned of at staging where it would not", func() {
			directory := app(t, map[string]string{
				"Procfile": "web: npm start", "manifest.yml": manifest,
				"package.json": `{"name": "app", "version": "1.0.0", "scripts": {"start": "node show.js app"}}`,
				"sidecars.yml": "- {name: side, command: exec sleep 1000, memory: 128M, stop-after-app: true}\n",
			})
			Expect(stage(t, directory, "-b", "sidecar_buildpack").log).To(ContainSubstring("The process web is started by npm, which ends on SIGTERM at once and does not pass it on to the app."))
		})
	})
}
