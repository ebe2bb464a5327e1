package processtree_test

import (
	"bufio"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

func testHandlers(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// started is a shell that runs a script, which has printed a line; all of it ends with
	// the test.
	started := func(script string) (pid int, line string) {
		t.Helper()
		command := exec.Command("bash", "-c", script)
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		output, err := command.StdoutPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(command.Start()).To(Succeed())
		t.Cleanup(func() {
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
			_ = command.Wait()
		})
		line, err = bufio.NewReader(output).ReadString('\n')
		Expect(err).NotTo(HaveOccurred())
		return command.Process.Pid, line[:len(line)-1]
	}
	handlers := func(pid int, signal syscall.Signal) (pids []string) {
		for _, p := range processtree.Handlers(processtree.All(), pid, signal) {
			pids = append(pids, strconv.Itoa(p.Pid))
		}
		return pids
	}

	it("is the process itself if it handles the signal, and none of its descendants then", func() {
		pid, _ := started(`trap : HUP; (trap : HUP; echo up; ` + "while true; do sleep 0.1; done" + `) & while true; do wait; done`)
		Expect(handlers(pid, syscall.SIGHUP)).To(Equal([]string{strconv.Itoa(pid)}))
		Expect(handlers(pid, syscall.SIGUSR1)).To(BeEmpty())
	})

	it("is the program behind shells that would be ended by the signal", func() {
		pid, program := started(`bash -c 'bash -c "trap : HUP; echo \$\$; while true; do sleep 0.1; done"; true' & sleep 1000 & wait; true`)
		Expect(handlers(pid, syscall.SIGHUP)).To(Equal([]string{program}))
	})

	it("is nothing where there is no such process, or no such signal", func() {
		Expect(handlers(999999999, syscall.SIGHUP)).To(BeEmpty())
		pid, _ := started(`trap : HUP; echo up; while true; do sleep 0.1; done`)
		Expect(handlers(pid, 0)).To(BeEmpty())
		Expect(handlers(pid, 99)).To(BeEmpty())
	})
}
