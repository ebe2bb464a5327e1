package onchange_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/onchange"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// testSignal notifies an app in a real shell of changes.
func testSignal(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		file       string
	)
	do := func(signal string) (string, error) {
		t.Helper()
		action, err := onchange.Read([]string{`SIDECAR_ON_CHANGE={"signal":"` + signal + `"}`, "SIDECAR_APP_PROCESSES=" + file})
		Expect(err).NotTo(HaveOccurred())
		return action.Do(context.Background())
	}
	// app runs a script until it has printed up, and writes its process id to the file.
	app := func(script string) (pid int, output *gbytes.Buffer) {
		t.Helper()
		command := exec.Command("bash", "-c", script)
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		pipe, err := command.StdoutPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(command.Start()).To(Succeed())
		output = gbytes.NewBuffer()
		read := make(chan struct{})
		go func() {
			defer close(read)
			_, _ = io.Copy(output, bufio.NewReader(pipe)) // until all writers have ended
		}()
		t.Cleanup(func() {
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
			<-read
			_ = command.Wait()
		})
		Eventually(output, "1m").Should(gbytes.Say("up\n"))
		Expect(os.WriteFile(file, fmt.Appendf(nil, "%d %d\n", command.Process.Pid, processtree.Start(command.Process.Pid)), 0o600)).To(Succeed())
		return command.Process.Pid, output
	}

	it.Before(func() { file = filepath.Join(t.TempDir(), "main") })

	it("reaches the program that handles it, and not the shell that started the program", func() {
		pid, output := app(`bash -c "trap 'echo told' HUP; echo up; while true; do sleep 0.05; done"; echo ended`)
		Expect(do("HUP")).To(Equal("sent SIGHUP to the app"))
		Eventually(output, "1m").Should(gbytes.Say("told\n"))
		Expect(do("HUP")).To(Equal("sent SIGHUP to the app"))
		Eventually(output, "1m").Should(gbytes.Say("told\n"))
		Expect(processtree.Start(pid)).NotTo(BeZero())
		Expect(string(output.Contents())).NotTo(ContainSubstring("ended"))
	})

	it("does not terminate an app that does not handle the signal, and says so", func() {
		pid, _ := app("echo up; while true; do sleep 0.05; done")
		_, err := do("USR1")
		Expect(err).To(MatchError("none of its processes handles SIGUSR1, and the signal would terminate the others"))
		Expect(processtree.Start(pid)).NotTo(BeZero())
	})

	it("does not mistake a later process for the app", func() {
		_, output := app("trap 'echo told' HUP; echo up; while true; do sleep 0.05; done")
		content, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(file, []byte(strings.TrimSpace(string(content))+"0\nx\n\n1\n"), 0o600)).To(Succeed())
		_, err = do("HUP")
		Expect(err).To(MatchError(file + " names no running process of the app"))
		Expect(string(output.Contents())).NotTo(ContainSubstring("told"))
	})
}
