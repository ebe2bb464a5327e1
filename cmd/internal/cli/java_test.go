package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testJava(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		stdout bytes.Buffer
	)
	const (
		takes   = "The Java buildpack's memory calculator takes 596M for all but the heap (direct memory 10M + metaspace 96M + code cache 240M + stacks of 250 threads 250M), and the app of the process web has 480M of its 768M, since its sidecars reserve 288M (monitor 288M), so it does not start."
		command = `CALCULATED_MEMORY=$($DEPS_DIR/1/jre/bin/java-buildpack-memory-calculator-4.2.0 --total-memory=$MEMORY_LIMIT --loaded-class-count=14810 --thread-count=250 --jvm-options=\"$JAVA_OPTS\") && exec java Main`
	)

	it.Before(func() {
		stdout.Reset()
		t.Chdir(t.TempDir())
		write(t, "sidecars.yml", "- {name: monitor, command: watch, memory: 288M}\n", 0o644)
		write(t, "Main.class", "", 0o644)
		write(t, "manifest.yml", "applications:\n- {name: my-app, memory: 768M, buildpacks: [sidecar_buildpack, java_buildpack]}\n", 0o644)
	})
	run := func(args ...string) string {
		t.Helper()
		stdout.Reset()
		Expect(Main(carriedForTests, append([]string{"sidecar"}, args...), nil, &stdout, io.Discard)).To(Equal(0), stdout.String)
		return strings.Join(strings.Fields(stdout.String()), " ")
	}

	it("warns, before staging, of an app of the Java buildpack that would not start with its sidecars", func() {
		Expect(run("plan")).To(ContainSubstring("Note: " + takes))
		Expect(run("validate")).To(ContainSubstring("note: my-app: " + takes))
	})

	it("warns of a droplet with what its start command tells the calculator", func() {
		write(t, "droplet/result.json", `{"process_types": {"web": "`+command+`", "task": "`+command+`"}, "sidecars": [{"name": "monitor", "process_types": ["web"], "command": "run", "memory": 288}]}`, 0o644)
		text := run("plan", "-d", "droplet")
		Expect(text).To(ContainSubstring("Note: " + takes))
		Expect(strings.Count(text, "memory calculator takes")).To(Equal(1), "nothing runs of the type task")
		Expect(run("plan", "-d", "droplet", "-m", "1G")).NotTo(ContainSubstring("calculator takes"))
	})

	it("warns of sidecars that would take the app's settings for theirs, and of an app that does not hear of its end, as staging does", func() {
		write(t, "sidecars.yml", "- {name: monitor, command: java $JAVA_OPTS Monitor, memory: 32M, stop-after-app: true}\n", 0o644)
		for _, command := range []string{"plan", "validate"} {
			Expect(run(command, "-c", "npm start")).To(And(
				ContainSubstring("Sidecar monitor starts a JVM with JAVA_OPTS, in which the Java buildpack has the app's options"),
				ContainSubstring("The process web is started by npm, which ends on SIGTERM at once")))
		}
		Expect(run("plan", "-b", "sidecar_buildpack", "-b", "nodejs_buildpack")).To(And(ContainSubstring("is started by npm, "), Not(ContainSubstring("JAVA_OPTS, "))))
	})

	it("knows the Java buildpack by its manifest.yml, too", func() {
		write(t, "mine/manifest.yml", "language: java\n", 0o644)
		write(t, "mine/bin/release", "", 0o755)
		write(t, ".cfignore", "mine\n", 0o644)
		Expect(run("plan", "-b", "sidecar_buildpack", "-b", "mine")).To(ContainSubstring("Note: " + takes))
	})

	it("knows the Java buildpack by each of its names", func() {
		for _, name := range []string{"java_buildpack", "java_buildpack_offline", "https://github.com/cloudfoundry/java-buildpack.git#v5.0.1", "sap_java_buildpack", "/nowhere/java-buildpack-v5.zip"} {
			Expect(language(name)).To(Equal("java"), name)
		}
		for _, name := range []string{"nodejs_buildpack", "javascript_buildpack", "java", "myjava_buildpack"} {
			Expect(language(name)).NotTo(Equal("java"), name)
		}
	})

	for _, one := range []struct {
		reason string
		args   []string
	}{
		{"there is enough", []string{"-m", "1G"}},
		{"another buildpack makes the start command", []string{"-b", "sidecar_buildpack", "-b", "java_buildpack", "-b", "other_buildpack"}},
		{"the app has a start command of its own", []string{"-c", "java Main"}},
		{"another language's buildpack makes the app", []string{"-b", "sidecar_buildpack", "-b", "nodejs_buildpack"}},
	} {
		it("says nothing where "+one.reason, func() {
			Expect(run(append([]string{"plan"}, one.args...)...)).NotTo(ContainSubstring("calculator"))
		})
	}
}
