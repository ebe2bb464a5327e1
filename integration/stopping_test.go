package integration_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
)

func testStopping(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	pushed := func(besideCommand string) *session {
		directory := app(t, map[string]string{
			"Procfile":     "web: echo ready; exec sleep 1000",
			"sidecars.yml": fmt.Sprintf("- name: beside\n  command: %q\n", besideCommand),
			"manifest.yml": "applications: [{name: stopping, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
		s := sidecar(t, directory, "push")
		s.expectLine("APP/PROC/WEB/0", "ready")
		s.expectLine("APP/PROC/WEB/SIDECAR/BESIDE/0", "ready")
		return s
	}
	const stubborn = `trap '' TERM; echo ready; while true; do sleep 0.1; done`

	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		it("stops at "+signal.String()+", and leaves nothing", func() {
			s := pushed("echo ready; exec sleep 1000")
			NewWithT(t).Eventually(s.Signal(signal)).Should(gexec.Exit(0), s.log)
			Expect(s.log()).To(ContainSubstring("[APP/PROC/WEB/0] OUT Exit status 143\n"))
			Expect(s.log()).To(ContainSubstring("[APP/PROC/WEB/SIDECAR/BESIDE/0] OUT Exit status 143\n"))
			s.expectNothingLeft()
		})
	}

	it("kills after ten seconds what does not end at SIGTERM (CF-17)", func() {
		s := pushed(stubborn)
		began := time.Now()
		NewWithT(t).Eventually(s.Terminate()).Should(gexec.Exit(0), s.log)
		Expect(time.Since(began)).To(BeNumerically(">=", 10*time.Second))
		Expect(s.log()).To(ContainSubstring("[APP/PROC/WEB/SIDECAR/BESIDE/0] OUT Exit status 137 (exceeded 10s graceful shutdown interval)\n"))
		s.expectNothingLeft()
	})

	it("does not wait that long at a second signal", func() {
		s := pushed(stubborn)
		s.Terminate()
		s.expectLine("APP/PROC/WEB/0", "Exit status 143")
		time.Sleep(300 * time.Millisecond) // a signal at once is taken for the echo of the first
		s.Interrupt()
		NewWithT(t).Eventually(s.Session).Should(gexec.Exit(0))
		Expect(s.log()).To(ContainSubstring("[APP/PROC/WEB/SIDECAR/BESIDE/0] OUT Exit status 137\n"), "no interval was exceeded")
		s.expectNothingLeft()
	})

	flood := func() string {
		return app(t, map[string]string{
			"Procfile":     "web: while true; do echo line; done",
			"manifest.yml": "applications: [{name: piped, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
	}

	it("stops when the reader of its log is gone", func() {
		s := start(t, flood(), nil, exec.Command("bash", "-c", `set -o pipefail; "$0" push --lifecycle "$1" | head -n 20`, built.sidecar, built.lifecycle))
		NewWithT(t).Eventually(s.Session).Should(gexec.Exit(0))
		s.expectNothingLeft()
	})

	it("stops when it is told to, even if its log is not read", func() {
		read, write, err := os.Pipe()
		Expect(err).NotTo(HaveOccurred())
		defer read.Close()
		tmp := t.TempDir()
		command := exec.Command(built.sidecar, "push", "--lifecycle", built.lifecycle)
		command.Dir, command.Stdout = flood(), write
		command.Env = append(os.Environ(), "TMPDIR="+tmp)
		Expect(command.Start()).To(Succeed())
		Expect(write.Close()).To(Succeed())
		lines := bufio.NewReader(read)
		NewWithT(t).Eventually(func() (string, error) { return lines.ReadString('\n') }).Should(HaveSuffix("[APP/PROC/WEB/0] OUT line\n"))

		ended := make(chan error, 1)
		go func() { ended <- command.Wait() }()
		Expect(command.Process.Signal(syscall.SIGTERM)).To(Succeed())
		NewWithT(t).Eventually(ended).Should(Receive(BeNil()))
		Expect(os.ReadDir(tmp)).To(BeEmpty())
		Expect(processesIn(tmp)).To(BeEmpty())
	})

	it("lets the reader of its log read to the end, even where a shell has made it its child", func() {
		directory := app(t, map[string]string{
			"Procfile":     "web: echo ready; exec sleep 1000",
			"manifest.yml": "applications: [{name: read, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
		s := start(t, directory, nil, exec.Command("bash", "-c",
			`exec "$0" push --lifecycle "$1" > >(while read -r line; do sleep 0.02; echo "$line"; done; echo the end of the log)`, built.sidecar, built.lifecycle))
		s.expectLine("APP/PROC/WEB/0", "ready")
		s.Interrupt()
		NewWithT(t).Eventually(s.log).Should(ContainSubstring("the end of the log"))
		Expect(s.log()).To(ContainSubstring("[APP/PROC/WEB/0] OUT Exit status 143"))
		Expect(s.log()).To(ContainSubstring("Cell local successfully destroyed container"))
	})

	it("loses no line to a slow reader", func() {
		directory := app(t, map[string]string{
			"Procfile":     "web: for i in $(seq 3000); do echo this is line $i of many; done; echo the last words; exit 3",
			"manifest.yml": "applications: [{name: slow, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
		s := start(t, directory, nil, exec.Command("bash", "-c",
			`"$0" push --lifecycle "$1" | (sleep 2; while read -r line; do echo "$line"; case $line in *"Process has crashed"*) break;; esac; done)`, built.sidecar, built.lifecycle))
		NewWithT(t).Eventually(s.Session).Should(gexec.Exit(0))
		Expect(strings.Count(s.log(), "[APP/PROC/WEB/0] OUT this is line ")).To(Equal(3000))
		Expect(s.log()).To(MatchRegexp(`(?s)OUT the last words\n.*\[APP/PROC/WEB/0\] OUT Exit status 3\n`))
		s.expectNothingLeft()
	})

	it("stops while it copies what is staged", func() {
		bp := app(t, map[string]string{"bin/supply.sh": "#!/bin/sh\n"})
		Expect(os.Symlink("supply.sh", filepath.Join(bp, "bin", "supply"))).To(Succeed())
		// In a buildpack: an app of this size would be refused.
		large, err := os.Create(filepath.Join(bp, "large"))
		Expect(err).NotTo(HaveOccurred())
		Expect(large.Truncate(64 << 30)).To(Succeed()) // more than there is time for
		Expect(large.Close()).To(Succeed())
		s := sidecar(t, app(t, map[string]string{"Procfile": "web: x"}), "push", "-b", bp, "-b", "sidecar_buildpack")
		NewWithT(t).Eventually(s.log).Should(ContainSubstring("Preparing to stage … "))
		NewWithT(t).Eventually(s.Interrupt()).Should(gexec.Exit(1))
		Expect(string(s.Err.Contents())).To(Equal("FAILED\nstaging was stopped: by a signal\n"))
		s.expectNothingLeft()
	})

	it("ends what a buildpack has left running, even with the output open", func() {
		bp := app(t, map[string]string{"bin/supply.sh": "#!/bin/sh\nenv -i setsid /bin/sleep 1000 &\n"})
		Expect(os.Symlink("supply.sh", filepath.Join(bp, "bin", "supply"))).To(Succeed())
		stage(t, app(t, map[string]string{"Procfile": "web: x"}), "-b", bp, "-b", buildpack("plain"))
	})

	it("stops a staging, and leaves no droplet", func() {
		bp := app(t, map[string]string{"bin/supply.sh": "#!/bin/sh\necho supplying\nsleep 1000 &\nsleep 1000\n"})
		Expect(os.Symlink("supply.sh", filepath.Join(bp, "bin", "supply"))).To(Succeed())
		output := filepath.Join(t.TempDir(), "droplet")
		s := sidecar(t, app(t, map[string]string{"Procfile": "web: x"}), "stage", "-o", output, "-b", bp, "-b", buildpack("plain"))
		s.expectLine("STG/0", "supplying")
		s.expectLine("STG/0", "Staging ") // it is quiet for more than a second
		NewWithT(t).Eventually(s.Interrupt()).Should(gexec.Exit(1))
		Expect(string(s.Err.Contents())).To(Equal("FAILED\nstaging was stopped: by a signal\n"))
		Expect(output).NotTo(BeADirectory())
		s.expectNothingLeft()
	})
}
