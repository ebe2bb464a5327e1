//go:build linux

package supervise

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testFamily(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newSite(t) })

	// Ways to get away. Each says "away" once it has.
	away := []struct{ how, line string }{
		{"in the background", "(echo away; exec sleep 1000) &"},
		{"in a session of its own", "setsid bash -c 'echo away; exec sleep 1000' &"},
		{"through a double fork", "(setsid bash -c 'echo away; exec sleep 1000' &)"},
		{"deaf", "(trap '' TERM INT HUP; setsid bash -c 'echo away; while :; do sleep 1000; done' &)"},
		{"stopped", "(setsid bash -c 'echo away; kill -STOP $$' &)"},
		{"in a group of its own", "set -m; (trap '' TERM; echo away; sleep 1000) & set +m"},
		{"with its parents gone", "(setsid bash -c '(setsid bash -c \"echo away; exec sleep 1000\" &)' &)"},
	}

	// withAll runs all of them, and then this.
	withAll := func(then string) string {
		var line strings.Builder
		for _, a := range away {
			line.WriteString(a.line + "\n")
		}
		return line.String() + "until [ $(grep -c away out1) -ge " + strconv.Itoa(len(away)) + " ]; do sleep 0.02; done\n" + then
	}

	for _, a := range away {
		it("leaves nothing when the command ends whose child is "+a.how, func() {
			s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
			p := s.run("a", a.line+"\nuntil grep -q away out1; do sleep 0.02; done; exit 3")
			Expect(p.cleanStatus()).To(Equal(3))
			Expect(p.wrote()).To(Equal("away\n"))
			Expect(p.said()).To(BeEmpty())
		})
	}

	it("leaves nothing when the command is killed, and starts it again without", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartOnFailure})
		p := s.run("a", "if [ -e second ]; then echo again; exec sleep 1000; fi; touch second\n"+withAll("echo up; exec sleep 1000"))
		p.waitFor("up")
		Eventually(func() int { return len(s.living()) }).Should(BeNumerically(">", len(away)))
		Expect(syscall.Kill(s.pid("a"), syscall.SIGKILL)).To(Succeed())
		p.waitFor("again")
		Expect(len(s.living())).To(BeNumerically("<=", 2), "a process has no environment while it becomes another program")
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("leaves nothing when it is told to end", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways})
		p := s.run("a", withAll("echo up; exec sleep 1000"))
		p.waitFor("up")
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("leaves nothing of two hundred children", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways})
		p := s.run("a", "trap '' TERM; for i in $(seq 200); do setsid sleep 1000 & done; trap - TERM; echo up; wait")
		p.waitFor("up")
		Eventually(s.living).Should(HaveLen(202))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128+15), "it did not have to be killed")
	})

	it("leaves nothing of what forks on and on", func() {
		// Each of them lives for a moment, and leaves the next one behind.
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := s.run("a", `next() { (setsid bash -c "sleep 0.1; next" &); }; export -f next; for i in 1 2 3 4 5; do next; done; echo up; sleep 0.5; exit 3`)
		Expect(p.cleanStatus()).To(Equal(3))
		Expect(p.wrote()).To(Equal("up\n"))
	})

	it("reaps zombies while the command runs", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := s.run("a", "for i in $(seq 100); do (true &); done; echo up; exec sleep 1000")
		p.waitFor("up")
		Eventually(func() []processtree.Process { return processtree.Descendants(processtree.All(), p.Process.Pid) }).Should(HaveLen(1))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("does not end with a child that the command has left behind", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := s.run("a", "(bash -c 'exit 9' &); until [ -e now ]; do sleep 0.02; done; exit 3")
		NewWithT(t).Consistently(p.isOver, "300ms").Should(BeFalse())
		s.put("now", "", 0o644)
		Expect(p.cleanStatus()).To(Equal(3))
	})

	it("has the command end with it when it is killed", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways})
		p := s.run("a", "trap '' TERM; echo up; exec sleep 1000")
		p.waitFor("up")
		p.signal(syscall.SIGKILL)
		Expect(p.status()).To(Equal(137))
		Eventually(s.living).Should(BeEmpty())
	})

	it("has the command end with it after a restart, too", func() {
		s.specs(supervision.Spec{Name: "a", Restart: supervision.RestartAlways})
		p := s.run("a", "[ -e second ] || { touch second; exit 3; }; echo up; exec sleep 1000")
		p.waitFor("up")
		p.signal(syscall.SIGKILL)
		Expect(p.status()).To(Equal(137))
		Eventually(s.living).Should(BeEmpty())
	})
}
