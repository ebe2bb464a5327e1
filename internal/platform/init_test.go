package platform

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"
	"github.com/paketo-buildpacks/packit/v2/chronos"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	isolated "github.com/cloudfoundry-community/sidecar-buildpack/internal/container"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

// lifecycle is the platform's own builder and launcher, built for the tests.
var lifecycle Lifecycle

// TestMain is the init of the containers that the specs make, or a server that they
// start, or runs the specs.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == isolated.InitName {
		os.Exit(isolated.Init(os.Args, os.Environ(), os.Stdout, os.Stderr))
	}
	if addresses := os.Getenv(listenVariable); addresses != "" {
		fmt.Println(serve(strings.Fields(addresses)))
		os.Exit(1)
	}
	os.Exit(testmain.Run(m.Run))
}

func TestPlatform(t *testing.T) {
	lifecycle = buildLifecycle(t)

	suite := spec.New("platform", spec.Report(report.Terminal{}))
	suite("Application", testApplication)
	suite("Archive", testArchive)
	suite("Bits", testBits)
	suite("Buildpacks", testBuildpacks)
	suite("Cache", testCache)
	suite("Container", testContainer)
	suite("Crash", testCrash)
	suite("Droplet", testDroplet)
	suite("Environment", testEnvironment)
	suite("StatusArea", testStatusArea)
	suite("GUID", testGUID)
	suite("HealthMonitor", testHealthMonitor)
	suite("Lifecycle", testLifecycle)
	suite("Log", testLog)
	suite("LogRate", testLogRate)
	suite("LogStream", testLogStream)
	suite("Manifest", testManifest)
	suite("ManifestLogRate", testManifestLogRate)
	suite("ManifestReadiness", testManifestReadiness)
	suite("Mounts", testMounts)
	suite("Orphans", testOrphans)
	suite("Output", testOutput)
	suite("Ports", testPorts)
	suite("Probe", testProbe)
	suite("Progress", testProgress)
	suite("Readiness", testReadiness)
	suite("Restart", testRestart)
	suite("Run", testRun)
	suite("Running", testRunning)
	suite("Stage", testStage)
	suite("Start", testStart)
	suite("Status", testStatus)
	suite("Waiting", testWaiting)
	suite("Workspace", testWorkspace)
	suite.Run(t)
}

func buildLifecycle(t *testing.T) Lifecycle {
	t.Helper()
	g := gomega.NewWithT(t)
	directory := t.TempDir()
	output, err := exec.Command("go", "build", "-o", directory,
		"code.cloudfoundry.org/buildpackapplifecycle/builder", "code.cloudfoundry.org/buildpackapplifecycle/launcher").CombinedOutput()
	g.Expect(err).NotTo(gomega.HaveOccurred(), string(output))

	built, err := LifecycleIn(directory)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	return built
}

// newPlatform works in a directory of its own, which is empty once all is over.
func newPlatform(t *testing.T) *Platform {
	t.Helper()
	builtin := Builtin{Files: os.DirFS(t.TempDir()), Executable: "/bin/false", Programs: []string{"detect", "supply"}}
	self, err := os.Executable()
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	p := New(lifecycle, self, builtin, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, t.TempDir())
	t.Cleanup(func() {
		p.Hurry()
		p.Close()
		gomega.NewWithT(t).Expect(os.ReadDir(p.TempDir)).To(gomega.BeEmpty(), "left in the workspace")
	})
	return p
}

// lines is what a log was written to. It can be read while it is.
type lines struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (l *lines) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.Write(text)
}

func (l *lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.String()
}

var stamp = regexp.MustCompile(`(?m)^\S+ (\[)`)

// unstamped are the lines without their times.
func (l *lines) unstamped() string {
	return stamp.ReplaceAllString(l.String(), "$1")
}

func newLog() (*Log, *lines) {
	written := &lines{}
	return NewLog(written, chronos.DefaultClock), written
}

// write makes a file, and the directories that it is in.
func write(t *testing.T, path, content string, mode os.FileMode) string {
	t.Helper()
	g := gomega.NewWithT(t)
	g.Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(gomega.Succeed())
	g.Expect(os.WriteFile(path, []byte(content), mode)).To(gomega.Succeed())
	g.Expect(os.Chmod(path, mode)).To(gomega.Succeed())
	return path
}

// tree is what is below a directory: names with their modes, and of a symbolic
// link what it leads to.
func tree(t *testing.T, directory string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(directory, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == directory {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		line := info.Mode().String() + " " + strings.TrimPrefix(path, directory+"/")
		if info.Mode()&os.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line += " -> " + target
		}
		found = append(found, line)
		return nil
	})
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return found
}
