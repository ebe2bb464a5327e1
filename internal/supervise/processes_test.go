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
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

func testProcesses(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("tells a process from another one of the same number", func() {
		own := identify(os.Getpid())
		Expect(own.ended()).To(BeFalse())
		own.start++
		Expect(own.ended()).To(BeTrue())
		Expect(processID{}.ended()).To(BeTrue())
	})

	it("waits for a process to end, and no longer than it may", func() {
		command := exec.Command("sleep", "1000")
		Expect(command.Start()).To(Succeed())
		defer func() { _ = command.Wait() }()
		process := identify(command.Process.Pid)
		process.awaitEnd(time.Now())
		Expect(process.ended()).To(BeFalse())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			process.awaitEnd(time.Now().Add(time.Hour))
		}()
		NewWithT(t).Consistently(ended, "100ms").ShouldNot(BeClosed())
		Expect(command.Process.Kill()).To(Succeed()) // a zombie, then
		NewWithT(t).Eventually(ended).Should(BeClosed())
		Expect(process.ended()).To(BeTrue())
	})

	it("reads the main processes", func() {
		file := filepath.Join(t.TempDir(), "main")
		Expect(os.WriteFile(file, []byte("999999999\n"+strconv.Itoa(os.Getpid())+"\n"), 0o644)).To(Succeed())
		all, known := appProcesses(file)
		Expect(known).To(BeTrue())
		Expect(all).To(HaveLen(2))
		Expect(all[0].ended()).To(BeTrue())
		Expect(all[1].ended()).To(BeFalse())
	})

	it("does not take a later process for that which was noted", func() {
		file := filepath.Join(t.TempDir(), "main")
		pid, start := os.Getpid(), processtree.Start(os.Getpid())
		Expect(os.WriteFile(file, fmt.Appendf(nil, "%d %d\n%d %d\n", pid, start, pid, start-1), 0o644)).To(Succeed())
		all, known := appProcesses(file)
		Expect(known).To(BeTrue())
		Expect(all[0].ended()).To(BeFalse())
		Expect(all[1].ended()).To(BeTrue())
	})

	context("failure cases", func() {
		it("knows of no main process where none is named, or there is no such file", func() {
			file := filepath.Join(t.TempDir(), "main")
			unknown := func(why string) {
				t.Helper()
				_, known := appProcesses(file)
				Expect(known).To(BeFalse(), why)
			}
			unknown("missing")
			for _, content := range []string{"", "\n", "x", "1 x", "1 2 3", "99999999999999999999", "999999999\nx\n", strings.Repeat("1\n", maxAppFile)} {
				Expect(os.WriteFile(file, []byte(content), 0o644)).To(Succeed())
				unknown(content[:min(len(content), 30)])
			}
			Expect(os.Remove(file)).To(Succeed())
			Expect(syscall.Mkfifo(file, 0o644)).To(Succeed())
			unknown("named pipe")
		})
	})
}
