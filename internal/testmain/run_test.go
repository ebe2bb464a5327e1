//go:build linux

package testmain_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
)

// leave starts processes that are hard to get hold of, and waits until the process
// ids of all are in $PIDS.
const leave = `
for start in \
  'exec sleep 1000' \
  'trap "" TERM HUP INT QUIT; while :; do sleep 1000; done' \
  'exec setsid sleep 1000' \
  '(setsid env -i bash -c "cd /; exec sleep 1000 9>&-" &)' \
  'kill -STOP $BASHPID'
do
  (echo $BASHPID >> "$PIDS"; eval "$start") >/dev/null 2>&1 &
done
until [ "$(wc -l < "$PIDS")" -ge 5 ]; do sleep 0.01; done
`

func testRun(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		binary     string
		pids       string
		tmp        string
		leaving    string // the time to end by itself
	)

	it.Before(func() {
		binary = filepath.Join(t.TempDir(), "leaving.test")
		output, err := exec.Command("go", "test", "-c", "-o", binary, "./testdata/leaving").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		pids = filepath.Join(t.TempDir(), "pids")
		tmp = t.TempDir()
		leaving = "5m"
	})
	start := func(script, end, program string, args ...string) *gexec.Session {
		command := exec.Command(program, args...)
		command.Env = append(os.Environ(), "PIDS="+pids, "LEAVING_SCRIPT="+script, "LEAVING_END="+end, "LEAVING_TIME="+leaving, "TMPDIR="+tmp)
		session, err := gexec.Start(command, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		return session
	}
	ready := regexp.MustCompile(`(?m)^ready (\d+)$`)
	// awaitReady waits until all has been started, and returns the process with the tests.
	awaitReady := func(session *gexec.Session) (tests int) {
		t.Helper()
		Eventually(session.Out.Contents).Should(MatchRegexp(ready.String()), func() string { return string(session.Err.Contents()) })
		tests, err := strconv.Atoi(string(ready.FindSubmatch(session.Out.Contents())[1]))
		Expect(err).NotTo(HaveOccurred())
		return tests
	}
	// living are the processes that have been started and are there.
	living := func() []string {
		var found []string
		content, _ := os.ReadFile(pids) // there may be none yet
		for _, line := range strings.Fields(string(content)) {
			stat, err := os.ReadFile(filepath.Join("/proc", line, "stat"))
			if err == nil && !strings.Contains(string(stat), ") Z ") {
				found = append(found, string(stat))
			}
		}
		return found
	}
	expectNothingLeft := func() {
		t.Helper()
		Expect(living()).To(BeEmpty())
		Expect(os.ReadDir(tmp)).To(BeEmpty())
	}

	it("passes where nothing is left, with the status and the output of the tests", func() {
		session := start("", "pass", binary)
		Eventually(session).Should(gexec.Exit(0))
		Expect(string(session.Out.Contents())).To(HaveSuffix("PASS\n"))
		Expect(os.ReadDir(tmp)).To(BeEmpty())
	})

	it("runs the tests with the same umask for every user", func() {
		session := start(`umask > "$PIDS"`, "pass", "bash", "-c", `umask 077; exec "$0"`, binary)
		Eventually(session).Should(gexec.Exit(0))
		Expect(os.ReadFile(pids)).To(BeEquivalentTo("0022\n"))
	})

	it("waits for what ends by itself a moment later", func() {
		session := start(`(sleep 1 >/dev/null 2>&1 & echo $! > "$PIDS")`, "pass", binary)
		Eventually(session).Should(gexec.Exit(0))
		Expect(living()).To(BeEmpty())
	})

	for _, received := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		it("leaves nothing when it is sent "+received.String(), func() {
			session := start(leave, "", binary)
			awaitReady(session)
			Expect(living()).NotTo(BeEmpty())
			session.Signal(received)
			Eventually(session).Should(gexec.Exit())
			Expect(session.ExitCode()).NotTo(BeZero())
			expectNothingLeft()
		})
	}

	it("leaves nothing when the tests are out of time", func() {
		session := start(leave, "", binary, "-test.timeout=10s")
		Eventually(session).Should(gexec.Exit(2))
		Expect(string(session.Err.Contents())).To(ContainSubstring("panic: test timed out after 10s"))
		expectNothingLeft()
	})

	it("leaves nothing when the tests panic", func() {
		session := start(leave, "panic", binary)
		Eventually(session).Should(gexec.Exit(2))
		expectNothingLeft()
	})

	it("leaves nothing when the process with the tests is killed", func() {
		session := start(leave, "", binary)
		Expect(syscall.Kill(awaitReady(session), syscall.SIGKILL)).To(Succeed())
		Eventually(session).Should(gexec.Exit(137))
		expectNothingLeft()
	})

	it("leaves no process of the tests' own when the guard is killed", func() {
		session := start(`(echo $BASHPID >> "$PIDS"; exec sleep 1000) >/dev/null 2>&1 & until [ -s "$PIDS" ]; do sleep 0.01; done; exec sleep 1000`, "", binary)
		Eventually(func() string { content, _ := os.ReadFile(pids); return string(content) }).Should(HaveSuffix("\n"))
		session.Kill()
		Eventually(session).Should(gexec.Exit())
		Eventually(living).Should(BeEmpty())
	})

	it("leaves nothing when the go command is killed", func() {
		session := start(leave, "", "go", "test", "-count=1", "-v", "./testdata/leaving")
		awaitReady(session)
		session.Kill()
		Eventually(session).Should(gexec.Exit())
		Eventually(living).Should(BeEmpty())
	})

	context("failure cases", func() {
		for _, end := range []string{"pass", "fail"} {
			it("names what tests leave that "+end, func() {
				leaving = "1s"
				session := start(`(sleep 1000 >/dev/null 2>&1 & echo $! > "$PIDS")`, end, binary)
				Eventually(session).Should(gexec.Exit(1))
				Expect(string(session.Err.Contents())).To(MatchRegexp(`(?m)^left behind by the tests: process \d+, sleep 1000$`))
				expectNothingLeft()
			})
		}
	})
}
