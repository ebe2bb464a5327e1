package integration_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testMarkedAddresses follows the passwords of an artifact's address, which the service sidecars
// states, and of the proxy that it comes through.
func testMarkedAddresses(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		said      strings.Builder // of all commands
		status    atomic.Int64    // the proxy's answer
		asked     atomic.Int64
	)
	const program = "#!/bin/sh\necho \"the agent runs\"\nexec sleep 1000\n"

	it.Before(func() {
		said.Reset()
		status.Store(http.StatusOK)
		asked.Store(0)
		credentials := func(user string) string {
			return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+marked))
		}
		proxy := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			asked.Add(1)
			if request.URL.Host != "artifacts.example" || request.Header.Get("Authorization") != credentials("team") || request.Header.Get("Proxy-Authorization") != credentials("app") {
				response.WriteHeader(http.StatusBadRequest)
				return
			}
			response.WriteHeader(int(status.Load()))
			_, _ = response.Write([]byte(program)) // the specs tell whether it arrives
		}))
		t.Cleanup(proxy.Close)

		services, err := json.Marshal(map[string]any{"user-provided": []any{map[string]any{
			"name": "sidecars", "label": "user-provided",
			"credentials": map[string]any{"sidecars": []any{map[string]any{
				"name": "agent",
				"artifact": map[string]any{
					"uri":        "http://" + url.UserPassword("team", marked).String() + "@artifacts.example/agent",
					"sha256":     fmt.Sprintf("%x", sha256.Sum256([]byte(program))),
					"executable": "agent",
				},
				"env":                                  map[string]any{"TOKEN": marked},
				"app-env":                              map[string]any{"AGENT_TOKEN": marked},
				"files":                                map[string]any{"token": "{{ `" + marked + "` }}"},
				"restart":                              "always",
				"port":                                 "$AGENT_PORT",
				"readiness-health-check-http-endpoint": "/",
				"readiness-health-check-http-headers":  map[string]any{"Authorization": "Bearer " + marked},
			}}},
		}}})
		Expect(err).NotTo(HaveOccurred())
		directory = app(t, map[string]string{
			".cfignore":     "services.json\nproxy.env\nmanifest.yml\n",
			"Procfile":      "web: exec sleep 1000",
			"manifest.yml":  "applications: [{name: a, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
			"services.json": string(services),
			"proxy.env":     "HTTP_PROXY=" + strings.Replace(proxy.URL, "http://", "http://"+url.UserPassword("app", marked).String()+"@", 1) + "\n",
		})
	})
	it.After(func() { Expect(leaks(said.String())).To(BeEmpty(), said.String) })

	// finish is the exit code of a command that ends by itself.
	finish := func(args ...string) int {
		t.Helper()
		s := sidecar(t, directory, append(args, "--services", "services.json", "--env-file", "proxy.env")...)
		s.await()
		said.WriteString(s.log() + string(s.Err.Contents()))
		return s.ExitCode()
	}

	it("CF-41: are in no output, no droplet, no argument and no file that others can read", func() {
		for _, args := range [][]string{{"plan"}, {"plan", "--output", "json"}, {"validate"}} {
			Expect(finish(args...)).To(Equal(0), said.String)
		}
		droplet := filepath.Join(t.TempDir(), "droplet")
		Expect(finish("stage", "-o", droplet)).To(Equal(0), said.String)
		Expect(asked.Load()).To(BeNumerically("==", 1))
		unpacked := t.TempDir()
		output, err := exec.Command("tar", "-xzf", filepath.Join(droplet, "droplet.tgz"), "-C", unpacked).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		for _, root := range []string{unpacked, filepath.Join(droplet, "result.json")} {
			Expect(filesWithSecrets(root, func(fs.FileInfo) bool { return true })).To(BeEmpty())
		}
		content, err := os.ReadFile(filepath.Join(unpacked, "deps/0/bin/agent"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(content)).To(Equal(program))

		s := sidecar(t, directory, "run", "-d", droplet, "--services", "services.json")
		s.expectLine("APP/PROC/WEB/SIDECAR/AGENT/0", "the agent runs")
		Expect(argumentsWithSecrets()).To(BeEmpty())
		Expect(filesWithSecrets(s.tmp, func(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 })).To(BeEmpty())
		s.stop()
		said.WriteString(s.log() + string(s.Err.Contents()))
	})

	context("failure cases", func() {
		for _, refusal := range []int{http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusNotFound} {
			it(fmt.Sprintf("are not in the error of an artifact that is refused with %d", refusal), func() {
				status.Store(int64(refusal))
				Expect(finish("stage")).NotTo(Equal(0))
				Expect(said.String()).To(ContainSubstring("artifacts.example/agent"))
				Expect(said.String()).To(ContainSubstring(fmt.Sprintf("%d %s", refusal, http.StatusText(refusal))))
			})
		}
	})
}
