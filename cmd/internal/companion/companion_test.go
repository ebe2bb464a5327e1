package companion

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestCompanion(t *testing.T) {
	suite := spec.New("companion", spec.Report(report.Terminal{}))
	suite("Find", testFind)
	suite.Run(t)
}

// testFind builds a module with two programs, self and other, in all the ways in which people build
// programs.
func testFind(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect      = NewWithT(t).Expect
		source, bin string
	)

	run := func(name string, args ...string) {
		t.Helper()
		command := exec.Command(name, args...)
		command.Dir = source
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=", "GIT_CONFIG_GLOBAL=/dev/null",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
	}
	build := func(program, as string, flags ...string) {
		t.Helper()
		run("go", append(append([]string{"build", "-o", filepath.Join(bin, as)}, flags...), "./cmd/"+program)...)
	}
	find := func() (string, error) { return Of(filepath.Join(bin, "self")).Find("other") }

	it.Before(func() {
		source, bin = t.TempDir(), t.TempDir()
		var err error
		bin, err = filepath.EvalSymlinks(bin)
		Expect(err).NotTo(HaveOccurred())
		for _, program := range []string{"self", "other"} {
			Expect(os.MkdirAll(filepath.Join(source, "cmd", program), 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(source, "cmd", program, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o644)).To(Succeed())
		}
		Expect(os.WriteFile(filepath.Join(source, "go.mod"), []byte("module example.com/m\n\ngo 1.26\n"), 0o644)).To(Succeed())
		build("self", "self", "-buildvcs=false")
	})

	it("finds the program that was built with it", func() {
		build("other", "other", "-buildvcs=false")
		Expect(find()).To(Equal(filepath.Join(bin, "other")))
	})

	it("follows a link to the program that asks", func() {
		build("other", "other", "-buildvcs=false")
		link := filepath.Join(t.TempDir(), "linked")
		Expect(os.Symlink(filepath.Join(bin, "self"), link)).To(Succeed())
		Expect(Of(link).Find("other")).To(Equal(filepath.Join(bin, "other")))
	})

	context("failure cases", func() {
		const remedy = "build both from one checkout: go install ./cmd/sidecar ./cmd/other, or ./scripts/build.sh"

		it("says how to build a program that is not there", func() {
			_, err := find()
			Expect(err).To(MatchError("found no program other next to " + filepath.Join(bin, "self") + ", which needs it for this app; " + remedy))
		})

		it("refuses another program, and what is not a program", func() {
			build("self", "other", "-buildvcs=false")
			_, err := find()
			Expect(err).To(MatchError(filepath.Join(bin, "other") + " is not the program other of this buildpack; " + remedy))

			Expect(os.WriteFile(filepath.Join(bin, "other"), []byte("#!/bin/sh\n"), 0o755)).To(Succeed())
			_, err = find()
			Expect(err).To(MatchError(HavePrefix(filepath.Join(bin, "other") + " is not the program other of this buildpack; ")))

			Expect(os.Remove(filepath.Join(bin, "other"))).To(Succeed())
			Expect(os.Mkdir(filepath.Join(bin, "other"), 0o755)).To(Succeed())
			_, err = find()
			Expect(err).To(MatchError(ContainSubstring("directory")))
		})

		it("refuses a program of another commit", func() {
			run("git", "init", "-q")
			run("git", "add", ".")
			run("git", "commit", "-q", "-m", "first")
			build("self", "self", "-buildvcs=true")
			build("other", "other", "-buildvcs=true")
			Expect(find()).To(Equal(filepath.Join(bin, "other")))

			run("git", "commit", "-q", "--allow-empty", "-m", "second")
			build("self", "self", "-buildvcs=true")
			_, err := find()
			Expect(err).To(MatchError(MatchRegexp(`/other is of version v0\.0\.0-\d{14}-[0-9a-f]{12}.*; expected v0\.0\.0-\d{14}-[0-9a-f]{12}.*, as .*/self is; build both`)))
		})
	})

	it("installs a published version by that version", func() {
		own := &debug.BuildInfo{Main: debug.Module{Path: "example.com/m", Version: "v1.2.3", Sum: "h1:x"}}
		Expect(remedy(own, "other")).To(Equal("install both: go install example.com/m/cmd/sidecar@v1.2.3 example.com/m/cmd/other@v1.2.3"))
	})
}
