package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
	specreport "github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

// program is the path of sidecar, built for the tests.
var program string

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestCLI(t *testing.T) {
	var err error
	program, err = gexec.Build("github.com/cloudfoundry-community/sidecar-buildpack/cmd/sidecar")
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	t.Cleanup(gexec.CleanupBuildArtifacts)

	suite := spec.New("cli", spec.Report(specreport.Terminal{}))
	suite("Binary", testBinary)
	suite("Check", testCheck)
	suite("Bump", testBump)
	suite("CommandLine", testCommandLine)
	suite("Complete", testComplete)
	suite("Controller", testController)
	suite("Droplets", testDroplets)
	suite("Environment", testEnvironment)
	suite("Flags", testFlags)
	suite("Java", testJava)
	suite("Live", testLive)
	suite("Main", testMain)
	suite("New", testNew)
	suite("Manifests", testManifests)
	suite("Order", testOrder)
	suite("Plan", testPlan)
	suite("Services", testServices)
	suite("PS", testPS)
	suite("Render", testRender)
	suite("Table", testTable)
	suite("Validate", testValidate)
	suite.Run(t)
}

func write(t *testing.T, path, content string, mode os.FileMode) string {
	t.Helper()
	g := gomega.NewWithT(t)
	g.Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(gomega.Succeed())
	g.Expect(os.WriteFile(path, []byte(content), mode)).To(gomega.Succeed())
	return path
}
