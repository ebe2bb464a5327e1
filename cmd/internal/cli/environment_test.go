package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/cell"
)

func testEnvironment(t *testing.T, context spec.G, it spec.S) {
	const services = `{"user-provided": [{"name": "my-db", "label": "user-provided", "credentials": {"password": "s3cret"}}]}`

	var (
		Expect         = NewWithT(t).Expect
		dir            string
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
		dir = t.TempDir()
		t.Chdir(dir)
		write(t, "manifest.yml", "applications:\n- name: app\n  env: {A: manifest, B: manifest, C: manifest}\n", 0o644)
		write(t, "my.env", "B=file\nC=file\nD=file\n", 0o600)
	})

	run := func(environ []string, args ...string) int {
		return Main(carriedForTests, append([]string{"sidecar"}, args...), environ, &stdout, &stderr)
	}

	it("has --env over --env-file over the manifest's env", func() {
		found, err := applications("--env", "C=flag", "--env-file", "my.env", "--env", "E=a,b=c")
		Expect(err).NotTo(HaveOccurred())
		Expect(found[0].Environment).To(Equal(map[string]string{"A": "manifest", "B": "file", "C": "flag", "D": "file", "E": "a,b=c"}))
	})

	it("declares sidecars for plan and validate, too", func() {
		for _, command := range []string{"plan", "validate"} {
			Expect(run(nil, command, "-b", "sidecar_buildpack", "-c", "./run", "--env", "SIDECARS=[{name: from the flag, command: x, process_types: [wbe]}]")).To(Equal(0), stderr.String())
		}
		Expect(strings.Count(stdout.String(), `"from the flag"`)).To(BeNumerically(">=", 2))
	})

	it("CF-24: notes a variable that the platform replaces, in the manifest, in a file and on the command line", func() {
		write(t, "manifest.yml", "applications:\n- name: app\n  env:\n    TMPDIR: /mine\n", 0o644)
		write(t, "run", "#!/bin/sh\n", 0o755)
		write(t, "my.env", "CF_INSTANCE_IP=file\n", 0o600)
		Expect(run(nil, "validate", "-b", "sidecar_buildpack", "-c", "./run", "--env-file", "my.env", "--env", "MEMORY_LIMIT=1g")).To(Equal(0), stdout.String())
		for _, whose := range []string{"manifest.yml:4: env: TMPDIR", "my.env: CF_INSTANCE_IP", "--env: MEMORY_LIMIT"} {
			Expect(stdout.String()).To(ContainSubstring("note: " + whose + ": the platform replaces it with its own value when it starts the app\n"))
		}
	})

	it("tells in the help where variables come from, and which of this environment are passed on", func() {
		for _, command := range []string{"push", "stage", "run"} {
			stdout.Reset()
			Expect(run(nil, command, "--help")).To(Equal(0))
			help := strings.Join(strings.Fields(stdout.String()), " ")
			Expect(help).To(ContainSubstring("the manifest's env, then the variables of --env-file, then those of --env;"))
			Expect(help).To(ContainSubstring("apps and sidecars get only " + strings.Join(cell.PassedToApps(), ", ") + ", and buildpacks get " + strings.Join(cell.PassedToBuildpacks(), ", ") + "."))
		}
	})

	for _, form := range []bindings.Form{bindings.InEnvironment, bindings.InFile, bindings.InDirectory} {
		it("gives variables and services to buildpacks, app and sidecars, the services as the features ask for: "+string(form), func() {
			features := ""
			if form != bindings.InEnvironment {
				features = "  features: {" + string(form) + ": true}\n"
			}
			write(t, "manifest.yml", "applications:\n- name: app\n  health-check-type: process\n  env: {A: manifest, B: manifest}\n"+features+
				"  sidecars: [{name: helper, command: ./show, process_types: [web]}]\n", 0o644)
			write(t, "my.env", "B='file'\n", 0o600)
			write(t, "services.json", services+"\n", 0o600)
			write(t, "show", `#!/bin/bash
echo "A=$A B=$B C=$C not passed on: [$MINE]"
echo "$VCAP_SERVICES$(cat "$VCAP_SERVICES_FILE_PATH" "$SERVICE_BINDING_ROOT/my-db/password" 2> /dev/null)" | grep -c s3cret
[ "$1" = once ] || exec sleep 1000
`, 0o755)
			write(t, "buildpack/bin/finalize", "#!/bin/bash\n\"$1/show\" once\n", 0o755)
			write(t, "buildpack/bin/release", "#!/bin/bash\nprintf -- '---\\ndefault_process_types: {web: ./show}\\n'\n", 0o755)

			command := exec.Command(program, "push", "-b", "buildpack", "--env-file", "my.env", "--env", "C=flag", "--services", "services.json")
			command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + t.TempDir(), "MINE=x"}
			session, err := gexec.Start(command, nil, nil)
			Expect(err).NotTo(HaveOccurred())
			t.Cleanup(func() { NewWithT(t).Eventually(session.Kill()).Should(gexec.Exit()) })
			for _, source := range []string{`STG/0`, `APP/PROC/WEB/0`, `APP/PROC/WEB/SIDECAR/HELPER/0`} {
				NewWithT(t).Eventually(func() string { return string(session.Out.Contents()) }).Should(
					MatchRegexp(`(?s)\[` + source + `\] OUT A=manifest B=file C=flag not passed on: \[\]\n.*\[` + source + `\] OUT 1\n`))
			}
			session.Interrupt()
			NewWithT(t).Eventually(session).Should(gexec.Exit(0))
			Expect(session.Out).NotTo(gbytes.Say("s3cret"))
		})
	}

	context("failure cases", func() {
		it("refuses what cf set-env refuses, before anything is staged", func() {
			Expect(run(nil, "push", "--env", "PORT=s3cret")).To(Equal(1))
			Expect(stderr.String()).To(Equal("FAILED\n--env: PORT: Cloud Controller refuses it: cannot set PORT; expected another name: the platform sets it\n"))
			Expect(stdout.String()).To(BeEmpty())
		})

		it("sets variables of one app only", func() {
			write(t, "manifest.yml", "applications: [{name: a}, {name: b}]\n", 0o644)
			Expect(run(nil, "stage", "--env", "A=1")).To(Equal(2))
			Expect(stderr.String()).To(ContainSubstring("cannot be applied to several apps of a manifest: name one of them"))
		})

		it("refuses services that are not those of VCAP_SERVICES, with their place and without their values", func() {
			for content, message := range map[string]string{
				"{oops":                   "services.json:1:2: not JSON: found a letter; expected a key in double quotes",
				"{\n\"uri\": \"s3cret\"}": "services.json:2:8: a label: found text; expected a list of bindings, as in " + bindings.Example,
				`{"a": [{"label": "a"}]}`: `services.json:1:8: a binding: found no name; expected the key "name" with the name of the service`,
			} {
				write(t, "services.json", content, 0o600)
				for _, command := range []string{"push", "stage", "run"} {
					stderr.Reset()
					Expect(run(nil, command, "--services", "services.json")).To(Equal(1))
					Expect(stderr.String()).To(Equal("FAILED\nfailed to read the bound services: " + message + "\n"))
				}
				stderr.Reset()
				Expect(run([]string{"VCAP_SERVICES=" + content}, "stage")).To(Equal(1))
				Expect(stderr.String()).To(Equal("FAILED\nfailed to read the bound services: " + strings.Replace(message, "services.json", "VCAP_SERVICES", 1) + "\n"))
			}
			Expect(stdout.String()).To(BeEmpty())
			stderr.Reset()
			Expect(run(nil, "stage", "--services", filepath.Join(dir, "none.json"))).To(Equal(1))
			Expect(stderr.String()).To(HavePrefix("FAILED\nfailed to read the services of --services: "))
		})
	})
}
