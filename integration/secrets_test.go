package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// testSecrets follows values of the app's environment through staging and start.
func testSecrets(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
	)
	const (
		see = "env; exec sleep 1000"
		web = "APP/PROC/WEB/0"
	)

	it.Before(func() {
		directory = app(t, map[string]string{
			"Procfile":     "web: " + see,
			"sidecars.yml": "- {name: agent, command: " + see + "}\n- {name: other, command: " + see + "}",
		})
	})

	// manifest is the app's with these values, which a push does not take along.
	manifest := func(environment string) {
		t.Helper()
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("applications: [{name: a, health-check-type: process, env: {"+environment+"}}]"), 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(directory, ".cfignore"), []byte("manifest.yml\n"), 0o600)).To(Succeed())
	}

	it("leaves no value of SIDECARS and of SIDECAR_NAME_ENV in a droplet, and reads those of the start from the app's environment", func() {
		manifest(`SIDECAR_AGENT_ENV: "{TOKEN: s3cret-one}", SIDECARS: "[{name: other, env: {KEY: s3cret-two}, app-env: {FOR_APP: s3cret-three}}]"`)
		staged := stage(t, directory, "-b", "sidecar_buildpack")
		Expect(staged.log).NotTo(ContainSubstring("s3cret"))
		unpacked := t.TempDir()
		output, err := exec.Command("tar", "-xzf", filepath.Join(staged.droplet, "droplet.tgz"), "-C", unpacked).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		output, err = exec.Command("grep", "-rl", "s3cret", unpacked, filepath.Join(staged.droplet, "result.json")).CombinedOutput()
		Expect(err).To(MatchError("exit status 1"), "found in %s", output)
		Expect(filepath.Join(unpacked, "deps/0/supervise.conf")).To(BeARegularFile())
		Expect(string(output)).To(BeEmpty())

		manifest(`SIDECAR_AGENT_ENV: "{TOKEN: n3w-one}", SIDECARS: "[{name: other, env: {KEY: n3w-two}, app-env: {FOR_APP: n3w-three}}]"`)
		s := sidecar(t, directory, "run", "-d", staged.droplet)
		s.expectLine("APP/PROC/WEB/SIDECAR/AGENT/0", "TOKEN=n3w-one\n")
		s.expectLine("APP/PROC/WEB/SIDECAR/OTHER/0", "KEY=n3w-two\n")
		s.expectLine(web, "FOR_APP=n3w-three\n")
		s.stop()

		manifest(`SIDECARS: "[{name: other, env: {KEY: n3w-two}, app-env: {FOR_APP: n3w-three}}]"`)
		s = sidecar(t, directory, "run", "-d", staged.droplet)
		Eventually(s.log).Should(ContainSubstring(`[APP/PROC/WEB/SIDECAR/AGENT/0] ERR [sidecar-env] agent: SIDECAR_AGENT_ENV is not set, and stated env of sidecar "agent" at staging: set it, or stage the app again` + "\n"))
		Eventually(s.log).Should(ContainSubstring(`"exit_description"=>"APP/PROC/WEB/SIDECAR/AGENT: Exited with status 1"`))
		s.end()
	})

	it("leaves no value of a check's headers in a droplet, in an argument or in a log, and sends those of the app's environment", func() {
		program, err := actor()
		Expect(err).NotTo(HaveOccurred())
		port := testport.Free(t)
		Expect(os.WriteFile(filepath.Join(directory, "sidecars.yml"), []byte("- {name: agent, command: "+program+" -listen "+port+" -token EXPECTED, port: "+port+
			", hold-app: true, readiness-health-check-http-endpoint: /health}\n"), 0o600)).To(Succeed())
		headers := func(secret string) {
			t.Helper()
			manifest(`EXPECTED: ` + secret + `, SIDECAR_AGENT_READINESS_HEALTH_CHECK_HTTP_HEADERS: "{Authorization: Bearer ` + secret + `}"`)
		}
		headers("s3cret")
		staged := stage(t, directory, "-b", "sidecar_buildpack")
		Expect(staged.log).NotTo(ContainSubstring("s3cret"))
		unpacked := t.TempDir()
		output, err := exec.Command("tar", "-xzf", filepath.Join(staged.droplet, "droplet.tgz"), "-C", unpacked).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		output, err = exec.Command("grep", "-rl", "s3cret", unpacked, filepath.Join(staged.droplet, "result.json")).CombinedOutput()
		Expect(err).To(MatchError("exit status 1"), "found in %s", output)

		headers("n3w")
		s := sidecar(t, directory, "run", "-d", staged.droplet)
		s.expectLine("APP/PROC/WEB/SIDECAR/AGENT/0", "answer 1 is 200\n")
		s.expectLine(web, "EXPECTED=n3w\n") // it was held until then
		arguments, err := filepath.Glob("/proc/[0-9]*/cmdline")
		Expect(err).NotTo(HaveOccurred())
		for _, path := range arguments {
			command, _ := os.ReadFile(path) // it may have ended
			Expect(string(command)).NotTo(ContainSubstring("Bearer n3w"))
		}
		s.stop()
	})

	context("failure cases", func() {
		for kind, url := range testtable.Sorted(map[string]string{
			"user and password of a git repository": "https://me:s3cret@127.0.0.1:1/x.git#s3cret",
			"user, password and query of a zip":     "http://me:s3cret@127.0.0.1:1/x.zip?token=s3cret,s3cret",
			"password with a comma":                 "https://me:s3,s3cret@127.0.0.1:1/x.git",
		}) {
			it("shows no "+kind+" that is the URL of a buildpack, however it is named", func() {
				log, message := failToStage(t, 1, directory, "-b", url)
				Expect(log).To(MatchRegexp(`\[STG/0\] ERR Failed to (clone git repository at |download buildpack ')https?://…@127\.0\.0\.1:1/x\.(git\n|zip\?…')`))
				all := log + message
				log, message = failToStage(t, 1, directory, "-b", "ruby_buildpack", "--buildpack-for", "ruby_buildpack="+url)
				all += log + message
				Expect(os.WriteFile(filepath.Join(directory, ".sidecar.yml"), []byte("buildpacks: {ruby_buildpack: '"+url+"'}"), 0o600)).To(Succeed())
				log, message = failToStage(t, 1, directory, "-b", "ruby_buildpack")
				all += log + message
				Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("applications: [{name: a, buildpacks: ['"+url+"']}]"), 0o600)).To(Succeed())
				log, message = failToStage(t, 1, directory)
				all += log + message
				Expect(strings.Count(all, "[STG/0] ERR Failed to ")).To(Equal(4))
				Expect(all).NotTo(ContainSubstring("s3cret"))
			})
		}

		it("quotes none where they are stated wrongly", func() {
			manifest(`SIDECAR_AGENT_ENV: "{TOKEN=s3cret}", SIDECARS: "[{name: other, env: {KEY: *s3cret}}]"`)
			log, message := failToStage(t, 223, directory, "-b", "sidecar_buildpack")
			Expect(log).To(And(ContainSubstring("SIDECAR_AGENT_ENV"), ContainSubstring("SIDECARS:1: syntax: ")))
			Expect(log + message).NotTo(ContainSubstring("s3cret"))
		})
	})
}
