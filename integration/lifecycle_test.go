package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testLifecycle compares the builder and the launcher that the command line
// tool carries with the platform's own.
func testLifecycle(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		root   string
	)

	it.Before(func() {
		root = app(t, map[string]string{
			"app/.profile.d/b.sh":  "export ORDER=\"$ORDER b\"",
			"app/.profile.d/c.sh":  "export ORDER=\"$ORDER c\"",
			"app/.profile":         "export ORDER=\"$ORDER profile\"; export ARGUMENTS=\"$#:$1:$2\"",
			"profile.d/a.sh":       "export ORDER=\"$ORDER a\"; export SEEN_COMMAND=\"$2\"",
			"deps/0/bin/program":   "",
			"staging_info.yml":     `{"detected_buildpack":"x","start_command":"echo the droplet's own"}`,
			"tmp/unused":           "",
			"prefixed/staging.yml": "",
		})
	})

	// launch runs a launcher in the droplet's root, and returns its output,
	// its random parts taken out, and its exit status.
	launch := func(program exec.Cmd, environ []string, args ...string) (string, int) {
		program.Args = append(program.Args, args...)
		program.Dir = root
		program.Env = environ
		output, _ := program.CombinedOutput()
		lines := strings.Split(string(output), "\n")
		if slices.Contains(args, "env") {
			slices.Sort(lines)
		}
		return strings.Join(lines, "\n"), program.ProcessState.ExitCode()
	}
	expectEqual := func(environ []string, args ...string) (string, int) {
		t.Helper()
		platforms := exec.Cmd{Path: filepath.Join(built.lifecycle, "launcher"), Args: []string{"launcher"}}
		carried := exec.Cmd{Path: built.sidecar, Args: []string{"launcher"}}
		expected, expectedStatus := launch(platforms, environ, args...)
		output, status := launch(carried, environ, args...)
		Expect(output).To(Equal(expected))
		Expect(status).To(Equal(expectedStatus))
		return output, status
	}
	environ := []string{
		"PATH=" + os.Getenv("PATH"), "PORT=8080", "INSTANCE_GUID=guid", "INSTANCE_INDEX=3", "MEMORY_LIMIT=256m",
		`VCAP_APPLICATION={"name":"app","limits":{"mem":256}}`,
		`VCAP_SERVICES={"elephant":[{"credentials":{"uri":"postgres://user:pass@host.example/db"}}]}`,
		"VCAP_PLATFORM_OPTIONS={}",
	}

	it("gives a process the environment that the platform's launcher gives (CF-14)", func() {
		output, _ := expectEqual(environ, "app", "env", "")
		Expect(output).To(ContainSubstring("HOME=" + filepath.Join(root, "app")))
		Expect(output).To(ContainSubstring(`"instance_index":3`))
		Expect(output).To(ContainSubstring("DATABASE_URL=postgres"))
		Expect(output).NotTo(ContainSubstring("VCAP_PLATFORM_OPTIONS"))
	})

	it("starts it in the same directory", func() {
		output, _ := expectEqual(environ, "app", "pwd", "")
		Expect(output).To(ContainSubstring(filepath.Join(root, "app") + "\n"))
	})

	it("sources the same scripts in the same order, with the same arguments (CF-15)", func() {
		output, _ := expectEqual(environ, "app", `echo "$ORDER ($ARGUMENTS) ($SEEN_COMMAND)"; ls /proc/self/fd`, "")
		Expect(output).To(ContainSubstring(" a b c profile (2:"))
	})

	it("ends with the same exit status", func() {
		for command, expected := range map[string]int{"exit 0": 0, "exit 17": 17, "no-such-program": 127, "./deps": 127, "/etc/passwd": 126} {
			_, status := expectEqual(environ, "app", command, "")
			Expect(status).To(Equal(expected), command)
		}
		_, status := expectEqual(environ, "app", "kill -9 $$", "")
		Expect(status).To(Equal(-1), "ended by the signal")
	})

	it("falls back to the droplet's start command, and refuses the same input", func() {
		expectEqual(environ, "app", "", "")
		_, status := expectEqual(environ, "app")
		Expect(status).To(Equal(1))
		expectEqual(append(environ, "VCAP_PLATFORM_OPTIONS=no json"), "app", "env", "")
		expectEqual(environ, "no-such-directory", "pwd", "")

		Expect(os.Remove(filepath.Join(root, "staging_info.yml"))).To(Succeed())
		_, status = expectEqual(environ, "app", "", "")
		Expect(status).To(Equal(1))

		Expect(os.WriteFile(filepath.Join(root, "staging_info.yml"), []byte("[broken"), 0o644)).To(Succeed())
		platforms := exec.Cmd{Path: filepath.Join(built.lifecycle, "launcher"), Args: []string{"launcher"}}
		carried := exec.Cmd{Path: built.sidecar, Args: []string{"launcher"}}
		_, expected := launch(platforms, environ, "app", "env", "")
		_, status = launch(carried, environ, "app", "env", "")
		Expect(status).To(Equal(expected))
	})

	it("reads the same from staging info that only the platform's parser takes", func() {
		Expect(os.WriteFile(filepath.Join(root, "staging_info.yml"), []byte(`{"start_command":"echo a","start_command":"echo b"}`), 0o644)).To(Succeed())
		output, status := expectEqual(environ, "app", "", "")
		Expect(output).To(HaveSuffix("b\n"))
		Expect(status).To(Equal(0))
	})

	it("hands the command to what a buildpack's config.yml names in bash's place", func() {
		info := `{"start_command":"x","config":{"entrypoint_prefix":"echo prefixed"}}`
		Expect(os.WriteFile(filepath.Join(root, "staging_info.yml"), []byte(info), 0o644)).To(Succeed())
		output, _ := expectEqual(environ, "app", "the command", "")
		Expect(output).To(ContainSubstring("prefixed the command\n"))
	})

	context("the builder", func() {
		// stageWith stages with a builder, and returns what it left.
		stageWith := func(status int, lifecycle []string, directory string, args ...string) (string, string) {
			output := filepath.Join(t.TempDir(), "droplet")
			s := startSidecar(t, directory, nil, append(append([]string{"stage", "-o", output}, args...), lifecycle...)...)
			s.await()
			Expect(s.ExitCode()).To(Equal(status), s.log)
			s.expectNothingLeft()
			content, _ := os.ReadFile(filepath.Join(output, "result.json"))
			lines := regexp.MustCompile(`(?m)^\S+ `).ReplaceAllString(s.log(), "")
			// How often it says that it goes on depends on the machine.
			return string(content), regexp.MustCompile(`(?m)^\[STG/0\] OUT .* … \d.*\n`).ReplaceAllString(lines, "")
		}

		for _, staging := range []struct {
			name   string
			status int
			files  map[string]string
		}{
			{"an app that stages", 0, map[string]string{"Procfile": "web: ./start", "sidecars.yml": "- name: config-server"}},
			{"no start command", 1, map[string]string{"index.html": "hello"}},
			{"a broken Procfile", 223, map[string]string{"Procfile": "web: [", "sidecars.yml": "- name: config-server"}},
			{"a supply that fails", 223, map[string]string{"Procfile": "web: ./start", "sidecars.yml": "- name: web"}},
		} {
			it("stages as the platform's does: "+staging.name, func() {
				directory := app(t, staging.files)
				expected, expectedLog := stageWith(staging.status, []string{"--lifecycle", built.lifecycle}, directory, "-b", "sidecar_buildpack")
				result, log := stageWith(staging.status, nil, directory, "-b", "sidecar_buildpack")
				Expect(result).To(Equal(expected))
				// Standard output and standard error come in on their own ways.
				Expect(strings.Split(log, "\n")).To(ConsistOf(strings.Split(expectedLog, "\n")))
			})
		}
	})
}
