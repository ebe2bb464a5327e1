package integration_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/procfs"
	"github.com/sclevine/spec"
)

// testPressure has an app and its sidecar fill at once what each believes that it
// may use, in a container for both.
func testPressure(t *testing.T, context spec.G, it spec.S) {
	const (
		container = 512 // MB
		// enough is the most that a program holds, in MB: more than the container
		// has, but no harm to a machine that sets no limit.
		enough           = 640
		web, sidecarLine = "APP/PROC/WEB/0", "APP/PROC/WEB/SIDECAR/BESIDE/0"
	)
	var Expect = NewWithT(t).Expect

	type pair struct {
		name         string
		app, sidecar string
		reserved     int // MB, for the sidecar
	}
	pairs := []pair{
		{"a JVM that is given three quarters, and Node.js", "java -XX:MaxRAMPercentage=75 Limits", "node limits.js", 192},
		{"a JVM that is told nothing, and Go", "java Limits", "./limits", 256},
		{"Node.js and Go", "node limits.js", "./limits", 192},
	}

	it.Before(func() {
		need(t, "java", "javac", "node")
	})

	// push starts a pair that stays full for some seconds, the sidecar with a
	// reservation or, where that is 0, without.
	push := func(p pair, reserved, seconds int, lifecycle string, environment ...string) *session {
		t.Helper()
		command := func(program string) string { return fmt.Sprintf("exec %s fill %d %d", program, seconds, enough) }
		sidecars := fmt.Sprintf("- name: beside\n  command: %s\n", command(p.sidecar))
		if reserved > 0 {
			sidecars += fmt.Sprintf("  memory: %dM\n", reserved)
		}
		directory := runtimesApp(t, map[string]string{
			"Procfile":     "web: " + command(p.app),
			"sidecars.yml": sidecars,
			"manifest.yml": fmt.Sprintf("applications:\n- name: full\n  memory: %dM\n  health-check-type: process\n  env: {%s}\n", container, strings.Join(environment, ", ")),
		})
		return startSidecar(t, directory, nil, "push", "-b", "sidecar_buildpack", "--lifecycle", lifecycle)
	}
	// expectBoth waits until both programs have said something, with neither
	// crashing before.
	expectBoth := func(s *session, said string) {
		t.Helper()
		both := func(log string) bool {
			for _, source := range []string{web, sidecarLine} {
				if !regexp.MustCompile(regexp.QuoteMeta("["+source+"] OUT ") + said + "\n").MatchString(log) {
					return false
				}
			}
			return true
		}
		NewWithT(t).Eventually(func() bool { return both(s.log()) || strings.Contains(s.log(), "Exit status") }).Should(BeTrue(), s.log)
		Expect(s.log()).NotTo(ContainSubstring("Exit status"))
	}
	expectKilled := func(s *session, group *memoryGroup) {
		t.Helper()
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`"exit_description"=>"APP/PROC/WEB[^"]*: Exited with status 137"`))
		Expect(s.log()).To(ContainSubstring("Exit status 137\n"))
		Expect(group.kills()).NotTo(BeZero(), "what has ended was not killed for memory")
		Expect(s.log()).NotTo(ContainSubstring("has survived"))
	}

	it("leaves every pair that has the reservation alive for a minute, together in one container's memory", func() {
		// Side by side, so that it takes one minute and not three.
		groups, sessions := make([]*memoryGroup, len(pairs)), make([]*session, len(pairs))
		for i, p := range pairs {
			groups[i] = limitMemory(t, container)
			sessions[i] = push(p, p.reserved, 60, groups[i].lifecycle())
		}
		for i, p := range pairs {
			expectBoth(sessions[i], `\w+ has survived 60 s`)
			resident, peak := peaks(t, sessions[i]), groups[i].peak()
			t.Logf("%s: at most %d MB resident, %d MB in the group", p.name, resident, peak)
			Expect(groups[i].kills()).To(BeZero(), p.name)
			Expect(resident).To(BeNumerically("<=", container), p.name)
			Expect(peak).To(BeNumerically("<=", container), p.name)
		}
		for i, s := range sessions {
			s.stop()
			Expect(s.log()).NotTo(ContainSubstring("has crashed"), pairs[i].name)
		}
	})

	for _, p := range pairs {
		it("has the pair killed for memory without the reservation: "+p.name, func() {
			group := limitMemory(t, container)
			s := push(p, 0, 60, group.lifecycle())
			expectKilled(s, group)
			s.end()
		})

		it("goes over the container's memory without the reservation alone: "+p.name, func() {
			with, without := push(p, p.reserved, 5, built.lifecycle), push(p, 0, 5, built.lifecycle)
			expectBoth(with, `\w+ has survived 5 s`)
			expectBoth(without, `\w+ has survived 5 s`)
			within, over := peaks(t, with), peaks(t, without)
			t.Logf("%s: at most %d MB resident with the reservation, %d MB without", p.name, within, over)
			Expect(within).To(BeNumerically("<=", container))
			Expect(over).To(BeNumerically(">", container))
			with.stop()
			without.stop()
		})
	}

	it("has the pair killed with the reservation where the runtimes are not told of it", func() {
		group := limitMemory(t, container)
		s := push(pairs[0], pairs[0].reserved, 60, group.lifecycle(), "SIDECARS_RUNTIME_LIMITS: 'off'")
		expectKilled(s, group)
		s.end()
	})
}

// peaks is the sum of the most resident memory that an app and its sidecar had,
// in MB.
func peaks(t *testing.T, s *session) int {
	t.Helper()
	Expect := NewWithT(t).Expect
	all, err := procfs.AllProcs()
	Expect(err).NotTo(HaveOccurred())
	found, sum := 0, uint64(0)
	for _, p := range all {
		if name, err := p.Comm(); err != nil || name == "container" || !isIn(fmt.Sprintf("/proc/%d", p.PID), s.tmp) {
			continue // it has ended, is the container's init, or is another's
		}
		status, err := p.NewStatus()
		Expect(err).NotTo(HaveOccurred())
		found++
		sum += status.VmHWM
	}
	Expect(found).To(Equal(2))
	return int(sum >> 20)
}
