package testmain

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usualUmask is that of most machines, and of Cloud Foundry's containers.
const usualUmask = 0o022

// guardFile is the file descriptor by which the process with the tests notices that its guard has
// ended.
const guardFile = 3

// Run runs the tests of a package in a process of their own, and is their exit
// status, for os.Exit. It is called with testing.M's Run, or with what calls that:
//
//	func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }
//
// Once the tests have ended, in whichever way, their descendants are killed, wherever
// those have gone, and the temporary files are removed, for which the tests have a
// TMPDIR of their own. Tests that pass or fail and leave a process behind have failed:
// the status is 1, and the process is named on standard error. Signals that end a
// program are passed on. The tests end, too, where this process or the go command
// that started it is killed. Gomega's Eventually waits for minutes, and not for a
// second, where nothing else is said. The umask is 022, whatever the user's is.
func Run(tests func() int) int { return RunAllowing(time.Minute, tests) }

// RunAllowing is Run with another time for leftover processes to end by themselves, as some
// programs do shortly after their use.
func RunAllowing(leave time.Duration, tests func() int) int {
	if isGuarded() {
		watchGuard()
		syscall.Umask(usualUmask)
		bePatient()
		return tests()
	}
	if isFuzzWorker() {
		return tests() // its coordinator has a guard
	}
	status, err := guard(leave)
	if err != nil {
		fmt.Fprintf(os.Stderr, "failed to run the tests in a process of their own: %s\n", err)
		return 1
	}
	return status
}

func isGuarded() bool {
	return os.Getenv(guardVariable) == strconv.Itoa(os.Getppid())
}

// isFuzzWorker reports whether the testing package has started this process for fuzzing. It
// communicates with its parent.
func isFuzzWorker() bool {
	for _, argument := range os.Args[1:] {
		if name, _, _ := strings.Cut(argument, "="); strings.TrimLeft(name, "-") == "test.fuzzworker" {
			return true
		}
	}
	return false
}

// watchGuard ends this process and all its descendants if the guard ends first.
func watchGuard() {
	_ = os.Unsetenv(guardVariable) // processes that the tests start are not the guarded one
	syscall.CloseOnExec(guardFile)
	alive := os.NewFile(guardFile, "guard")
	go func() {
		_, _ = alive.Read(make([]byte, 1)) // nothing is written
		_ = adopt()
		for len(descendants()) > 0 {
			kill()
			time.Sleep(killPause)
		}
		os.Exit(1)
	}()
}
