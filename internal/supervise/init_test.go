//go:build linux

package supervise

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestSupervise(t *testing.T) {
	suite := spec.New("supervise", spec.Report(report.Terminal{}), spec.Parallel())
	suite("App", testApp)
	suite("Command", testCommand)
	suite("Environment", testEnvironment)
	suite("Family", testFamily)
	suite("Health", testHealth)
	suite("Inherited", testInherited)
	suite("Limits", testLimits)
	suite("LineFilter", testLineFilter)
	suite("Log", testLog)
	suite("LogLevel", testLogLevel)
	suite("Memory", testMemory)
	suite("OnChange", testOnChange)
	suite("Output", testOutput)
	suite("Planted", testPlanted)
	suite("Policy", testPolicy)
	suite("Ports", testPorts)
	suite("Probe", testProbe)
	suite("ProbeExec", testProbeExec)
	suite("ProbeHTTP", testProbeHTTP)
	suite("Program", testProgram)
	suite("ProxyPorts", testProxyPorts)
	suite("Reload", testReload)
	suite("ReloadBrake", testReloadBrake)
	suite("Render", testRender)
	suite("Restart", testRestart)
	suite("Speaker", testSpeaker)
	suite("State", testState)
	suite("Stop", testStop)
	suite("Processes", testProcesses)
	suite("Values", testValues)
	suite("Wait", testWait)
	suite("WatchFiles", testWatchFiles)
	suite.Run(t)
}

// built is where the compiled program and the child are.
var built string

// roleVariable has the test binary play a part in a process of its own.
const roleVariable = "SUPERVISE_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(roles[role]())
	}
	if os.Getenv("TMPDIR") == "" && isRoomy(memory) {
		_ = os.Setenv("TMPDIR", memory) // a disk takes milliseconds for each state
	}
	os.Exit(testmain.Run(func() int { return runTests(m) }))
}

// memory is where files are in memory, usually.
const memory = "/dev/shm"

// isRoomy tells whether programs can be put there, and run.
func isRoomy(directory string) bool {
	var about unix.Statfs_t
	const room = 200 << 20
	return unix.Statfs(directory, &about) == nil && about.Flags&unix.ST_NOEXEC == 0 && int64(about.Bavail)*about.Bsize > room &&
		unix.Access(directory, unix.W_OK) == nil
}

func runTests(m *testing.M) int {
	testmain.SetParallel(8) // most of the time, a spec waits
	var err error
	if built, err = os.MkdirTemp("", "supervise"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(built)
	for name, build := range map[string][]string{
		"plain":          {"build", "-o", filepath.Join(built, "plain"), "../../cmd/supervise"},
		"supervise":      append([]string{"build"}, append(raceFlags, "-o", built, "../../cmd/supervise")...),
		"sidecar-env":    {"build", "-o", built, "../../cmd/sidecar-env"}, // the real one
		"sidecar-render": {"build", "-o", built, "../../cmd/sidecar-render"},
		"child":          {"build", "-o", built, "./testdata/child"},
	} {
		if output, err := exec.Command("go", slices.Insert(build, 1, "-buildvcs=false")...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "failed to build %s: %s\n%s", name, err, output)
			return 1
		}
	}
	if err := os.Chmod(built, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
