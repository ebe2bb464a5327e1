//go:build linux

package supervise

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testProbeExec(t *testing.T, when spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newSite(t) })

	exec := func(line string) *supervision.Check {
		return &supervision.Check{Type: supervision.CheckExec, Command: line, Interval: 1, InvocationTimeout: 60}
	}
	lastError := func() string { return s.state("a").LastError }
	stop := func(p *process) {
		t.Helper()
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	}

	it("is well when the command ends with 0, in the sidecar's environment and directory", func() {
		Expect(os.Mkdir(s.directory+"/work", 0o755)).To(Succeed())
		s.specs(supervision.Spec{
			Name: "a", WorkDir: "work", Env: []supervision.Variable{{Name: "STATE", Value: "up"}},
			Readiness: exec(`echo "$STATE in ${PWD##*/}, no $(cat)"; [ -e now ]`),
		})
		p := s.run("a", "sleep 1000")
		Eventually(lastError).Should(Equal("the command of the check ended with status 1: up in work, no"))
		Expect(s.phase("a")()).To(Equal(supervision.PhaseStarting))
		s.put("work/now", "", 0o644)
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		stop(p)
		Expect(p.wrote()+p.said()).To(BeEmpty(), "what a check prints is in no log")
	})

	it("says how it ended, with the last line of what it has printed", func() {
		for line, why := range map[string]string{
			"exit 3":                         "ended with status 3",
			"kill -9 $$":                     "was ended by the signal killed",
			"echo one; echo two >&2; exit 4": "ended with status 4: two",
			"printf 'one\\n two\\t\\n\\n\\n'; exit 5":        "ended with status 5: two",
			"printf '\\033[31mred\\377'; exit 6":             `ended with status 6: \x1b[31mred�`,
			"head -c 3000000 /dev/zero | tr '\\0' x; exit 7": "ended with status 7: " + strings.Repeat("x", maxLastLine),
			"none-such": "ended with status 127: /bin/bash: line 1: none-such: command not found",
			// It does not wait for what goes on in the background.
			"sleep 1000 & echo started; exit 8":     "ended with status 8: started",
			"setsid sleep 1000 & echo left; exit 9": "ended with status 9: left",
		} {
			s := newSite(t)
			s.specs(supervision.Spec{Name: "a", Readiness: exec(line)})
			p := s.run("a", "sleep 1000")
			Eventually(func() string { return s.state("a").LastError }).Should(Equal("the command of the check "+why), line)
			p.signal(syscall.SIGTERM)
			Expect(p.cleanStatus()).To(Equal(128 + 15))
		}
	})

	it("leaves no process and no zombie, however often it is made", func() {
		s.specs(supervision.Spec{Name: "a", Readiness: exec("echo x >> probes; (sleep 1000 &) ; exit 1")})
		p := s.run("a", "sleep 1000")
		Eventually(func() int { return strings.Count(p.read(s.directory+"/probes"), "x") }).Should(BeNumerically(">=", 6))
		Eventually(func() int { // the command, and at most one probe with its child
			return len(processtree.Descendants(processtree.All(), p.Process.Pid))
		}).Should(BeNumerically("<=", 3))
		stop(p)
	})

	it("kills the command with all that it has started, when its time is up", func() {
		check := exec("echo $$ >> pids; echo starting; setsid sleep 1000 & sleep 1001 & exec sleep 1002")
		check.InvocationTimeout = 1
		s.specs(supervision.Spec{Name: "a", Readiness: check})
		p := s.run("a", "exec sleep 1000")
		Eventually(lastError).Should(Equal("the command of the check did not end within 1s: starting"))
		first, err := strconv.Atoi(strings.Fields(p.read(s.directory + "/pids"))[0])
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() error { return syscall.Kill(-first, 0) }).Should(MatchError(syscall.ESRCH), "its group is gone")
		Eventually(func() int { // the sidecar's own, and those of the probe after it
			sleeping := 0
			for _, command := range s.living() {
				if strings.HasPrefix(command, "sleep\x001000") {
					sleeping++
				}
			}
			return sleeping
		}).Should(BeNumerically("<=", 2))
		stop(p)
	})

	it("is a health check, whose third failure starts the sidecar again", func() {
		s.specs(supervision.Spec{Name: "a", Health: exec("test ! -e broken || { echo no leader; exit 1; }"), Restart: supervision.RestartOnFailure})
		p := s.run("a", "rm -f broken; echo run; sleep 1000")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		p.waitFor("run")
		s.put("broken", "", 0o644)
		Eventually(func() int { return strings.Count(p.wrote(), "run\n") }).Should(Equal(2))
		Eventually(p.said).Should(MatchRegexp(`^\[supervise\] a: failed its health check 3 times in a row \(the command of the check ended with status 1: no leader\); ` +
			`it is started again in 1s \(restart 1\)\n\[supervise\] a: is ready again, [0-9.]+m?s after it was started\n$`))
		stop(p)
	})

	it("is over when the sidecar is stopped while it is made", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways, Readiness: exec("trap '' TERM; echo $$ > probing; sleep 1000")})
		p := s.run("a", "sleep 1000")
		Eventually(func() string { return p.read(s.directory + "/probing") }).ShouldNot(BeEmpty())
		stop(p)
	})

	it("is over when the sidecar ends while it is made, and made anew for the next one", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways, Readiness: exec("echo $$ >> probing; sleep 1000")})
		p := s.run("a", "echo run; sleep 1000")
		for i := range 3 {
			Eventually(func() int { return len(strings.Fields(p.read(s.directory + "/probing"))) }).Should(Equal(i + 1))
			if i < 2 {
				Expect(syscall.Kill(s.pid("a"), syscall.SIGKILL)).To(Succeed())
			}
		}
		stop(p)
	})

	when("failure cases", func() {
		it("says that it cannot be run", func() {
			s.specs(supervision.Spec{Name: "a", WorkDir: "work", Readiness: exec("[ -e gone ]")})
			Expect(os.Mkdir(s.directory+"/work", 0o755)).To(Succeed())
			p := s.run("a", "rmdir $PWD; sleep 1000")
			Eventually(lastError).Should(Equal("the command of the check cannot be run: the directory work cannot be entered: no such file or directory"))
			stop(p)
		})
	})
}
