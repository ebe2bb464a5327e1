package processtree_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

func testProcesses(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)

	it("reads a process, whatever its name", func() {
		for _, name := range []string{"name", ") Z 1 (", ") ", ")) ) )", "a\nb) S 1 2", "\n) X 1", "(", "   ", "\x01\xff", "é) R 0 0 0"} {
			process := start(t, 0, "name", name)
			content, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", process.Pid))
			Expect(err).NotTo(HaveOccurred())
			Expect(string(content)).To(Equal(name + "\n"))
			Expect(process.Parent).To(Equal(os.Getpid()), "%q", name)
			Expect(process.Zombie).To(BeFalse(), "%q", name)
			Expect(process.Resident).To(And(BeNumerically(">", 1<<20), BeNumerically("<", 1<<30)), "%q", name)
			Expect(process.Start).To(BeNumerically(">=", processtree.Start(os.Getpid())), "%q", name)
			Expect(processtree.Start(process.Pid)).To(Equal(process.Start))
			Expect(processtree.InnermostPid(process.Pid)).To(Equal(process.Pid), "in the tests' own namespace")
		}
	})

	it("tells a zombie", func() {
		command := exec.Command("true")
		Expect(command.Start()).To(Succeed())
		defer func() { _ = command.Wait() }()
		Eventually(func() bool {
			process, ok := processtree.Find(command.Process.Pid)
			return ok && process.Zombie
		}, "1m").Should(BeTrue())
		Expect(processtree.Start(command.Process.Pid)).To(BeZero())
	})

	it("tells a thread from a process", func() {
		entries, err := os.ReadDir("/proc/self/task")
		Expect(err).NotTo(HaveOccurred())
		Expect(len(entries)).To(BeNumerically(">", 1), "each Go program has several")
		for _, entry := range entries {
			id, err := strconv.Atoi(entry.Name())
			Expect(err).NotTo(HaveOccurred())
			if _, ok := processtree.Find(id); ok { // or it has just ended
				Expect(processtree.IsThread(id)).To(Equal(id != os.Getpid()))
			}
		}
		Expect(processtree.IsThread(1 << 30)).To(BeFalse())
	})

	it("reads the environment that a process was started with", func() {
		sleep := exec.Command("sleep", "1000")
		sleep.Env = []string{"A=1", "B=two words"}
		Expect(sleep.Start()).To(Succeed())
		Expect(processtree.Environ(sleep.Process.Pid)).To(Equal(sleep.Env))
		Expect(sleep.Process.Kill()).To(Succeed())
		Expect(sleep.Wait()).NotTo(Succeed())
		Expect(processtree.Environ(sleep.Process.Pid)).To(BeEmpty())
	})

	it("finds all that descends from a process, parents first", func() {
		all := []processtree.Process{{Pid: 4, Parent: 3}, {Pid: 2, Parent: 1}, {Pid: 3, Parent: 2}, {Pid: 9, Parent: 1}, {Pid: 5, Parent: 2, Zombie: true}, {Pid: 6, Parent: 5}}
		Expect(processtree.Descendants(all, 2)).To(Equal([]processtree.Process{all[2], all[4], all[0], all[5]}))
		Expect(processtree.Descendants(all, 9)).To(BeEmpty())
		Expect(processtree.Descendants(nil, 1)).To(BeEmpty())
		Expect(processtree.Family(all, 2)).To(Equal([]processtree.Process{all[1], all[2], all[4], all[0], all[5]}))
		Expect(processtree.Family(all, 7)).To(BeEmpty())
	})

	it("sees what runs", func() {
		parent := start(t, 1, "fork", "name", "child")
		Expect(processtree.All()).To(ContainElement(HaveField("Pid", os.Getpid())))
		Expect(processtree.Descendants(processtree.All(), parent.Pid)).To(HaveExactElements(HaveField("Parent", parent.Pid)))
	})

	context("failure cases", func() {
		it("leaves out what has ended", func() {
			command := exec.Command("true")
			Expect(command.Run()).To(Succeed())
			_, ok := processtree.Find(command.Process.Pid)
			Expect(ok).To(BeFalse())
			Expect(processtree.Start(command.Process.Pid)).To(BeZero())
			Expect(processtree.InnermostPid(command.Process.Pid)).To(BeZero())
		})
	})
}
