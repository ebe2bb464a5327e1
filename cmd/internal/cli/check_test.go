package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testCheck(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		dir, temp  string
	)

	it.Before(func() {
		dir, temp = t.TempDir(), t.TempDir()
		write(t, filepath.Join(dir, "bin/supply"), "#!/bin/bash\nprintf 'name: agent\\nversion: 1.0.0\\n' > \"$3/$4/config.yml\"\n", 0o755)
		write(t, filepath.Join(dir, "bin/finalize"), "#!/bin/bash\n", 0o755)
		write(t, filepath.Join(dir, "bin/release"), "#!/bin/bash\necho 'default_process_types: {}'\n", 0o755)
		write(t, filepath.Join(dir, "manifest.yml"), "language: agent\ndependencies: []\ninclude_files: [manifest.yml, bin/supply, bin/finalize, bin/release]\n", 0o644)
	})
	run := func(args ...string) *gexec.Session {
		t.Helper()
		command := exec.Command(program, append([]string{"check"}, args...)...)
		command.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + temp, "PRIVATE=kept to myself"}
		session, err := gexec.Start(command, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		Eventually(session, "5m").Should(gexec.Exit())
		return session
	}

	it.After(func() {
		Expect(os.ReadDir(temp)).To(BeEmpty(), "left behind")
	})

	it("finds nothing in a buildpack that keeps the rules, and exits with 0", func() {
		session := run(dir, "--trust", "--fail-on", "note")
		Expect(session.ExitCode()).To(Equal(0), "%s%s", session.Out.Contents(), session.Err.Contents())
		Expect(session.Out).To(gbytes.Say("OK: nothing found in .*, staged 9 times"))
		Expect(session.Err).To(gbytes.Say("Staging: middle of ten"))
	})

	it("exits with 1 where a finding is as severe as --fail-on says", func() {
		write(t, filepath.Join(dir, "manifest.yml"), "dependencies: []\ninclude_files: [manifest.yml, bin/supply, bin/finalize, bin/release]\n", 0o644)
		session := run(dir, "--static")
		Expect(session.ExitCode()).To(Equal(1))
		Expect(string(session.Out.Contents())).To(HavePrefix("manifest.yml:1: error: manifest.yml has no usable language: found no language\n    expected language: NAME"))
		Expect(string(session.Err.Contents())).To(Equal("FAILED\nthe buildpack breaks rules of the platform\n"))

		Expect(os.Remove(filepath.Join(dir, "manifest.yml"))).To(Succeed())
		Expect(run(dir, "--static").ExitCode()).To(Equal(0), "a note alone")
		Expect(run(dir, "--static", "--fail-on", "note").ExitCode()).To(Equal(1))
	})

	it("shows a buildpack's scripts nothing of the environment", func() {
		write(t, filepath.Join(dir, "bin/supply"), "#!/bin/bash\nenv\nexit 1\n", 0o755)
		Expect(string(run(dir, "--trust", "--quick").Out.Contents())).NotTo(ContainSubstring("kept to myself"))
	})

	for signal, code := range testtable.Sorted(map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143}) {
		it("exits with another code than for a finding if it is stopped by "+signal.String(), func() {
			write(t, filepath.Join(dir, "bin/supply"), "#!/bin/bash\nsleep 600\n", 0o755)
			command := exec.Command(program, "check", dir, "--trust", "--quick")
			command.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + temp}
			session, err := gexec.Start(command, nil, nil)
			Expect(err).NotTo(HaveOccurred())
			Eventually(session.Err).Should(gbytes.Say("Staging: first of two"))
			session.Signal(signal)
			Eventually(session).Should(gexec.Exit(code))
			Expect(session.Err).To(gbytes.Say("FAILED\nthe check was stopped by a signal before its end"))
		})
	}

	it("says in its last line that what needs the network was not checked", func() {
		write(t, filepath.Join(dir, "bin/supply"), "#!/bin/bash\necho could not resolve host\nexit 6\n", 0o755)
		session := run(dir, "--quick")
		if strings.Contains(string(session.Out.Contents()), "[not-isolated]") {
			Expect(os.Getenv("CI")).To(BeEmpty(), "CI has to allow user namespaces")
			t.Skip("this machine allows no user namespaces")
		}
		Expect(session.ExitCode()).To(Equal(0), "a warning alone")
		Expect(string(session.Out.Contents())).To(HaveSuffix("; its behavior was not checked, since staging needs the network: pass --network, or check a cached package\n"))
	})

	it("prints JSON and SARIF for programs", func() {
		write(t, filepath.Join(dir, "bin/detect"), "#!/bin/bash\nfi\n", 0o755)
		var found struct {
			Version, Errors int
			Findings        []struct {
				Rule, File string
				Line       int
			}
		}
		Expect(json.Unmarshal(run(dir, "--static", "--output", "json").Out.Contents(), &found)).To(Succeed())
		Expect(found.Version).To(Equal(1))
		Expect(found.Errors).To(Equal(1))
		Expect(found.Findings[0].Rule).To(Equal("script-syntax"))
		Expect(found.Findings[0].File).To(Equal("bin/detect"))
		Expect(found.Findings[0].Line).To(Equal(2))

		var log struct{ Version string }
		Expect(json.Unmarshal(run(dir, "--static", "--output", "sarif").Out.Contents(), &log)).To(Succeed())
		Expect(log.Version).To(Equal("2.1.0"))
	})

	context("failure cases", func() {
		it("says what is wrong with a command line, and exits with 2", func() {
			for _, one := range []struct {
				args []string
				said string
			}{
				{nil, "found 0 arguments; expected one, the buildpack"},
				{[]string{dir, "--output", "xml"}, "expected text or json or sarif"},
				{[]string{dir, "--static", "--network"}, "--static and --network cannot be used together: nothing is staged"},
				{[]string{dir, "--timeout", "0s"}, "--timeout: found 0s; expected a positive duration"},
			} {
				session := run(one.args...)
				Expect(session.ExitCode()).To(Equal(2), "%v", one.args)
				Expect(string(session.Err.Contents())).To(ContainSubstring(one.said))
			}
		})

		it("says what it could not find, and exits with 1", func() {
			session := run(filepath.Join(dir, "none"))
			Expect(session.ExitCode()).To(Equal(1))
			Expect(string(session.Err.Contents())).To(ContainSubstring("expected a directory, a zip, or the address of a zip or a git repository"))
		})
	})
}
