package integration_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testCrashing(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// pids are what a source has written as "pid N", oldest first.
	pids := func(s *session, source string) []int {
		var found []int
		for _, match := range regexp.MustCompile(`\[`+regexp.QuoteMeta(source)+`\] OUT pid ([0-9]+)\n`).FindAllStringSubmatch(s.log(), -1) {
			pid, err := strconv.Atoi(match[1])
			Expect(err).NotTo(HaveOccurred())
			found = append(found, pid)
		}
		return found
	}
	const web, sidecarLine = "APP/PROC/WEB/0", "APP/PROC/WEB/SIDECAR/BESIDE/0"
	const stay = `echo pid $$; exec sleep 1000`

	pushed := func(webCommand, besideCommand string) *session {
		directory := app(t, map[string]string{
			"Procfile":     "web: " + webCommand,
			"sidecars.yml": fmt.Sprintf("- name: beside\n  command: %q\n", besideCommand),
			"manifest.yml": "applications: [{name: crashing, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
		return sidecar(t, directory, "push")
	}

	it("tells the tutorial's story when the sidecar is killed (CF-17, CF-18, CF-19)", func() {
		s := pushed(stay, stay)
		NewWithT(t).Eventually(func() int { return len(pids(s, web)) * len(pids(s, sidecarLine)) }).Should(Equal(1), s.log)
		app, sidecar := pids(s, web)[0], pids(s, sidecarLine)[0]

		Expect(syscall.Kill(sidecar, syscall.SIGKILL)).To(Succeed())
		NewWithT(t).Eventually(func() bool { return len(pids(s, web)) == 2 && len(pids(s, sidecarLine)) == 2 }).Should(BeTrue(), s.log)
		Expect(pids(s, web)[1]).NotTo(Equal(app))
		Expect(pids(s, sidecarLine)[1]).NotTo(Equal(sidecar))
		Expect(s.log()).To(ContainSubstring("[" + sidecarLine + "] OUT Exit status 137\n"))
		Expect(s.log()).To(ContainSubstring("[" + web + "] OUT Exit status 143\n"))
		Expect(s.log()).To(ContainSubstring(`[API/0] OUT Process has crashed with type: "web"` + "\n"))
		Expect(s.log()).To(MatchRegexp(`\[API/0\] OUT App instance exited with guid [-0-9a-f]+ payload: .*"reason"=>"CRASHED", "exit_description"=>"APP/PROC/WEB/SIDECAR/BESIDE: Exited with status 137", "crash_count"=>1`))
		s.stop()
	})

	it("ends the sidecar when the app ends", func() {
		s := pushed(`echo pid $$; sleep 0.2; exit 3`, stay)
		NewWithT(t).Eventually(s.log).Should(ContainSubstring(`"exit_description"=>"APP/PROC/WEB: Exited with status 3"`))
		Expect(s.log()).To(ContainSubstring("[" + sidecarLine + "] OUT Exit status 143\n"))
		s.end()
	})

	it("takes the exit of a sidecar with status 0 for a crash (CF-17)", func() {
		s := pushed(stay, fmt.Sprintf(`mkdir %q 2>/dev/null && exit 0; echo back; `, filepath.Join(t.TempDir(), "marks"))+stay)
		s.expectLine(sidecarLine, "back")
		Expect(s.log()).To(ContainSubstring("[" + sidecarLine + "] OUT Exit status 0\n"))
		Expect(s.log()).To(ContainSubstring("[CELL/0] OUT APP/PROC/WEB/SIDECAR/BESIDE: Exited with status 0."))
		Expect(s.log()).To(ContainSubstring(`"exit_description"=>"Codependent step exited", "crash_count"=>1}`))
		s.stop()
	})

	it("gives up where no start succeeds, as cf push does: two restarts at once, a summary, status 1 (CF-19)", func() {
		directory := app(t, map[string]string{
			"Procfile":     "web: exit 3",
			"manifest.yml": "applications: [{name: broken, buildpacks: [sidecar_buildpack]}]",
		})
		s := sidecar(t, directory, "push")
		NewWithT(t).Eventually(s.Session).Should(gexec.Exit(1), s.log)
		Expect(strings.Count(s.log(), "[APP/PROC/WEB/0] OUT Exit status 3\n")).To(Equal(3))
		Expect(strings.Split(s.log(), "\n")).To(ContainElement(MatchRegexp(
			`\[API/0\] OUT App instance exited with guid [-0-9a-f]+ payload: \{"reason"=>"CRASHED", "exit_description"=>"APP/PROC/WEB: Exited with status 3", "crash_count"=>3\}$`)))
		Expect(string(s.Err.Contents())).To(ContainSubstring("start unsuccessful: web/0 of broken has crashed 3 times and was never up; cf push gives up here, too. The last reason: APP/PROC/WEB: Exited with status 3\n"))
		s.expectNothingLeft()
	})

	it("ends what an instance has left running, wherever it has gone", func() {
		marks := t.TempDir()
		s := pushed(stay, fmt.Sprintf(
			`setsid sh -c 'echo $$ > %[1]s/session; exec sleep 1000' & (sh -c 'echo $$ > %[1]s/child; exec sleep 1000' &) ; while ! [ -s %[1]s/session ] || ! [ -s %[1]s/child ]; do sleep 0.05; done; echo pid $$; exec sleep 1000`, marks))
		NewWithT(t).Eventually(func() int { return len(pids(s, sidecarLine)) }).Should(Equal(1), s.log)
		var left []int
		for _, name := range []string{"session", "child"} {
			content, err := os.ReadFile(filepath.Join(marks, name))
			Expect(err).NotTo(HaveOccurred())
			pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
			Expect(err).NotTo(HaveOccurred())
			Expect(syscall.Kill(pid, 0)).To(Succeed())
			left = append(left, pid)
		}

		Expect(syscall.Kill(pids(s, sidecarLine)[0], syscall.SIGKILL)).To(Succeed())
		NewWithT(t).Eventually(s.log).Should(ContainSubstring("Process has crashed"))
		for _, pid := range left {
			Expect(syscall.Kill(pid, 0)).To(MatchError(syscall.ESRCH), "it has neither run on nor stayed as a zombie")
		}
		s.stop()
	})

	it("counts a health check that never passes as a crash", func() {
		directory := app(t, map[string]string{
			"Procfile":     "web: " + stay,
			"manifest.yml": "applications: [{name: deaf, timeout: 1, buildpacks: [sidecar_buildpack]}]",
		})
		s := sidecar(t, directory, "push")
		NewWithT(t).Eventually(s.Session).Should(gexec.Exit(1), s.log)
		Expect(s.log()).To(MatchRegexp(`"exit_description"=>"Instance never healthy after [0-9ms.]+: Timed out after 1s \([0-9]+ attempts\) waiting for startup check to succeed: failed to make TCP connection to 127\.0\.0\.1:[0-9]+:`))
		Expect(s.log()).To(ContainSubstring("[CELL/0] OUT Starting health monitoring of container\n"))
		Expect(s.log()).To(MatchRegexp(`\[CELL/0\] ERR Failed after [0-9ms.]+: startup health check never passed\.\n`))
		s.expectNothingLeft()
	})

	it("crashes an app that listens on loopback alone, as the platform does, and says what to do (CF-44)", func() {
		program, err := actor()
		Expect(err).NotTo(HaveOccurred())
		directory := app(t, map[string]string{
			"Procfile":     fmt.Sprintf("web: exec %q --listen 127.0.0.1:$PORT", program),
			"manifest.yml": "applications: [{name: shy, timeout: 6, buildpacks: [sidecar_buildpack]}]",
		})
		s := sidecar(t, directory, "push")
		NewWithT(t).Eventually(s.Session).Should(gexec.Exit(1), s.log)
		Expect(string(s.Err.Contents())).To(MatchRegexp(`start unsuccessful: web/0 of shy .* The last reason: .*: the app listens on 127\.0\.0\.1:[0-9]+ alone, and the platform asks the container's other addresses; have it listen on 0\.0\.0\.0:\$PORT\n`))
		s.expectNothingLeft()
	})

	it("says while it waits for an app which sidecar is not ready, and what the last probe and the last health check have found", func() {
		directory := app(t, map[string]string{
			"Procfile": "web: exec sleep 1000",
			"sidecars.yml": "- name: gate\n  command: exec sleep 1000\n  hold-app: true\n  port: $GATE_PORT\n" +
				"  readiness-health-check-type: http\n  readiness-health-check-http-endpoint: /health\n",
			"manifest.yml": fmt.Sprintf("applications: [{name: held, buildpacks: [sidecar_buildpack], env: {GATE_PORT: %s}}]", testport.Free(t)),
		})
		s := sidecar(t, directory, "push")
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`\[CELL/0\] OUT Waiting for web/0 to become healthy: sidecar "gate" is starting \(GET http://127\.0\.0\.1:[0-9]+/health: connection refused\); health check: failed to make TCP connection to 127\.0\.0\.1:[0-9]+: .* … [0-9ms]+\n`))
		s.stop()
	})
}
