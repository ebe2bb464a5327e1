package integration_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testBound follows what bound services come to in sidecars, from the staging to the start.
func testBound(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		notes      string
	)

	// note writes what a sidecar has, to a file that appears when all is in it.
	const note = `note="$NOTES/$1"
{ printf '%s\n' "KEY=$KEY" "TEXT=$TEXT" "OTHER=$OTHER" "FILES=$SIDECAR_FILES"
  (cd "$SIDECAR_FILES" && find . -type f -printf '%P %m ' -exec cat {} \;); } > "$note.new"
mv "$note.new" "$note"
exec sleep 1000
`
	const agent = `
- name: agent
  command: bash note.sh agent
  binding: apm
  env:
    KEY: {binding: api_key}
    TEXT: $KEY!
    OTHER: {binding: token, of: vault, default: none}
  files:
    conf/agent.yaml: |
      key: {{ binding "api_key" | json }}
      app: {{ .App.Name }} {{ .Memory }}
    rules: {from: rules.txt}
  memory: 32M
`

	it.Before(func() {
		notes = t.TempDir()
		directory = app(t, map[string]string{
			"Procfile": "web: sleep 1000", "note.sh": note, "rules.txt": "allow {{ all }}\n", "sidecars.yml": agent,
			".cfignore": "manifest.yml\n.sidecar-services.yml\n*.json\n",
		})
	})
	manifest := func(more string) {
		t.Helper()
		content := fmt.Sprintf("applications:\n- {name: bound, health-check-type: process, memory: 128M, buildpacks: [sidecar_buildpack], env: {NOTES: %q}%s}\n", notes, more)
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(content), 0o600)).To(Succeed())
	}
	// services is the JSON of user-provided services, by name, in a file.
	services := func(credentials map[string]any) string {
		t.Helper()
		var all []any
		for name, values := range credentials {
			all = append(all, map[string]any{"name": name, "label": "user-provided", "tags": []string{name + "-tag"}, "credentials": values})
		}
		content, err := json.Marshal(map[string]any{"user-provided": all})
		Expect(err).NotTo(HaveOccurred())
		path := filepath.Join(directory, "services.json")
		Expect(os.WriteFile(path, content, 0o600)).To(Succeed())
		return path
	}
	// noted is what a sidecar has written, which is removed for the next one.
	takeNote := func(s *session, name string) string {
		t.Helper()
		path := filepath.Join(notes, name)
		Eventually(path).Should(BeAnExistingFile(), func() string { return s.log() + string(s.Err.Contents()) })
		content, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.Remove(path)).To(Succeed())
		return string(content)
	}

	for _, form := range []string{"", "file-based-vcap-services", "service-binding-k8s"} {
		name := form
		if form == "" {
			name = "VCAP_SERVICES"
		}
		it("CF-41 gives a sidecar its service's credentials and its files, handed on by "+name+", literally and for itself alone", func() {
			features := ""
			if form != "" {
				features = ", features: {" + form + ": true}"
			}
			manifest(features + ", services: [my-apm]")
			// A dollar sign in a credential is not a reference, and a quote ends no text.
			const key = `k$HOME"${PATH}'$(id) ü`
			team, err := json.Marshal(map[string]any{"services": map[string]any{"my-apm": map[string]any{"tags": []string{"apm"}, "credentials": map[string]any{"api_key": key}}}})
			Expect(err).NotTo(HaveOccurred())
			Expect(os.WriteFile(filepath.Join(directory, ".sidecar-services.yml"), team, 0o600)).To(Succeed())
			s := sidecar(t, directory, "push")
			quoted, err := json.Marshal(key)
			Expect(err).NotTo(HaveOccurred())
			lines := strings.Split(takeNote(s, "agent"), "\n")
			Expect(lines).To(ContainElements("KEY="+key, "TEXT="+key+"!", "OTHER=none",
				"conf/agent.yaml 600 key: "+string(quoted), "app: bound 32M", "rules 600 allow {{ all }}"), s.log())
			Expect(lines).To(ContainElement(MatchRegexp(`^FILES=/.*/deps/0/run/files/0$`)))
			Expect(s.log()).To(ContainSubstring("service:     my-apm\n"))
			s.stop()
		})
	}

	it("has the new credentials after a restart, and needs no staging for them", func() {
		manifest("")
		staged := stage(t, directory, "--services", services(map[string]any{"my-apm": map[string]any{"api_key": "first", "extra": "apm"}, "apm": map[string]any{"api_key": "first"}}))
		Expect(staged.Sidecars).To(HaveExactElements(HaveField("Name", "agent")))
		for _, now := range []string{"second", "third"} {
			s := sidecar(t, directory, "run", "-d", staged.droplet, "--services", services(map[string]any{"apm": map[string]any{"api_key": now}, "vault": map[string]any{"token": now + "-token"}}))
			said := takeNote(s, "agent")
			Expect(said).To(And(ContainSubstring("KEY="+now+"\n"), ContainSubstring(`key: "`+now+`"`), ContainSubstring("OTHER="+now+"-token\n")))
			s.stop()
		}
	})

	it("reads the credentials anew when the sidecar is started again", func() {
		manifest("")
		Expect(os.WriteFile(filepath.Join(directory, "sidecars.yml"), []byte(agent+"  restart: always\n"), 0o600)).To(Succeed())
		s := sidecar(t, directory, "push", "--services", services(map[string]any{"apm": map[string]any{"api_key": "first"}}))
		first := takeNote(s, "agent")
		files, _, _ := strings.Cut(first[strings.Index(first, "FILES=")+len("FILES="):], "\n")
		Expect(first).To(ContainSubstring("KEY=first\n"))
		var processes []string
		sleeping := func() []string { // once it has written its note
			processes = processIDs(t, "sleep\x001000\x00", "SIDECAR_FILES="+files)
			return processes
		}
		Eventually(sleeping).ShouldNot(BeEmpty())
		for _, process := range processes {
			Expect(exec.Command("kill", "-KILL", process).Run()).To(Succeed())
		}
		Expect(takeNote(s, "agent")).To(ContainSubstring("KEY=first\n"))
		s.stop()
	})

	it("leaves a sidecar out of the app where its service is not bound, or it is disabled, and says why", func() {
		manifest("")
		staged := stage(t, directory, "--services", services(map[string]any{"db": map[string]any{}}))
		Expect(staged.Sidecars).To(BeEmpty())
		Expect(staged.log).To(ContainSubstring(`Sidecar "agent" is left out: it is for a service with the name, label or tag "apm"; bound are "db".`))
		staged = stage(t, directory, "--services", services(map[string]any{"apm": map[string]any{"api_key": "k"}}), "--env", "SIDECAR_AGENT_ENABLED=false")
		Expect(staged.Sidecars).To(BeEmpty())
		Expect(staged.log).To(ContainSubstring(`Sidecar "agent" is left out: SIDECAR_AGENT_ENABLED says enabled: false.`))
	})

	it("takes sidecars from a service between the file and SIDECARS, and reads its values at the start", func() {
		manifest("")
		declared := func(value string) string {
			return services(map[string]any{"sidecars": map[string]any{"sidecars": []any{
				map[string]any{"name": "plain", "command": "bash note.sh plain", "memory": "16M", "env": map[string]any{"KEY": value, "TEXT": "service"}, "files": map[string]any{"f": value}},
				map[string]any{"name": "agent", "enabled": false},
			}}})
		}
		staged := stage(t, directory, "--services", declared("one"), "--env", `SIDECARS=[{name: plain, memory: 17M}]`)
		Expect(staged.Sidecars).To(HaveExactElements(And(HaveField("Name", "plain"), HaveField("Memory", 17))))
		Expect(staged.log).To(ContainSubstring(`Sidecar "agent" is left out: service "sidecars":1 says enabled: false.`))
		s := sidecar(t, directory, "run", "-d", staged.droplet, "--services", declared("two"), "--env", "SIDECAR_NONE=1")
		Expect(takeNote(s, "plain")).To(And(ContainSubstring("KEY=two\n"), ContainSubstring("TEXT=service\n"), ContainSubstring("f 600 two")))
		s.stop()
	})

	context("marked secrets", func() {
		const mark = "s3cret/+&?=mark"

		// hides fails where a text has the mark, as it is or in one of the usual encodings.
		hides := func(where string, text []byte) {
			t.Helper()
			for _, form := range encodings(mark) {
				if at := bytes.Index(text, []byte(form)); at >= 0 {
					t.Fatalf("%s has %q: …%q…", where, form, text[max(0, at-80):min(len(text), at+80)])
				}
			}
		}
		it("are in no droplet, no result, no cache, no log and no argument, wherever they come from", func() {
			directory = app(t, map[string]string{"Procfile": "web: sleep 1000", "note.sh": note, "rules.txt": "r", "sidecars.yml": agent, ".cfignore": "manifest.yml\n*.json\n"})
			inline := fmt.Sprintf(`[{name: inline, command: bash note.sh inline, env: {KEY: %q, OTHER: {binding: api_key, of: apm, default: %[1]q}}, app-env: {FOR_APP: %[1]q}, files: {f: "text %[1]s"}}]`, mark)
			manifest(fmt.Sprintf(", env: {NOTES: %q, SIDECARS: %q, SIDECAR_AGENT_ENV: %q}", notes, inline, fmt.Sprintf(`{"KEY": {"binding": "api_key"}, "TEXT": %q}`, mark)))
			content, err := os.ReadFile(filepath.Join(directory, "manifest.yml"))
			Expect(err).NotTo(HaveOccurred())
			only := strings.Replace(string(content), fmt.Sprintf("env: {NOTES: %q}, ", notes), "", 1)
			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(only), 0o600)).To(Succeed())
			bound := services(map[string]any{
				"apm": map[string]any{"api_key": mark}, "vault": map[string]any{"token": mark},
				"ops": map[string]any{"x": mark},
				"sidecars": map[string]any{"sidecars": []any{map[string]any{"name": "service", "command": "bash note.sh service",
					"env": map[string]any{"KEY": mark}, "app-env": map[string]any{"ALSO": mark}, "files": map[string]any{"f": mark}}}},
			})
			staged := stage(t, directory, "--services", bound)
			hides("the staging log", []byte(staged.log))
			for _, kept := range []string{"droplet.tgz", "cache.tgz"} {
				unpacked := t.TempDir()
				output, err := exec.Command("tar", "-xzf", filepath.Join(staged.droplet, kept), "-C", unpacked).CombinedOutput()
				Expect(err).NotTo(HaveOccurred(), string(output))
				searchFiles(t, unpacked, hides)
			}
			content, err = os.ReadFile(filepath.Join(staged.droplet, "result.json"))
			Expect(err).NotTo(HaveOccurred())
			hides("result.json", content)

			s := sidecar(t, directory, "run", "-d", staged.droplet, "--services", bound)
			for name, has := range map[string]string{"agent": "TEXT=" + mark, "inline": "f 600 text " + mark, "service": "f 600 " + mark} {
				Expect(takeNote(s, name)).To(And(ContainSubstring("KEY="+mark+"\n"), ContainSubstring(has)), name)
			}
			commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
			Expect(err).NotTo(HaveOccurred())
			for _, path := range commands {
				if content, err := os.ReadFile(path); err == nil { // it may have ended
					hides(path, content)
				}
			}
			hides("the log", s.Out.Contents())
			hides("what is said of errors", s.Err.Contents())
			s.stop()
		})

		for _, wrong := range []struct{ kind, sidecars, said string }{
			{"a key that is missing", agent, `no credential "api_key" of the service "apm"`},
			{"a template with a slip", "- {name: a, command: x, binding: apm, files: {f: '{{ binding \"key\" | " + mark + "'}}", "files: f:1: "},
			{"a template that asks for more", "- {name: a, command: x, binding: apm, files: {f: '" + mark + " {{ binding \"none\" }}'}}", `no key "none" in the credentials of the service "apm"`},
			{"a value of the wrong kind", "- {name: a, command: x, env: {A: ['" + mark + "']}}", "env: A: found a list"},
			{"a file that is not there", "- {name: a, command: x, files: {f: {from: nowhere}}}", `"nowhere", which is not in the app`},
			{"two services that match", "- {name: a, command: x, binding: user-provided}", "found 2 services with"},
			{"a credential of no service", "- {name: a, command: x, env: {A: {binding: key}}}", "a credential without a service"},
			{"a service that is not bound", "- {name: a, command: x, env: {A: {binding: key, of: none}}}", "no bound service with"},
			{"a path that leads out", "- {name: a, command: x, files: {../f: x}}", "a path below $SIDECAR_FILES"},
			{"a file that would be two", "- {name: a, command: x, files: {f: x, f/g: y}}", "one would be a directory"},
			{"a selector of an unknown kind", "- {name: a, command: x, binding: {plan: small}}", "one of the keys name, label, tag"},
			{"a function that does not exist", "- {name: a, command: x, files: {f: '{{ secret \"" + mark + "\" }}'}}", `the function "secret"`},
		} {
			it("are not quoted in what staging says of "+wrong.kind, func() {
				manifest("")
				Expect(os.WriteFile(filepath.Join(directory, "sidecars.yml"), []byte(wrong.sidecars), 0o600)).To(Succeed())
				log, message := failToStage(t, 223, directory, "--services", services(map[string]any{"apm": map[string]any{"key": mark}, "db": map[string]any{"uri": mark}}))
				Expect(log + message).To(ContainSubstring(wrong.said))
				hides("the log", []byte(log))
				hides("the message", []byte(message))
			})
		}

		it("are not quoted in what a start says that finds its service changed", func() {
			manifest("")
			staged := stage(t, directory, "--services", services(map[string]any{"apm": map[string]any{"api_key": mark}}))
			for why, now := range map[string]map[string]any{
				`no key "api_key" in the credentials of the service "apm"`: {"apm": map[string]any{"other": mark}},
				`name, label or tag "apm"`:                                 {"db": map[string]any{"uri": mark}},
			} {
				s := sidecar(t, directory, "run", "-d", staged.droplet, "--services", services(now))
				Eventually(s.log).Should(And(ContainSubstring("[sidecar-render] agent: "), ContainSubstring(why)))
				Eventually(s.log).Should(ContainSubstring("its variables and files cannot be made from bound services: sidecar-render ended with status 1; the app's instance ends"))
				hides("the log", s.Out.Contents())
				s.end()
			}
		})
	})
}

