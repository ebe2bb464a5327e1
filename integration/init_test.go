// Package integration stages and runs apps from outside, with Cloud Foundry's
// own builder and launcher at the versions that go.mod pins.
package integration_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

// built are the programs that the suites run.
var built struct {
	root      string // the repository
	name      string // the language of its buildpack's manifest.yml: a fork has another one
	id, title string // what its buildpack calls itself in buildpack.toml
	sidecar   string // the command line tool; config-server is next to it
	lifecycle string // the directory with the platform's builder and launcher
}

func TestMain(m *testing.M) {
	os.Exit(testmain.Run(func() int {
		testmain.SetParallel(8) // so that all are done in minutes; they wait more than they work
		return m.Run()
	}))
}

func TestIntegration(t *testing.T) {
	Expect := NewWithT(t).Expect
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	SetDefaultEventuallyTimeout(10 * time.Minute) // a busy machine may take minutes to stage an app, and again to start a JVM

	root, err := filepath.Abs("..")
	Expect(err).NotTo(HaveOccurred())
	built.root = root
	manifest, err := os.ReadFile(filepath.Join(root, "manifest.yml"))
	Expect(err).NotTo(HaveOccurred())
	language := regexp.MustCompile(`(?m)^language: (\S+)$`).FindSubmatch(manifest)
	Expect(language).To(HaveLen(2))
	built.name = string(language[1])
	description, err := os.ReadFile(filepath.Join(root, family.DescriptionFile))
	Expect(err).NotTo(HaveOccurred())
	identity, err := family.ReadIdentity(description, built.name)
	Expect(err).NotTo(HaveOccurred())
	built.id, built.title = identity.ID, identity.Name
	bin := t.TempDir()
	built.sidecar = filepath.Join(bin, "sidecar")
	built.lifecycle = filepath.Join(bin, "lifecycle")
	Expect(os.Mkdir(built.lifecycle, 0o755)).To(Succeed())
	goBuild(t, bin, "./cmd/sidecar", "./cmd/config-server")
	for _, program := range []string{"builder", "launcher"} {
		goBuild(t, filepath.Join(built.lifecycle, program), "code.cloudfoundry.org/buildpackapplifecycle/"+program)
	}

	suite := spec.New("integration", spec.Report(report.Terminal{}), spec.Parallel())
	suite("Authors", testAuthors)
	suite("AuthorsExamples", testAuthorsExamples)
	suite("AuthorsWithoutGo", testAuthorsWithoutGo)
	suite("Bindings", testBindings)
	suite("Bound", testBound)
	suite("Config", testConfig)
	suite("CredHub", testCredHub)
	suite("Pressure", testPressure) // first: it takes a minute, while the others run
	suite("Chaos", testChaos)       // another two
	suite("Isolation", testIsolation)
	suite("Staging", testStaging)
	suite("Family", testFamily)
	suite("OnChange", testOnChange)
	suite("Order", testOrder)
	suite("Running", testRunning)
	suite("Crashing", testCrashing)
	suite("Stopping", testStopping)
	suite("Secrets", testSecrets)
	suite("Marked", testMarked)
	suite("MarkedAddresses", testMarkedAddresses)
	suite("MarkedConfig", testMarkedConfig)
	suite("Supervision", testSupervision)
	suite("Manifest", testManifest)
	suite("Plan", testPlan)
	suite("Places", testPlaces)
	suite("Planted", testPlanted)
	suite("Ps", testPs)
	suite("Examples", testExamples)
	suite("BoundExamples", testBoundExamples)
	suite("Lifecycle", testLifecycle)
	suite("ModuleFiles", testModuleFiles)
	suite("Source", testSource)
	suite("StandIn", testStandIn)
	suite("Installed", testInstalled)
	suite("Checked", testChecked)
	suite("Packaged", testPackaged)
	suite("Release", testRelease)
	suite("Catalog", testCatalog)
	suite("CatalogOTel", testCatalogOTel)
	suite("Fields", testFields)
	suite("Arrows", testArrows)
	suite("Rooms", testRooms)
	suite("Rules", testRules)
	suite("Docs", testDocs)
	suite("Runtimes", testRuntimes)
	suite("Settings", testSettings)
	suite("SpringCorpus", testSpringCorpus)
	suite("GitSource", testGitSource)
	suite("SpringClients", testSpringClients)
	suite("AppEnv", testAppEnv)
	suite("Noted", testNoted)
	suite("Versions", testVersions)
	suite.Run(t)
}

// inTime fails a spec that would be cut off by the -timeout of all: with Go's default
// of ten minutes, a machine that is very slow or busy may get there.
func inTime(t *testing.T) {
	t.Helper()
	const enough = time.Minute
	if deadline, ok := t.Deadline(); ok && time.Until(deadline) < enough {
		t.Fatal("there is no time left for this spec within the -timeout of go test; scripts/integration.sh allows an hour")
	}
}

// longBuild skips a spec that first compiles a large program where go test has its default
// -timeout of ten minutes: on a machine that has compiled none of them yet, these specs alone
// take half of it.
func longBuild(t *testing.T, program string) {
	t.Helper()
	const enough = 30 * time.Minute
	limit, err := time.ParseDuration(flag.Lookup("test.timeout").Value.String())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	if limit != 0 && limit < enough {
		t.Skipf("compiling %s may take minutes, and go test has a -timeout of %s; scripts/integration.sh allows an hour", program, limit)
	}
}

func goBuild(t *testing.T, output string, packages ...string) {
	t.Helper()
	build := exec.Command("go", append([]string{"build", "-buildvcs=false", "-o", output}, packages...)...)
	build.Dir = built.root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	text, err := build.CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(text))
}

// need skips a spec on a machine without a program that only some examples
// want; CI has to have it.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is missing, and CI has to have it", program)
			}
			t.Skipf("%s is not installed", program)
		}
	}
}
