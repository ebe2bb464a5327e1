package processtree

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
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
			Expect(process.Start).To(BeNumerically(">=", Start(os.Getpid())), "%q", name)
			Expect(Start(process.Pid)).To(Equal(process.Start))
			Expect(InnermostPid(process.Pid)).To(Equal(process.Pid), "in the tests' own namespace")
		}
	})

	it("tells a zombie", func() {
		command := exec.Command("true")
		Expect(command.Start()).To(Succeed())
		defer func() { _ = command.Wait() }()
		Eventually(func() bool {
			process, ok := Find(command.Process.Pid)
			return ok && process.Zombie
		}, "1m").Should(BeTrue())
		Expect(Start(command.Process.Pid)).To(BeZero())
	})

	it("tells a thread from a process", func() {
		entries, err := os.ReadDir("/proc/self/task")
		Expect(err).NotTo(HaveOccurred())
		Expect(len(entries)).To(BeNumerically(">", 1), "each Go program has several")
		for _, entry := range entries {
			id, err := strconv.Atoi(entry.Name())
			Expect(err).NotTo(HaveOccurred())
			if _, ok := Find(id); ok { // or it has just ended
				Expect(IsThread(id)).To(Equal(id != os.Getpid()))
			}
		}
		Expect(IsThread(1 << 30)).To(BeFalse())
	})

	it("finds all that descends from a process, parents first", func() {
		all := []Process{{Pid: 4, Parent: 3}, {Pid: 2, Parent: 1}, {Pid: 3, Parent: 2}, {Pid: 9, Parent: 1}, {Pid: 5, Parent: 2, Zombie: true}, {Pid: 6, Parent: 5}}
		Expect(Descendants(all, 2)).To(Equal([]Process{all[2], all[4], all[0], all[5]}))
		Expect(Descendants(all, 9)).To(BeEmpty())
		Expect(Descendants(nil, 1)).To(BeEmpty())
		Expect(Family(all, 2)).To(Equal([]Process{all[1], all[2], all[4], all[0], all[5]}))
		Expect(Family(all, 7)).To(BeEmpty())
	})

	it("sees what runs", func() {
		parent := start(t, 1, "fork", "name", "child")
		Expect(All()).To(ContainElement(HaveField("Pid", os.Getpid())))
		Expect(Descendants(All(), parent.Pid)).To(HaveExactElements(HaveField("Parent", parent.Pid)))
	})

	context("failure cases", func() {
		it("leaves out what has ended", func() {
			command := exec.Command("true")
			Expect(command.Run()).To(Succeed())
			_, ok := Find(command.Process.Pid)
			Expect(ok).To(BeFalse())
			Expect(Start(command.Process.Pid)).To(BeZero())
			Expect(InnermostPid(command.Process.Pid)).To(BeZero())
		})

		it("reads nothing where there are not all fields", func() {
			const whole = "7 (a) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 44 0 3"
			process, ok := parse("7", []byte(whole))
			Expect(ok).To(BeTrue())
			Expect(process).To(Equal(Process{Pid: 7, Parent: 1, Start: 44, Resident: 3 * int64(os.Getpagesize())}))
			for _, stat := range []string{"", ")", "7 (a) S 1", whole[:len(whole)-2], "7 (a) S x" + whole[9:], whole[:len(whole)-1] + "x"} {
				_, ok := parse("7", []byte(stat))
				Expect(ok).To(BeFalse(), stat)
			}
		})
	})
}
