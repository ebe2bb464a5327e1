package buildpack_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestBuildpack(t *testing.T) {
	g := NewWithT(t)
	var err error
	repository, err = filepath.Abs("../../..")
	g.Expect(err).NotTo(HaveOccurred())
	supplyProgram, err = gexec.Build("github.com/cloudfoundry-community/sidecar-buildpack/cmd/supply", "-buildvcs=false")
	g.Expect(err).NotTo(HaveOccurred())
	measureProgram, err = gexec.Build("github.com/cloudfoundry-community/sidecar-buildpack/cmd/internal/buildpack/testdata/measure", "-buildvcs=false")
	g.Expect(err).NotTo(HaveOccurred())
	defer gexec.CleanupBuildArtifacts()

	suite := spec.New("buildpack", spec.Report(report.Terminal{}))
	suite("Detect", testDetect)
	suite("Finalize", testFinalize)
	suite("Hostile", testHostile)
	suite("Release", testRelease)
	suite("Script", testScript)
	suite("Supply", testSupply)
	suite.Run(t)
}

var (
	repository     string // its root
	supplyProgram  string // built from cmd/supply
	measureProgram string // built from testdata
)

// A staging is one push's directories, and a call of one of the buildpack's
// programs.
type staging struct {
	t              *testing.T
	root           string
	stdout, stderr bytes.Buffer
}

func stage(t *testing.T) *staging {
	t.Helper()
	s := &staging{t: t, root: t.TempDir()}
	for _, directory := range []string{"app", "cache", "deps/0"} {
		NewWithT(t).Expect(os.MkdirAll(s.path(directory), 0o755)).To(Succeed())
	}
	return s
}

func (s *staging) path(name string) string {
	return filepath.Join(s.root, name)
}

func (s *staging) write(name, content string) {
	s.t.Helper()
	NewWithT(s.t).Expect(os.MkdirAll(filepath.Dir(s.path(name)), 0o755)).To(Succeed())
	NewWithT(s.t).Expect(os.WriteFile(s.path(name), []byte(content), 0o755)).To(Succeed())
}

// A program is what one of the main functions calls.
type program func(args, environ []string, stdout, stderr *bytes.Buffer) int

// call runs a program of the repository's buildpack as the platform does, with
// its own programs in a directory that the test may fill.
func (s *staging) call(run program, args ...string) int {
	s.stdout.Reset()
	s.stderr.Reset()
	args = append([]string{s.path("programs/program")}, args...)
	return run(args, []string{"BUILDPACK_DIR=" + repository}, &s.stdout, &s.stderr)
}

// broken makes a buildpack of its own that lacks a file.
func (s *staging) broken(without string) []string {
	s.t.Helper()
	for name, content := range map[string]string{"manifest.yml": "language: mine\n", "VERSION": "7\n", "buildpack.toml": ""} {
		if name != without {
			s.write("buildpack/"+name, content)
		}
	}
	return []string{"BUILDPACK_DIR=" + s.path("buildpack")}
}