// encodings are a text as it is, in URLs, in JSON, and in base64 wherever in the encoded text
// it begins.
func encodings(text string) []string {
	forms := []string{text, url.QueryEscape(text), url.PathEscape(text)}
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("x", shift) + text))
			// Its first and last characters depend on the text before and after it.
			forms = append(forms, encoded[4*((shift+2)/3):len(encoded)-4])
		}
	}
	if escaped, err := json.Marshal(text); err == nil {
		forms = append(forms, string(escaped[1:len(escaped)-1]))
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// searchFiles looks at all files below a directory.
func searchFiles(t *testing.T, directory string, look func(where string, content []byte)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(directory, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			files++
			look(strings.TrimPrefix(path, directory), content)
		}
		return err
	})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(files).To(BeNumerically(">", 0))
}

// processIDs are those of the processes with these arguments, each with a NUL behind it, that
// have a variable in their environment.
func processIDs(t *testing.T, arguments, variable string) (ids []string) {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	for _, process := range processes {
		command, _ := os.ReadFile(filepath.Join(process, "cmdline")) // it may have ended
		environ, _ := os.ReadFile(filepath.Join(process, "environ"))
		if string(command) == arguments && strings.Contains("\x00"+string(environ), "\x00"+variable+"\x00") {
			ids = append(ids, filepath.Base(process))
		}
	}
	return ids
}
