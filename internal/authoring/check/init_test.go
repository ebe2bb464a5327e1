package check_test

import (
	"os"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/dryrun"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/celltest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) {
	platformtest.Reexec()
	os.Exit(testmain.Run(m.Run))
}

// lifecycle is the platform's own builder and launcher, built for the tests.
var lifecycle cell.Lifecycle

func TestCheck(t *testing.T) {
	lifecycle = celltest.Lifecycle(t)
	suite := spec.New("check", spec.Report(report.Terminal{}))
	suite("Files", testFiles)
	suite("Good", testGood)
	suite("Hostile", testHostile)
	suite("Launch", testLaunch)
	suite("Positions", testPositions)
	suite("Secrets", testSecrets)
	suite("Source", testSource)
	suite("Stagings", testStagings)
	suite.Run(t)
}

// newStager stages in a cell that leaves nothing.
func newStager(t *testing.T) *stage.Stager {
	t.Helper()
	return &stage.Stager{Cell: celltest.New(t, lifecycle)}
}

// checked is what a check finds, with a change to the options.
func checked(t *testing.T, buildpack string, change func(*check.Options)) []finding.Finding {
	t.Helper()
	options := check.Options{Buildpack: buildpack, Staging: dryrun.Options{Stager: newStager(t), Timeout: 5 * time.Minute, Trust: true}}
	if change != nil {
		change(&options)
	}
	found, err := check.Run(t.Context(), options)
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return found.Findings
}

// isolates tells whether this machine has sealed containers.
func isolates(t *testing.T) bool {
	t.Helper()
	self, _ := platformtest.Self(t)
	c, err := container.New(container.Spec{Init: self, Name: "isolates", Root: t.TempDir(), Tmp: t.TempDir(), Sealed: true})
	if err != nil {
		return false
	}
	c.Destroy()
	return true
}

// needIsolation skips a spec where this machine has no sealed containers, but not in CI.
func needIsolation(t *testing.T) {
	t.Helper()
	if isolates(t) {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("CI has to allow user namespaces")
	}
	t.Skip("this machine allows no user namespaces")
}
