//go:build linux

package supervise

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testTask(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)

	// named runs a process of this name.
	named := func(name string) *exec.Cmd {
		t.Helper()
		command := exec.Command(filepath.Join(built, "child"), "name", name)
		_, err := command.StdinPipe() // it ends with it
		Expect(err).NotTo(HaveOccurred())
		stdout, err := command.StdoutPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(command.Start()).To(Succeed())
		t.Cleanup(func() {
			_ = command.Process.Kill()
			_ = command.Wait()
		})
		_, err = stdout.Read(make([]byte, 1))
		Expect(err).NotTo(HaveOccurred())
		return command
	}

	it("reads a process, whatever its name", func() {
		buffer := make([]byte, 1024)
		for _, name := range []string{"name", ") Z 1 (", ") ", ")) ) )", "a\nb) S 1 2", "\n) X 1", "(", "   ", "\x01\xff", "é) R 0 0 0"} {
			command := named(name)
			content, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", command.Process.Pid))
			Expect(err).NotTo(HaveOccurred())
			Expect(string(content)).To(Equal(name + "\n"))
			read, ok := readTask(strconv.Itoa(command.Process.Pid), buffer)
			Expect(ok).To(BeTrue(), "%q", name)
			Expect(read.parent).To(Equal(os.Getpid()), "%q", name)
			Expect(read.pid).To(Equal(command.Process.Pid))
			Expect(read.zombie).To(BeFalse(), "%q", name)
			Expect(read.resident).To(And(BeNumerically(">", 1<<20), BeNumerically("<", 1<<30)), "%q", name)
			Expect(born(command.Process.Pid)).To(MatchRegexp(`^\d+$`), "%q", name)
			Expect(born(command.Process.Pid)).To(Equal(born(command.Process.Pid)))
		}
	})

	it("tells a zombie", func() {
		command := exec.Command("true")
		Expect(command.Start()).To(Succeed())
		defer func() { _ = command.Wait() }()
		Eventually(func() bool {
			read, ok := readTask(strconv.Itoa(command.Process.Pid), make([]byte, 1024))
			return ok && read.zombie
		}).Should(BeTrue())
		Expect(born(command.Process.Pid)).To(BeEmpty())
		Expect(witness{pid: command.Process.Pid, born: "1"}.gone()).To(BeTrue())
	})

	it("tells a process from another one of the same number", func() {
		w := witness{pid: os.Getpid(), born: born(os.Getpid())}
		Expect(w.gone()).To(BeFalse())
		w.born += "0"
		Expect(w.gone()).To(BeTrue())
	})

	it("finds all that descends from a process", func() {
		all := []task{{pid: 2, parent: 1}, {pid: 3, parent: 2}, {pid: 9, parent: 1}, {pid: 4, parent: 3}, {pid: 5, parent: 2, zombie: true}, {pid: 6, parent: 5}}
		Expect(below(all, 2)).To(ConsistOf(all[1], all[3], all[4], all[5]))
		Expect(below(all, 9)).To(BeEmpty())
		Expect(below(nil, 1)).To(BeEmpty())
	})

	it("prints sizes, and none that is too small", func() {
		Expect(megabytes(1 << 20)).To(Equal("1M"))
		Expect(megabytes(1<<20 + 1)).To(Equal("2M"))
		Expect(megabytes(300 << 20)).To(Equal("300M"))
	})

	context("failure cases", func() {
		it("leaves out what has ended", func() {
			command := exec.Command("true")
			Expect(command.Run()).To(Succeed())
			_, ok := readTask(strconv.Itoa(command.Process.Pid), make([]byte, 1024))
			Expect(ok).To(BeFalse())
			Expect(born(command.Process.Pid)).To(BeEmpty())
		})

		it("knows of no main process where none is named", func() {
			file := filepath.Join(t.TempDir(), "main")
			Expect(allGone(mainProcesses(file))).To(BeFalse())
			own := strconv.Itoa(os.Getpid())
			for _, content := range []string{"", "\n", "x", "99999999999999999999", "999999999\nx\n", own + "\n", "999999999\n" + own + "\n"} {
				Expect(os.WriteFile(file, []byte(content), 0o644)).To(Succeed())
				Expect(allGone(mainProcesses(file))).To(BeFalse(), content)
			}
			for _, content := range []string{"0", "-1", "999999999", "999999999\n999999998\n"} {
				Expect(os.WriteFile(file, []byte(content), 0o644)).To(Succeed())
				Expect(allGone(mainProcesses(file))).To(BeTrue(), content)
			}
		})
	})
}

