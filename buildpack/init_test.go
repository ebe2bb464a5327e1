package buildpack_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestBuildpack(t *testing.T) {
	g := NewWithT(t)
	var err error
	repository, err = filepath.Abs("..")
	g.Expect(err).NotTo(HaveOccurred())
	supplyProgram = filepath.Join(buildpackAt(t, t.TempDir()), "bin", "supply")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", supplyProgram, "./cmd/supply")
	build.Dir = repository
	output, err := build.CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(output))
	measureProgram, err = gexec.Build("github.com/cloudfoundry-community/sidecar-buildpack/buildpack/testdata/measure", "-buildvcs=false")
	g.Expect(err).NotTo(HaveOccurred())
	defer gexec.CleanupBuildArtifacts()

	suite := spec.New("buildpack", spec.Report(report.Terminal{}))
	suite("API", testAPI)
	suite("Certificates", testCertificates)
	suite("Detect", testDetect)
	suite("Finalize", testFinalize)
	suite("Hooks", testHooks)
	suite("Hostile", testHostile)
	suite("Release", testRelease)
	suite("Script", testScript)
	suite("Unpublished", testUnpublished)
	suite("Supply", testSupply)
	suite.Run(t)
}

var (
	repository     string // its root
	supplyProgram  string // built from cmd/supply
	measureProgram string // built from testdata
)

// buildpackAt writes a buildpack's description into a directory, the same as that of the tests'
// own buildpack.
func buildpackAt(t *testing.T, directory string) string {
	t.Helper()
	for _, name := range []string{"buildpack.toml", "manifest.yml", "VERSION"} {
		own := filepath.Join(repository, "cmd", "internal", "testdata", "buildpack", name)
		NewWithT(t).Expect(os.Symlink(own, filepath.Join(directory, name))).To(Succeed())
	}
	return directory
}

// A staging has the directories of one push, and calls the buildpack's programs.
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
	buildpackAt(t, s.root)
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

// A program is one of Detect, Supply, Finalize and Release.
type program func(args, environ []string, stdout, stderr *bytes.Buffer) int

// call runs a program of the tests' buildpack as the platform does. A test may add programs to the
// buildpack's directory.
func (s *staging) call(run program, args ...string) int {
	s.stdout.Reset()
	s.stderr.Reset()
	args = append([]string{s.path("programs/program")}, args...)
	return run(args, nil, &s.stdout, &s.stderr)
}

// broken makes another buildpack, in which a file is missing, and returns the path of one of its
// programs.
func (s *staging) broken(without string) string {
	s.t.Helper()
	for name, content := range map[string]string{"manifest.yml": "language: mine\n", "VERSION": "7\n", "buildpack.toml": ""} {
		if name != without {
			s.write("buildpack/"+name, content)
		}
	}
	return s.path("buildpack/bin/program")
}
