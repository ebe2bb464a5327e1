//go:build linux

package supervise

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// testLimits starts commands with the real profile script.
func testLimits(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		environ   environment
	)

	it.Before(func() {
		script, err := os.ReadFile("../../supply/" + limitsScript)
		Expect(err).NotTo(HaveOccurred())
		directory = t.TempDir()
		for _, place := range []string{"profile.d", "home", "jdk/bin"} {
			Expect(os.MkdirAll(filepath.Join(directory, place), 0o755)).To(Succeed())
		}
		Expect(os.WriteFile(filepath.Join(directory, limitsScript), script, 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(directory, "jdk/release"), []byte(`JAVA_VERSION="17"`), 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(directory, "jdk/bin/java"), nil, 0o755)).To(Succeed())
		environ = environment{
			"HOME=" + filepath.Join(directory, "home"), "MEMORY_LIMIT=64m", "PATH=" + os.Getenv("PATH"), "JAVA_HOME=" + filepath.Join(directory, "jdk"),
		}
		// The launcher sources the script in every process.
		environ, err = sourceLimits(filepath.Join(directory, limitsScript), "", []string{"run"}, environ)
		Expect(err).NotTo(HaveOccurred())
		Expect(environ.lookup("JAVA_TOOL_OPTIONS")).To(Equal("-XX:MaxRAM=64m"))
	})

	started := func(variables ...supervision.Variable) environment {
		t.Helper()
		c, err := newLimitedCommand(directory, supervision.Spec{Env: variables}, []string{"run"}, environ)
		Expect(err).NotTo(HaveOccurred())
		return c.environ
	}

	for _, set := range []struct{ name, value, comes string }{
		{"JAVA_TOOL_OPTIONS", "-Dx=1", "-XX:MaxRAM=64m -Dx=1"},
		{"JAVA_TOOL_OPTIONS", "-Dx=1 $JAVA_TOOL_OPTIONS", "-XX:MaxRAM=64m -Dx=1 "},
		{"JAVA_TOOL_OPTIONS", "-Xmx40m", "-Xmx40m"},
		{"JAVA_TOOL_OPTIONS", "", "-XX:MaxRAM=64m"},
		{"NODE_OPTIONS", "--require './a b.js'", "--max-old-space-size=16 --require './a b.js'"},
		{"NODE_OPTIONS", "--max-old-space-size=40", "--max-old-space-size=40"},
		{"GOMEMLIMIT", "40MiB", "40MiB"},
		{"DOTNET_GCHeapHardLimit", "40", "40"},
	} {
		it("a variable of the command's own keeps its limit, unless it states a size: "+set.name+"="+set.value, func() {
			Expect(started(supervision.Variable{Name: set.name, Value: set.value}).lookup(set.name)).To(Equal(set.comes))
		})
	}

	it("all other variables are as they were", func() {
		Expect(started(supervision.Variable{Name: "NODE_OPTIONS", Value: "--no-warnings"}, supervision.Variable{Name: "OTHER", Value: "a\nb"})).To(ConsistOf(append(
			environ.set("NODE_OPTIONS", "--max-old-space-size=16 --no-warnings"), "OTHER=a\nb")))
		Expect(started(supervision.Variable{Name: "OTHER", Value: "x"})).To(ConsistOf(append(environ, "OTHER=x")))
	})

	it("another size elsewhere in its environment counts, too", func() {
		limited := started(supervision.Variable{Name: "DOTNET_GCHeapHardLimitPercent", Value: "32"})
		Expect(limited.lookup("DOTNET_GCHeapHardLimit")).To(BeEmpty())
		Expect(limited.lookup("GOMEMLIMIT")).To(Equal("58982KiB"))
	})

	it("are off for a command whose own variables turn them off", func() {
		limited := started(supervision.Variable{Name: "SIDECARS_RUNTIME_LIMITS", Value: "off"}, supervision.Variable{Name: "NODE_OPTIONS", Value: "--no-warnings"})
		Expect(limited.lookup("NODE_OPTIONS")).To(Equal("--no-warnings"))
		for _, name := range []string{"JAVA_TOOL_OPTIONS", "GOMEMLIMIT", "DOTNET_GCHeapHardLimit"} {
			Expect(limited.lookup(name)).To(BeEmpty())
		}
	})

	it("survive the app's own scripts, which come after the limits script", func() {
		Expect(os.WriteFile(filepath.Join(directory, "home/.profile"), []byte("export NODE_OPTIONS='--require ./agent.js'\n"), 0o600)).To(Succeed())
		environ = environ.set("NODE_OPTIONS", "--require ./agent.js")
		Expect(started().lookup("NODE_OPTIONS")).To(Equal("--max-old-space-size=16 --require ./agent.js"))
		Expect(started()).To(HaveLen(len(environ)))
	})

	it("are what a real JVM keeps to", func() {
		java, err := exec.LookPath("java")
		if err != nil {
			Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs a JVM")
			t.Skip("no JVM on this machine")
		}
		run := exec.Command(java, "-XX:+PrintFlagsFinal", "-version")
		run.Env = started(supervision.Variable{Name: "JAVA_TOOL_OPTIONS", Value: "-Dx=1"})
		output, err := run.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		Expect(string(output)).To(MatchRegexp(`(?m)^ *size_t +MaxHeapSize += %d `, 32<<20))
	})

	context("failure cases", func() {
		it("the command is started with its own variables where the script cannot be run", func() {
			Expect(os.WriteFile(filepath.Join(directory, limitsScript), []byte("exit 3\n"), 0o600)).To(Succeed())
			c, err := newLimitedCommand(directory, supervision.Spec{Env: []supervision.Variable{{Name: "NODE_OPTIONS", Value: "--no-warnings"}}}, []string{"run"}, environ)
			Expect(err).To(MatchError("bash ended with status 3"))
			Expect(c.environ).To(ConsistOf(environ.set("NODE_OPTIONS", "--no-warnings")))
		})

		it("and if there is no such script", func() {
			Expect(os.Remove(filepath.Join(directory, limitsScript))).To(Succeed())
			Expect(started(supervision.Variable{Name: "NODE_OPTIONS", Value: "--no-warnings"}).lookup("NODE_OPTIONS")).To(Equal("--no-warnings"))
		})
	})
}
