package integration_test

import (
	"bufio"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testAuthorsExamples makes the buildpacks of examples/buildpacks as their pages say, and stages, runs,
// checks and packages each.
func testAuthorsExamples(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		author authoring
	)

	it.Before(func() {
		catalogMirror(t, "opa", "caddy", "otel-collector") // their archives are there then
		author = newAuthoring(t)
	})
	made := func(name string) string {
		t.Helper()
		archives := &url.URL{Scheme: "file", Path: filepath.Join(built.root, ".build", "dependencies")}
		return exampleBuildpack(t, author, name, archives.String())
	}
	check := func(name string, args ...string) {
		t.Helper()
		s := startSidecar(t, author.directory, nil, append([]string{"check", "built-" + name, "--lifecycle", built.lifecycle}, args...)...)
		s.await()
		// What it installs comes from this machine here, and from a release for its users.
		Expect(s.log()).To(And(HavePrefix("manifest.yml:10: warning: a dependency comes by an insecure or unusable address: "), ContainSubstring("\n0 errors, 1 warning and 0 notes in built-"+name+", staged 10 times\n")),
			func() string { return string(s.Err.Contents()) })
	}
	// packagedFrom is the zip of a buildpack, with what it installs.
	packagedFrom := func(name string) string {
		t.Helper()
		author.run(t, name, "scripts/package.sh --cached")
		zip := filepath.Join(author.directory, name, ".build", name+"_buildpack-cached-v0.1.0.zip")
		listed := author.run(t, name, "unzip -l '"+zip+"'")
		Expect(listed).To(And(ContainSubstring("bin/supply\n"), ContainSubstring("dependencies/")))
		return zip
	}

	it("has at most 60 lines of each buildpack's own, and a page", func() {
		for _, name := range []string{"policy", "proxy", "apm"} {
			directory := filepath.Join(built.root, "examples", "buildpacks", name)
			Expect(filepath.Join(directory, "README.md")).To(BeAnExistingFile())
			lines := 0
			Expect(filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() || entry.Name() == "README.md" {
					return err
				}
				file, err := os.Open(path)
				if err != nil {
					return err
				}
				defer file.Close()
				for scanner := bufio.NewScanner(file); scanner.Scan(); {
					lines++
				}
				return nil
			})).To(Succeed())
			Expect(lines).To(And(BeNumerically(">", 0), BeNumerically("<=", 60)), name)
		}
	})

	it("policy decides by the app's policies, and refuses an app without any", func() {
		need(t, "curl")
		buildpack := made("policy")
		port := testport.Free(t)
		example := filepath.Join(author.directory, "policy", "example")
		s := sidecar(t, example, "push", "-b", buildpack, "--env", "POLICY_PORT="+port)
		NewWithT(t).Eventually(s.log).Should(ContainSubstring(`[APP/PROC/WEB/0] OUT {"result":true}`), func() string { return s.log() + string(s.Err.Contents()) })
		s.stop()
		log, _ := failToStage(t, 223, app(t, map[string]string{"Procfile": "web: x\n", "sidecars.yml": "- name: policy\n"}), "-b", buildpack)
		Expect(log).To(ContainSubstring("sidecar policy: found no policies/*.rego in the app; expected its policies there"))
		check("policy", "--app", example)
		packagedFrom("policy")
	})

	it("proxy is in front of every app, and can be taken out", func() {
		buildpack := made("proxy")
		directory := app(t, map[string]string{"Procfile": "web: ./go-app\n"})
		goBuild(t, filepath.Join(directory, "go-app"), "./examples/go-app")
		s := sidecar(t, directory, "push", "-b", buildpack, "--env", "CONFIG_SERVER_PORT=1")
		NewWithT(t).Eventually(func() (string, error) {
			answer, err := http.Get(s.url())
			if err != nil {
				return "", err
			}
			defer answer.Body.Close()
			return fmt.Sprint(answer.StatusCode, answer.Header.Get("X-Proxied-By")), nil
		}).Should(Equal("200proxy"), s.log)
		s.stop()
		Expect(stage(t, directory, "-b", buildpack, "--env", "SIDECAR_PROXY_ENABLED=false").Sidecars).To(BeEmpty())
		check("proxy")
		packagedFrom("proxy")
	})

	it("apm runs in an app that is bound, with the endpoint and token of the binding, and in no other", func() {
		need(t, "curl")
		buildpack := made("apm")
		var received struct {
			sync.Mutex
			paths []string
		}
		vendor := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			received.Lock()
			defer received.Unlock()
			received.paths = append(received.paths, r.URL.Path+" "+r.Header.Get("Authorization"))
		}))
		t.Cleanup(vendor.Close)
		files := map[string]string{
			"Procfile":              "web: ./start.sh\n",
			"manifest.yml":          "applications:\n- name: traced\n  memory: 512M\n  health-check-type: process\n  services: [apm]\n  env: {APM_PORT: '" + testport.Free(t) + "', APM_HEALTH_PORT: '" + testport.Free(t) + "'}\n",
			".sidecar-services.yml": "services:\n  apm:\n    credentials: {url: '" + vendor.URL + "', token: planted-token}\n",
			"start.sh": `#!/bin/bash
until curl -sf -H 'Content-Type: application/json' -d '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "5b8efff798038103d269b633813fc60c",
  "spanId": "eee19b7ec3c1b174", "name": "request", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}]}]}]}' "$OTEL_EXPORTER_OTLP_ENDPOINT/v1/traces"; do sleep 0.2; done
exec sleep 1000
`,
		}
		s := sidecar(t, app(t, files), "push", "-b", buildpack)
		NewWithT(t).Eventually(func() []string {
			received.Lock()
			defer received.Unlock()
			return received.paths
		}).Should(ContainElement("/v1/traces Bearer planted-token"), s.log)
		s.stop()
		Expect(s.log()).NotTo(ContainSubstring("planted-token"))

		delete(files, ".sidecar-services.yml")
		files["manifest.yml"] = strings.ReplaceAll(files["manifest.yml"], "  services: [apm]\n", "")
		unbound := stage(t, app(t, files), "-b", buildpack)
		Expect(unbound.Sidecars).To(BeEmpty())
		Expect(unbound.log).To(ContainSubstring(`Sidecar "apm" is left out`))
		check("apm", "--app", filepath.Join(author.directory, "apm", "example"))
		packagedFrom("apm")
	})

	it("stages packages of two in one push with this buildpack, in both orders", func() {
		own, err := packaged()
		Expect(err).NotTo(HaveOccurred())
		made("policy")
		made("proxy")
		policy, proxy := packagedFrom("policy"), packagedFrom("proxy")
		directory := app(t, map[string]string{
			"Procfile": "web: " + forever, "policies/a.rego": "package a\n",
			"sidecars.yml": "- name: policy\n- name: config-server\n",
			"manifest.yml": "applications:\n- name: several\n  memory: 1G\n  health-check-type: process\n",
		})
		for _, order := range [][]string{{own, policy, proxy}, {proxy, policy, own}} {
			var args []string
			for _, zip := range order {
				args = append(args, "-b", zip)
			}
			staged := stage(t, directory, args...)
			Expect(staged.Sidecars).To(ConsistOf(HaveField("Name", "policy"), HaveField("Name", "proxy"), HaveField("Name", "config-server")), staged.log)
			Expect(staged.Lifecycle.Buildpacks).To(ConsistOf(HaveField("Name", built.id), HaveField("Name", "policy"), HaveField("Name", "proxy")))
		}
	})
}

// nextVersion is a checkout of the version after this one, whose supervisor is told in another
// version of its file.
func nextVersion(t *testing.T) string {
	t.Helper()
	Expect := NewWithT(t).Expect
	next := t.TempDir()
	copied := exec.Command("bash", "-euo", "pipefail", "-c", `git ls-files -z --cached --others --exclude-standard | tar c --null --ignore-failed-read -T - | tar x -C "$0" && git -C "$0" init -q`, next)
	copied.Dir = built.root
	output, err := copied.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(output))
	protocol := filepath.Join(next, "internal", "supervision", "encoding.go")
	content, err := os.ReadFile(protocol)
	Expect(err).NotTo(HaveOccurred())
	changed := strings.Replace(string(content), `const version = "1"`, `const version = "2"`, 1)
	Expect(changed).NotTo(Equal(string(content)))
	Expect(os.WriteFile(protocol, []byte(changed), 0o600)).To(Succeed())
	return next
}
