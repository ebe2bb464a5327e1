package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testNew(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
		repository     string
	)

	it.Before(func() {
		var err error
		repository, err = filepath.Abs("../../..")
		Expect(err).NotTo(HaveOccurred())
		stdout.Reset()
		stderr.Reset()
		t.Chdir(t.TempDir())
		Expect(os.Mkdir("agent", 0o755)).To(Succeed())
		Expect(os.WriteFile("agent-1.2.3", []byte("#!/bin/sh\n"), 0o755)).To(Succeed()) //nolint:gosec // it is run
	})

	run := func(args ...string) int {
		carried := carriedForTests
		carried.Version = "1.2.3"
		return Main(carried, append([]string{"sidecar", "new"}, args...), os.Environ(), &stdout, &stderr)
	}
	agent := func() string {
		directory, err := os.Getwd()
		Expect(err).NotTo(HaveOccurred())
		return "file://" + directory + "/agent-1.2.3"
	}

	it("writes a repository that builds from a checkout", func() {
		Expect(run("mine-buildpack", "--replace", repository, "--from", agent(), "--agent", "java=agent-1.2.3", "--memory", "8M")).To(Equal(0), stderr.String())
		Expect(stdout.String()).To(Equal("Wrote mine-buildpack. In it, scripts/test.sh stages and runs the example, and scripts/package.sh makes the zip.\n"))
		Expect(os.ReadFile("mine-buildpack/go.sum")).NotTo(BeEmpty())
		Expect(os.ReadFile("mine-buildpack/buildpack.toml")).To(And(ContainSubstring(`memory = "8M"`), ContainSubstring("-javaagent:")))
	})

	it("explains its flags", func() {
		Expect(run("--help")).To(Equal(0))
		for _, flag := range []string{"--from URI", "--strip NUMBER", "--binary PATH", "--command COMMAND", "--memory SIZE", "--binding NAME", "--agent RUNTIME=PATH", "--without-go", "--programs URI", "--replace DIRECTORY"} {
			Expect(stdout.String()).To(ContainSubstring(flag))
		}
	})

	context("failure cases", func() {
		for _, wrong := range []struct {
			args    []string
			message string
		}{
			{nil, "found 0 arguments; expected one, the name of the buildpack"},
			{[]string{"Mine"}, `NAME: found "Mine"; expected at most 50 lower-case letters, digits, - and _, a letter first`},
			{[]string{"agent"}, "agent, which exists already; expected a name that is not taken here"},
			{[]string{"mine", "--from", "x"}, `--from: found "x"; expected a URL of http, https or file`},
			{[]string{"mine", "--strip", "-1"}, `--strip: found "-1"; expected how many leading parts of the archive's paths to drop`},
			{[]string{"mine", "--agent", "perl=x"}, `--agent: found "perl=x"; expected RUNTIME=PATH; the runtimes are dotnet, java, nodejs, python, ruby`},
			{[]string{"mine", "--memory", "x"}, `--memory: found "x"`},
			{[]string{"mine", "--programs", "file:///x"}, "--programs has no effect without --without-go"},
			{[]string{"mine", "--replace", ".", "--module-version", "foo"}, "the checkout is built, whatever its version"},
			{[]string{"mine", "--replace", "."}, "--replace: found no checkout of the sidecar buildpack in "},
			{[]string{"mine", "--without-go"}, "--without-go: found no --from"},
		} {
			it("refuses "+strings.Join(wrong.args, " "), func() {
				Expect(run(wrong.args...)).To(Equal(2))
				Expect(stderr.String()).To(And(ContainSubstring(wrong.message), HaveSuffix("See 'sidecar new --help'.\n")))
				Expect("mine").NotTo(BeAnExistingFile())
			})
		}

		it("exits with 1 if a file is not there", func() {
			Expect(run("mine", "--from", agent()+"-2")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring("there is no such file"))
			Expect("mine").NotTo(BeAnExistingFile())
		})
	})
}