func testMemory(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newSite(t) })

	it("lets a command have what it may", func() {
		s.specs(Spec{Name: "a", Memory: 200 << 20, Restart: RestartAlways})
		p := s.run("a", "$CHILD eat 100")
		p.waitFor("eaten")
		NewWithT(t).Consistently(p.isOver, "1s").Should(BeFalse())
		Expect(s.state("a").Restarts).To(Equal(0))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("counts once what several processes share", func() {
		s.specs(Spec{Name: "a", Memory: 150 << 20})
		p := s.run("a", "x=$(head -c 50000000 /dev/zero | tr '\\0' x); for i in 1 2 3 4 5 6 7; do (echo $i; read < <(sleep 1000)) & done; wait")
		for i := range 7 {
			p.waitFor(strconv.Itoa(i + 1))
		}
		Expect(resident(p.Process.Pid, 1<<40)).To(BeNumerically(">", 300<<20), "by itself")
		NewWithT(t).Consistently(p.isOver, "1s").Should(BeFalse(), p.said)
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	it("takes a process with memory of its own as it is, where the kernel does not tell more", func() {
		Expect(proportional(task{pid: 1 << 30, resident: 7})).To(Equal(int64(7)))
		Expect(proportional(task{pid: os.Getpid()})).To(BeNumerically(">", 1<<20))
	})

	context("failure cases", func() {
		it("kills what takes more", func() {
			s.specs(Spec{Name: "a", Memory: 50 << 20})
			p := s.run("a", "trap '' TERM; $CHILD eat 200; echo still here")
			Expect(p.cleanStatus()).To(Equal(137))
			Expect(p.said()).To(MatchRegexp(`^\[supervise\] a: used \d+M of its 50M of memory; the app's instance ends with it\n$`))
			Expect(p.wrote()).NotTo(ContainSubstring("still here"))
		})

		it("kills what takes more all together, wherever it has gone", func() {
			s.specs(Spec{Name: "a", Memory: 120 << 20})
			p := s.run("a", "for i in 1 2 3; do setsid bash -c '$CHILD eat 50 & sleep 1000' & done; sleep 1000")
			Expect(p.cleanStatus()).To(Equal(137))
			Expect(p.said()).To(ContainSubstring("M of its 120M of memory; "))
			Expect(strings.Count(p.wrote(), "eaten")).To(BeNumerically(">=", 2))
		})

		it("starts it again, where it is to be", func() {
			s.specs(Spec{Name: "a", Memory: 50 << 20, Restart: RestartOnFailure, RestartLimit: 1})
			p := s.run("a", filepath.Join(built, "child")+" eat 200")
			Eventually(s.phase("a")).Should(Equal(PhaseRestarting))
			Expect(s.state("a").Answer).To(MatchRegexp(`^it used \d+M of its 50M of memory$`))
			Expect(p.cleanStatus()).To(Equal(137))
			Expect(p.said()).To(MatchRegexp(`(?s)^\[supervise\] a: used \d+M of its 50M of memory; it is started again in 1s \(restart 1 of 1\)\n` +
				`\[supervise\] a: used \d+M of its 50M of memory; its restart limit is 1, so that the app's instance ends with it\n$`))
		})
	})
}
