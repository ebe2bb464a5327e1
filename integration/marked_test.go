package integration_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
)

// marked is a secret that no other text has in it, with characters that mean something to shells,
// templates, YAML and addresses.
const marked = `m4rked"$HOME/+=&: '{{`

// marksOf are the forms in which a secret may be written: as it is, in base64 wherever it begins,
// in an address, in JSON and in YAML. Each is long enough to be nothing else.
func marksOf(secret string) []string {
	const least = 8
	quoted, _ := json.Marshal(secret) // text can always be written
	forms := []string{"m4rked", url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`)}
	for before := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("x", before) + secret))
			encoded = encoded[(before*8+5)/6:] // without what the texts before and behind have part in
			forms = append(forms, encoded[:max(least, len(encoded)-2)])
		}
	}
	return forms
}

// leaks are the forms of the secret that a text has.
func leaks(text string) []string {
	return slices.DeleteFunc(marksOf(marked), func(form string) bool { return !strings.Contains(text, form) })
}

// testMarked follows a secret of a bound service through all that sidecar does with an app.
func testMarked(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		said       strings.Builder // of all commands
	)
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte(marked)))

	// bind makes a service with these credentials, and an app with what its manifest says of features.
	bind := func(features string, credentials map[string]any) {
		t.Helper()
		services, err := json.Marshal(map[string]any{"user-provided": []any{map[string]any{"name": "apm", "label": "user-provided", "credentials": credentials}}})
		Expect(err).NotTo(HaveOccurred())
		for name, content := range map[string]string{
			"services.json": string(services),
			"manifest.yml":  "applications: [{name: a, health-check-type: process, buildpacks: [sidecar_buildpack]" + features + "}]",
		} {
			Expect(os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600)).To(Succeed())
		}
	}
	// finish is the exit code of a command that ends by itself.
	finish := func(args ...string) int {
		t.Helper()
		s := sidecar(t, directory, append(args, "--services", "services.json")...)
		s.await()
		said.WriteString(s.log() + string(s.Err.Contents()))
		return s.ExitCode()
	}
	// stageIt stages the app, and looks through the droplet.
	stageIt := func() string {
		t.Helper()
		droplet := filepath.Join(t.TempDir(), "droplet")
		Expect(finish("stage", "-o", droplet)).To(Equal(0), said.String)
		unpacked := t.TempDir()
		output, err := exec.Command("tar", "-xzf", filepath.Join(droplet, "droplet.tgz"), "-C", unpacked).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		for _, root := range []string{unpacked, filepath.Join(droplet, "result.json")} {
			Expect(filesWithSecrets(root, func(fs.FileInfo) bool { return true })).To(BeEmpty())
		}
		Expect(filepath.Join(unpacked, "deps/0/render.json")).To(BeARegularFile())
		return droplet
	}

	it.Before(func() {
		said.Reset()
		// It says of its secrets no more than that they are what they should be.
		const check = `[ "$(printf %s "$KEY" | sha256sum)" = "$(sha256sum < "$SIDECAR_FILES/key" )" ] && sha256sum < "$SIDECAR_FILES/key"`
		directory = app(t, map[string]string{
			".cfignore": "services.json\nmanifest.yml\n",
			"Procfile":  "web: exec sleep 1000",
			"sidecars.yml": `
- name: agent
  binding: apm
  env: {KEY: {binding: api.key}}
  files:
    key: '{{ binding "api.key" }}'
    conf/agent.yaml: |
      json: {{ binding "api.key" | json }}
      yaml: {{ binding "api" | yaml }}
      base64: {{ binding "api.key" | base64 }}
  command: |
    ` + check + `; exec sleep 1000
`,
		})
	})
	it.After(func() { Expect(leaks(said.String())).To(BeEmpty(), said.String) })

	it("would be found in each form", func() {
		quoted, err := json.Marshal(marked)
		Expect(err).NotTo(HaveOccurred())
		for _, before := range []string{"", "a", "ab", "https://user:"} {
			for _, written := range []string{
				marked, string(quoted), url.QueryEscape(before + marked), url.PathEscape(before + marked),
				base64.StdEncoding.EncodeToString([]byte(before + marked + "@x")), base64.URLEncoding.EncodeToString([]byte(before + marked)),
			} {
				Expect(leaks(written)).NotTo(BeEmpty(), written)
			}
		}
		Expect(leaks("bTRya2Vk and m4rk")).To(BeEmpty())
	})

	for _, features := range []string{"", ", features: {file-based-vcap-services: true}", ", features: {service-binding-k8s: true}"} {
		it("CF-41: is in no output, no droplet, no argument and no file that others can read: "+features, func() {
			bind(features, map[string]any{"api": map[string]any{"key": marked}, "uri": "https://user:" + url.QueryEscape(marked) + "@example.com"})
			for _, args := range [][]string{{"plan"}, {"plan", "--output", "json"}, {"validate"}, {"render", "agent"}, {"render", "agent", "--output", "json"}} {
				Expect(finish(args...)).To(Equal(0), said.String)
			}
			droplet := stageIt()
			s := sidecar(t, directory, "run", "-d", droplet, "--services", "services.json")
			s.expectLine("APP/PROC/WEB/SIDECAR/AGENT/0", digest)
			Expect(argumentsWithSecrets()).To(BeEmpty())
			Expect(filesWithSecrets(s.tmp, func(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 })).To(BeEmpty())
			Expect(filesWithSecrets(s.tmp, func(fs.FileInfo) bool { return true })).NotTo(BeEmpty(), "the files of the sidecar, at least")
			s.stop()
			said.WriteString(s.log() + string(s.Err.Contents()))
		})

		it("CF-41: is in no message of what is missing, at staging or at the start: "+features, func() {
			bind(features, map[string]any{"other": marked, "api": map[string]any{"other": marked}})
			for _, args := range [][]string{{"plan"}, {"validate"}, {"render", "agent"}, {"stage"}} {
				Expect(finish(args...)).NotTo(Equal(0), "%v", args)
			}
			Expect(strings.Count(said.String(), `"api.key"`)).To(BeNumerically(">=", 4), said.String)

			bind(features, map[string]any{"api": map[string]any{"key": "now"}})
			droplet := stageIt()
			bind(features, map[string]any{"other": marked, "api": map[string]any{"other": marked}})
			s := sidecar(t, directory, "run", "-d", droplet, "--services", "services.json")
			Eventually(s.log).Should(ContainSubstring(`"exit_description"=>"APP/PROC/WEB/SIDECAR/AGENT: Exited with status 1"`))
			s.Terminate()
			Eventually(s.Session).Should(gexec.Exit())
			said.WriteString(s.log() + string(s.Err.Contents()))
			Expect(s.log()).To(ContainSubstring(`[sidecar-render] agent: env: KEY: found no key "api.key" in the credentials of the service "apm"; expected one, or a default` + "\n"))
		})
	}
}

// filesWithSecrets are the files below a path that have the secret in them, of those that are
// looked at.
func filesWithSecrets(root string, look func(fs.FileInfo) bool) (found []string) {
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // it may be gone
		}
		info, err := entry.Info()
		if err != nil || !look(info) {
			return nil
		}
		content, _ := os.ReadFile(path) // it may be gone
		if len(leaks(string(content))) > 0 {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// argumentsWithSecrets are the command lines of this machine that have the secret in them.
func argumentsWithSecrets() (found []string) {
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range commands {
		command, _ := os.ReadFile(path) // it may have ended
		if len(leaks(string(command))) > 0 {
			found = append(found, string(command))
		}
	}
	return found
}
