//go:build linux

package supervise

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testMemory(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newSite(t) })

	it("lets a command have what it may", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 200 << 20, Restart: supervision.RestartAlways})
		p := s.run("a", "$CHILD eat 100")
		p.waitFor("eaten")
		NewWithT(t).Consistently(p.isOver, "1s").Should(BeFalse())
		Expect(s.state("a").Restarts).To(Equal(0))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("counts once what several processes share", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 150 << 20})
		p := s.run("a", "x=$(head -c 50000000 /dev/zero | tr '\\0' x); for i in 1 2 3 4 5 6 7; do (echo $i; read < <(sleep 1000)) & done; wait")
		for i := range 7 {
			p.waitFor(strconv.Itoa(i + 1))
		}
		var sum int64
		for _, one := range processtree.Descendants(processtree.All(), p.Process.Pid) {
			sum += one.Resident
		}
		Expect(sum).To(BeNumerically(">", 300<<20), "one by one")
		NewWithT(t).Consistently(p.isOver, "1s").Should(BeFalse(), p.said)
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("looks the sooner the less is left, and seldom where looking takes long", func() {
		const free, much = 0, 64 << 20
		for _, row := range []struct {
			left, grown int64
			cost, rest  time.Duration
			young       bool
		}{
			{left: 8 << 30, cost: free, rest: longestRest},
			{left: 1 << 29, cost: free, rest: 250 * time.Millisecond},
			{left: 1 << 20, cost: free, rest: calmRest},
			{left: 1 << 20, grown: -much, cost: free, rest: calmRest},
			{left: 1 << 20, cost: 50 * time.Microsecond, rest: 50 * time.Millisecond},
			{left: 1 << 20, cost: 300 * time.Microsecond, young: true, rest: 30 * time.Millisecond},
			{left: 1 << 20, grown: much, cost: free, rest: busyRest},
			{left: 1 << 28, grown: much, cost: free, rest: 62500 * time.Microsecond},
			{left: 1 << 20, grown: much, cost: time.Millisecond, rest: 10 * time.Millisecond},
			{left: 1 << 20, cost: time.Hour, rest: longestRest},
		} {
			Expect(restAfter(row.left, row.grown, row.cost, row.young)).To(Equal(row.rest), "%+v", row)
		}
	})

	it("finds a process that has been started since the last look, and only looks for one then", func() {
		p := s.startCommand(exec.Command(shell, "-c", "sleep 1000 & until [ -e now ]; do sleep 0.02; done; $CHILD eat 64 & wait"))
		w := newMemoryWatch(p.Process.Pid, 1<<40) // other specs have children of this process, too
		defer w.close()
		look := func() int64 {
			w.scan()
			return w.look()
		}
		Eventually(look).Should(BeNumerically(">", 0))
		Expect(look()).To(BeNumerically("<", 64<<20))
		s.put("now", "", 0o644)
		p.waitFor("eaten")
		Eventually(look).Should(BeNumerically(">=", 64<<20))
	})

	context("failure cases", func() {
		it("kills what takes more", func() {
			s.specs(supervision.Spec{Name: "a", MemoryLimit: 50 << 20})
			p := s.run("a", "trap '' TERM; $CHILD eat 200; echo still here")
			Expect(p.cleanStatus()).To(Equal(137))
			Expect(p.said()).To(MatchRegexp(`^\[supervise\] a: used \d+M of its 50M of memory; the app's instance ends with it\n$`))
			Expect(p.wrote()).NotTo(ContainSubstring("still here"))
		})

		it("kills what takes more all together, wherever it has gone", func() {
			s.specs(supervision.Spec{Name: "a", MemoryLimit: 120 << 20})
			p := s.run("a", "for i in 1 2 3; do setsid bash -c '$CHILD eat 50 & sleep 1000' & done; sleep 1000")
			Expect(p.cleanStatus()).To(Equal(137))
			Expect(p.said()).To(ContainSubstring("M of its 120M of memory; ")) // none of them has as much
		})

		it("starts it again, where it is to be", func() {
			s.specs(supervision.Spec{Name: "a", MemoryLimit: 50 << 20, Restart: supervision.RestartOnFailure, RestartLimit: 1})
			p := s.run("a", filepath.Join(built, "child")+" eat 200")
			Eventually(func() string { return s.state("a").LastError }).Should(MatchRegexp(`^it used \d+M of its 50M of memory$`))
			Expect(p.cleanStatus()).To(Equal(137))
			Expect(p.said()).To(MatchRegexp(`(?s)^\[supervise\] a: used \d+M of its 50M of memory; it is started again in 1s \(restart 1 of 1\)\n` +
				`\[supervise\] a: used \d+M of its 50M of memory; its restart limit is 1, so the app's instance ends with it\n$`))
		})
	})
}
