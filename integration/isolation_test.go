package integration_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
)

// testIsolation covers what an instance and a staging have of their own, with a buildpack
// that relies on it as public ones do: SAP's cloud-authorization-buildpack and
// managed-auth-envoy-buildpack (/home/vcap/deps), DataDog's (/home/vcap/app), and
// cloudfoundry/nodejs-buildpack (/tmp/nodejs-buildpack).
func testIsolation(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)
	baked := func(name string) string {
		return app(t, map[string]string{
			"Procfile":     "web: mkdir /tmp/agent && echo own; exec sleep 1000",
			"file":         "the app's file\n",
			"manifest.yml": fmt.Sprintf("applications: [{name: %s, health-check-type: process, env: {APP: %[1]s}, buildpacks: [%q, sidecar_buildpack]}]", name, buildpack("baked")),
		})
	}
	says := func(s *session, source, text string) {
		t.Helper()
		Eventually(s.log).Should(ContainSubstring("["+source+"] OUT "+text+"\n"), func() string { return s.log() + string(s.Err.Contents()) })
	}
	expectBaked := func(s *session) {
		t.Helper()
		Eventually(s.log).Should(MatchRegexp(`\[STG/0\] OUT staged in /tmp: app in /tmp/app, cache in /tmp/cache/[0-9a-f]{16}, deps in /tmp/contents[0-9]+/deps\n`),
			func() string { return s.log() + string(s.Err.Contents()) })
		says(s, "APP/PROC/WEB/SIDECAR/BAKED/0", "the path of the app is /home/vcap/app")
		says(s, "APP/PROC/WEB/SIDECAR/BAKED/0", "the app's file")
		Eventually(func() int {
			return strings.Count(s.log(), "OUT has a /tmp of its own\n") + strings.Count(s.log(), "OUT own\n")
		}).Should(Equal(1), "app and sidecar share one /tmp")
	}

	it("runs what is looked for at /home/vcap/app and /home/vcap/deps, staged at the platform's paths, and changes no buildpack", func() {
		needNamespaces(t)
		before := listing(t, buildpack("baked"))
		s := sidecar(t, baked("one"), "push")
		expectBaked(s)
		s.stop()
		Expect(listing(t, buildpack("baked"))).To(Equal(before))
	})

	it("stages two apps at once whose buildpack takes a name in /tmp", func() {
		needNamespaces(t)
		meet := t.TempDir()
		var both []*session
		for _, name := range []string{"one", "two"} {
			directory := baked(name)
			manifest, err := os.ReadFile(filepath.Join(directory, "manifest.yml"))
			Expect(err).NotTo(HaveOccurred())
			changed := strings.Replace(string(manifest), "env: {", "env: {MEET: "+meet+", ", 1)
			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(changed), 0o600)).To(Succeed())
			both = append(both, sidecar(t, directory, "stage", "-o", filepath.Join(t.TempDir(), "droplet")))
		}
		for _, s := range both {
			Eventually(s.Session).Should(gexec.Exit(0), s.log)
			s.expectNothingLeft()
		}
	})

	it("finds an artifact, a mirror and authorities in the machine's /tmp at staging, and nothing else there", func() {
		needNamespaces(t)
		outside, err := os.MkdirTemp("/tmp", "integration-test-")
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { Expect(os.RemoveAll(outside)).To(Succeed()) })
		for _, name := range []string{"artifact", "mirror/file", "certificates/ca.crt", "hidden"} {
			Expect(os.MkdirAll(filepath.Dir(filepath.Join(outside, name)), 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(outside, name), []byte(name+"\n"), 0o644)).To(Succeed())
		}
		bp := app(t, map[string]string{"bin/finalize.sh": `#!/bin/bash
cd ` + outside + `; cat artifact mirror/file certificates/ca.crt; ls; touch ` + outside + `/mirror/../new && [ ! -e hidden ] && echo "-----> done"`})
		Expect(os.Symlink("finalize.sh", filepath.Join(bp, "bin", "finalize"))).To(Succeed())
		directory := app(t, map[string]string{
			"Procfile":     "web: sleep 1000",
			"sidecars.yml": "- {name: a, artifact: {uri: 'file://" + outside + "/artifact', sha256: x}}",
			"manifest.yml": fmt.Sprintf("applications: [{name: outside, env: {BP_DEPENDENCY_MIRROR: 'file://%[1]s/mirror/{originalHost},skip-path=/a', SSL_CERT_DIR: '%[1]s/certificates'}, buildpacks: [%[2]q]}]", outside, bp),
		})
		s := sidecar(t, directory, "stage", "-o", filepath.Join(t.TempDir(), "droplet"))
		Eventually(s.log).Should(ContainSubstring("OUT -----> done\n"), func() string { return s.log() + string(s.Err.Contents()) })
		Expect(s.log()).To(And(ContainSubstring("OUT artifact\n"), ContainSubstring("OUT mirror/file\n"), ContainSubstring("OUT certificates/ca.crt\n")))
		Expect(filepath.Join(outside, "new")).NotTo(BeAnExistingFile())
		s.await()
	})

	it("does the same for a user that is not root", func() {
		needNamespaces(t)
		if os.Getuid() != 0 {
			t.Skip("all other specs of this run do")
		}
		const nobodyID = 65534
		tmp := t.TempDir()
		directory := baked("one")
		for _, path := range []string{tmp, directory} {
			Expect(os.Chown(path, nobodyID, nobodyID)).To(Succeed())
		}
		reachable(t, tmp, directory, built.sidecar, filepath.Join(built.lifecycle, "builder"))
		command := exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", built.sidecar, "push", "--lifecycle", built.lifecycle)
		s := start(t, directory, []string{"TMPDIR=" + tmp, "HOME=" + tmp}, command)
		expectBaked(s)
		s.Terminate()
		Eventually(s.Session).Should(gexec.Exit(0), s.log)
		Expect(os.ReadDir(tmp)).To(BeEmpty())
		Expect(processesIn(tmp)).To(BeEmpty())
	})

	it("says what is lost on a machine that refuses a namespace, and runs without", func() {
		needNamespaces(t)
		directory := app(t, map[string]string{
			"Procfile":     "web: pwd; exec sleep 1000",
			"manifest.yml": "applications: [{name: refused, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
		s := start(t, directory, nil, exec.Command("unshare", "--user", "--map-root-user", "sh", "-c",
			`echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$@"`, "sh",
			built.sidecar, "push", "--lifecycle", built.lifecycle))
		const why = " (the limit user.max_user_namespaces is reached): "
		for source, lost := range map[string]string{
			"STG/0":  "This machine gives the container no /tmp of its own" + why + "what others have left there can be in its way.",
			"CELL/0": "This machine gives the container no /home/vcap of its own" + why + "a program that is looked for in /home/vcap/app or /home/vcap/deps is not found.",
		} {
			Eventually(s.log).Should(ContainSubstring("["+source+"] ERR "+lost+"\n"), func() string { return s.log() + string(s.Err.Contents()) })
		}
		Eventually(s.log).Should(MatchRegexp(`OUT `+s.tmp+`/sidecar-instance-[0-9]+/root/app\n`), s.log)
		Expect(strings.Count(s.log(), "This machine gives")).To(Equal(2), "once each")
		s.stop()
	})

	for _, one := range []struct{ name, procfile, finalize, says string }{
		{"run", "web: (setsid bash -c 'trap \"\" TERM; echo deep; while :; do sleep 1000; done' &); exec sleep 1000", "true", "OUT deep\n"},
		{"staging", "web: sleep 1000", "(setsid bash -c 'trap \"\" TERM; echo deep; while :; do sleep 1000; done' &); sleep 1000", "OUT deep\n"},
	} {
		it("leaves no process of a "+one.name+" when it is killed itself", func() {
			bp := app(t, map[string]string{"bin/finalize.sh": "#!/bin/bash\n" + one.finalize, "bin/release.sh": "#!/bin/bash\necho '{}'"})
			for _, name := range []string{"finalize", "release"} {
				Expect(os.Symlink(name+".sh", filepath.Join(bp, "bin", name))).To(Succeed())
			}
			s := sidecar(t, app(t, map[string]string{
				"Procfile":     one.procfile,
				"manifest.yml": fmt.Sprintf("applications: [{name: killed, health-check-type: process, buildpacks: [%q]}]", bp),
			}), "push")
			Eventually(s.log).Should(ContainSubstring(one.says), func() string { return s.log() + string(s.Err.Contents()) })
			started := processesIn(s.tmp)
			Expect(started).NotTo(BeEmpty())
			Expect(syscall.Kill(s.Command.Process.Pid, syscall.SIGKILL)).To(Succeed())
			Eventually(func() []string { return processesIn(s.tmp) }).Should(BeEmpty())
			Expect(os.ReadDir(s.tmp)).NotTo(BeEmpty())

			next := start(t, app(t, map[string]string{"Procfile": "web: sleep 1000"}), []string{"TMPDIR=" + s.tmp},
				exec.Command(built.sidecar, "stage", "-b", "sidecar_buildpack", "-o", filepath.Join(t.TempDir(), "droplet"), "--lifecycle", built.lifecycle))
			Eventually(next.Session).Should(gexec.Exit(0), next.log)
			Expect(os.ReadDir(s.tmp)).To(BeEmpty())
		})
	}
}

// listing is what is below a directory, with modes.
func listing(t *testing.T, directory string) string {
	t.Helper()
	output, err := exec.Command("find", directory, "-printf", "%p %m %s %i\n").Output()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return string(output)
}

// reachable lets every user enter the temporary directories that these are in.
func reachable(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		for directory := filepath.Dir(path); directory != filepath.Dir(os.TempDir()) && directory != "/"; directory = filepath.Dir(directory) {
			NewWithT(t).Expect(os.Chmod(directory, 0o755)).To(Succeed())
		}
	}
}

// needNamespaces skips a spec on a machine that allows no mount namespace, as another
// program finds it; CI has to.
func needNamespaces(t *testing.T) {
	t.Helper()
	flags := []string{"--mount", "true"}
	if os.Getuid() != 0 {
		flags = append([]string{"--user", "--map-root-user"}, flags...)
	}
	command := exec.Command("unshare", flags...)
	command.Stdout = io.Discard
	if err := command.Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("this machine allows no mount namespace, and CI has to: %s", err)
		}
		t.Skip("this machine allows no mount namespace: ", err)
	}
}
