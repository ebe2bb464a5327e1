package integration_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oauth2-proxy/mockoidc"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testCatalog runs the catalog's sidecars, each with the real program, as
// scripts/dependencies.sh builds it.
func testCatalog(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)

	// asker is an app that asks its sidecars, with these files and variables, in a
	// container of 512 MB.
	asker := func(files, variables map[string]string, program ...string) string {
		t.Helper()
		mirror := catalogMirror(t, program...)
		all := map[string]string{"Procfile": "web: exec ./asker\n", "manifest.yml": "applications:\n- name: asker\n  memory: 512M\n  buildpacks: [sidecar_buildpack]\n  env:\n" +
			"    BP_DEPENDENCY_MIRROR_GITHUB_COM: " + mirror + "\n"}
		for name, value := range variables {
			all["manifest.yml"] += fmt.Sprintf("    %s: %q\n", name, value)
		}
		for name, content := range files {
			all[name] = content
		}
		directory := app(t, all)
		goBuild(t, filepath.Join(directory, "asker"), "./integration/testdata/asker")
		return directory
	}
	// bound is the environment of an app with a user-provided service.
	bound := func(name, credentials string) []string {
		return []string{`VCAP_SERVICES={"user-provided": [{"name": "` + name + `", "label": "user-provided", "credentials": ` + credentials + `}]}`}
	}
	// push pushes an app that is bound to services.
	push := func(directory string, services []string, args ...string) *session {
		t.Helper()
		return startSidecar(t, directory, services, append([]string{"push", "--lifecycle", built.lifecycle}, args...)...)
	}
	// ask has the app ask one of its sidecars.
	ask := func(s *session, what, body string) string {
		t.Helper()
		answer, err := http.Post(s.url()+"/ask?url="+url.QueryEscape(what), "application/json", strings.NewReader(body))
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		content, err := io.ReadAll(answer.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(answer.StatusCode).To(Equal(http.StatusOK), string(content)+s.log())
		return string(content)
	}
	const policy = "package app\n\ndefault allow := false\n\nallow if input.user in data.admins\n"

	context("opa", func() {
		const question = "$OPA_URL/v1/data/app/allow"

		it("decides by the app's policies, and the app starts when it can be asked", func() {
			port := testport.Free(t)
			s := sidecar(t, asker(map[string]string{
				"sidecars.yml":       "- {name: opa, hold-app: true}\n",
				"policies/app.rego":  policy,
				"policies/data.json": `{"admins": ["ada"]}`,
			}, map[string]string{"OPA_PORT": port}, "opa"), "push")
			Expect(ask(s, question, `{"input": {"user": "ada"}}`)).To(MatchJSON(`{"result": true}`))
			Expect(ask(s, question, `{"input": {"user": "eve"}}`)).To(MatchJSON(`{"result": false}`))
			Expect(s.log()).To(MatchRegexp(`(?s)SIDECAR/OPA/0\] OUT Invoking start command\..*PROC/WEB/0\] OUT Invoking start command\.`))
			s.stop()
			Expect(s.log()).To(MatchRegexp(`SIDECAR/OPA/0\] OUT Exit status 0\n`))
		})

		it("decides by the bundle of the service that is bound, and by a new one", func() {
			var served atomic.Value
			served.Store(bundle(t, map[string]string{"app.rego": policy, "data.json": `{"admins": ["ada"]}`, ".manifest": `{"roots": ["app", "admins"]}`}))
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/team/bundle.tar.gz" || r.Header.Get("Authorization") != "Bearer secret$token" {
					http.Error(w, "not this one", http.StatusForbidden)
					return
				}
				_, _ = w.Write(served.Load().([]byte))
			}))
			t.Cleanup(service.Close)
			s := push(asker(map[string]string{"sidecars.yml": "- {name: opa, hold-app: true}\n"}, map[string]string{"OPA_PORT": testport.Free(t)}, "opa"),
				bound("opa", `{"url": "`+service.URL+`/team", "token": "secret$token"}`))
			Expect(ask(s, question, `{"input": {"user": "ada"}}`)).To(MatchJSON(`{"result": true}`), "the bundle was there before the app")
			Expect(ask(s, question, `{"input": {"user": "eve"}}`)).To(MatchJSON(`{"result": false}`))
			served.Store(bundle(t, map[string]string{"app.rego": policy, "data.json": `{"admins": ["eve"]}`, ".manifest": `{"roots": ["app", "admins"]}`}))
			Eventually(func() string { return ask(s, question, `{"input": {"user": "eve"}}`) }).Should(MatchJSON(`{"result": true}`))
			s.stop()
			Expect(s.log()).NotTo(ContainSubstring("secret"))
		})

		context("failure cases", func() {
			it("says what is missing where there is no policy", func() {
				s := sidecar(t, asker(map[string]string{"sidecars.yml": "- {name: opa}\n"}, map[string]string{"OPA_PORT": testport.Free(t)}, "opa"), "push")
				Eventually(s.log).Should(ContainSubstring("SIDECAR/OPA/0] ERR opa: found no policies in policies; expected a directory or a file of the app with them, or a bound bundle service"))
			})
		})
	})

	context("caddy", func() {
		it("limits the requests of each client and sets headers, in front of the app", func() {
			s := sidecar(t, asker(map[string]string{
				"sidecars.yml":      "- name: caddy\n",
				"caddy/rules.caddy": "header Content-Security-Policy \"default-src 'self'\"\n",
			}, map[string]string{"CADDY_RATE_EVENTS": "5", "CADDY_RATE_WINDOW": "1h"}, "caddy"), "push")
			// from is a request by way of the router, which has put the client's address last.
			from := func(client string) *http.Response {
				t.Helper()
				request, err := http.NewRequest(http.MethodGet, s.url()+"/headers", nil)
				Expect(err).NotTo(HaveOccurred())
				request.Header.Set("X-Forwarded-For", client)
				request.Header.Set("X-Forwarded-Proto", "https")
				answer, err := http.DefaultClient.Do(request)
				Expect(err).NotTo(HaveOccurred())
				t.Cleanup(func() { _ = answer.Body.Close() })
				return answer
			}
			answer := from("192.0.2.1")
			Expect(answer.StatusCode).To(Equal(http.StatusOK), s.log)
			Expect(answer.Header).To(And(HaveKeyWithValue("X-Content-Type-Options", []string{"nosniff"}), HaveKeyWithValue("Content-Security-Policy", []string{"default-src 'self'"}),
				HaveKeyWithValue("Strict-Transport-Security", []string{"max-age=31536000"}), Not(HaveKey("X-Powered-By"))))
			Expect(answer.Header).To(HaveKeyWithValue("Referrer-Policy", []string{"no-referrer"}), "what the app sets stays")
			var headers http.Header
			Expect(json.NewDecoder(answer.Body).Decode(&headers)).To(Succeed())
			Expect(headers).To(HaveKeyWithValue("X-Forwarded-Proto", []string{"https"}), "what the router says stays")

			for range 4 {
				Expect(from("192.0.2.1").StatusCode).To(Equal(http.StatusOK))
			}
			limited := from("192.0.2.1")
			Expect(limited.StatusCode).To(Equal(http.StatusTooManyRequests))
			Expect(limited.Header.Get("Retry-After")).NotTo(BeEmpty())
			Expect(from("198.51.100.9, 192.0.2.1").StatusCode).To(Equal(http.StatusTooManyRequests), "a client that writes addresses in front of its own is the same")
			Expect(from("192.0.2.2").StatusCode).To(Equal(http.StatusOK), "another client has a limit of its own")
			s.stop()
			Expect(s.log()).To(MatchRegexp(`SIDECAR/CADDY/0\] OUT Exit status 0\n`))
		})
	})

	context("statsd_exporter", func() {
		it("serves to Prometheus what the app sends by StatsD", func() {
			metrics := testport.Free(t)
			s := sidecar(t, asker(map[string]string{
				"sidecars.yml":       "- {name: statsd_exporter, hold-app: true}\n",
				"statsd-mapping.yml": "mappings:\n- match: orders.*\n  name: orders\n  labels: {kind: $1}\n",
			}, map[string]string{"STATSD_EXPORTER_PORT": testport.Free(t), "STATSD_EXPORTER_METRICS_PORT": metrics}, "statsd_exporter"), "push")
			s.get("/send?to=$STATSD_ADDR&text=" + url.QueryEscape("orders.paid:2|c"))
			s.get("/send?to=$STATSD_HOST:$STATSD_PORT&text=" + url.QueryEscape("orders.paid:3|c"))
			Eventually(func() string { return ask(s, "http://127.0.0.1:"+metrics+"/metrics", "") }).Should(ContainSubstring(`orders{kind="paid"} 5`))
			s.stop()
		})
	})

	context("oauth2-proxy", func() {
		it("lets in who the provider knows, and tells the app who that is", func() {
			provider, err := mockoidc.Run()
			Expect(err).NotTo(HaveOccurred())
			t.Cleanup(func() { _ = provider.Shutdown() })
			s := push(asker(map[string]string{"sidecars.yml": "- name: oauth2-proxy\n"}, map[string]string{
				"OAUTH2_PROXY_COOKIE_SECURE": "false", // there is no TLS in front
			}, "oauth2-proxy"), bound("oauth2-proxy", fmt.Sprintf(`{"client_id": %q, "client_secret": %q, "issuer_url": %q}`, provider.ClientID, provider.ClientSecret, provider.Issuer())), "-i", "2")
			second := func() string {
				found := regexp.MustCompile(`CELL/1\] OUT asker is up at (\S+)`).FindStringSubmatch(s.log())
				if found == nil {
					return ""
				}
				return found[1]
			}
			Eventually(second).ShouldNot(BeEmpty(), s.log)

			stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			sent, err := stay.Get(s.url() + "/headers")
			Expect(err).NotTo(HaveOccurred())
			Expect(sent.Body.Close()).To(Succeed())
			Expect(sent.StatusCode).To(Equal(http.StatusFound), "who is not known is sent to the provider")
			Expect(sent.Header.Get("Location")).To(HavePrefix(provider.AuthorizationEndpoint()))

			provider.QueueUser(&mockoidc.MockUser{Subject: "1", Email: "ada@example.com", EmailVerified: true, PreferredUsername: "ada"})
			jar, err := cookiejar.New(nil)
			Expect(err).NotTo(HaveOccurred())
			browser := &http.Client{Jar: jar}
			// headers are those that the app gets of a request that claims to be another user's.
			headers := func(address string) (found http.Header) {
				t.Helper()
				request, err := http.NewRequest(http.MethodGet, address+"/headers", nil)
				Expect(err).NotTo(HaveOccurred())
				request.Header.Set("X-Forwarded-Email", "eve@example.com")
				answer, err := browser.Do(request)
				Expect(err).NotTo(HaveOccurred())
				defer answer.Body.Close()
				content, err := io.ReadAll(answer.Body)
				Expect(err).NotTo(HaveOccurred())
				Expect(json.Unmarshal(content, &found)).To(Succeed(), answer.Status+string(content)+s.log())
				return found
			}
			Expect(headers(s.url())).To(HaveKeyWithValue("X-Forwarded-Email", []string{"ada@example.com"}))
			Expect(headers(second())).To(HaveKeyWithValue("X-Forwarded-Email", []string{"ada@example.com"}), "another instance reads the same cookie")
			s.stop()
			Expect(s.log()).NotTo(ContainSubstring(provider.ClientSecret))
		})
	})

	context("a package", func() {
		it("has what its profile says, and what is added", func() {
			catalogMirror(t, "statsd_exporter")
			zips := t.TempDir()
			zip := packageZip(t, zips, "--cached", "--profile", "none", "--include", "statsd_exporter")
			Expect(filepath.Base(zip)).To(Equal(built.name + "_buildpack-cached-none+custom-v9.8.7.zip"))
			directory := app(t, map[string]string{
				"Procfile":     "web: ./start",
				"sidecars.yml": "- name: statsd_exporter\n",
				"manifest.yml": "applications:\n- name: packaged\n  env: {HTTPS_PROXY: 'http://127.0.0.1:1'}\n", // not a proxy: what goes to the network fails
			})
			Expect(stage(t, directory, "-b", zip).Sidecars).To(HaveLen(1))

			Expect(os.WriteFile(filepath.Join(directory, "sidecars.yml"), []byte("- name: caddy\n"), 0o600)).To(Succeed())
			log, _ := failToStage(t, 223, directory, "-b", zip)
			Expect(strings.Join(strings.Fields(log), " ")).To(ContainSubstring(`dependency "caddy" was left out when this buildpack was packaged`))
		})

		context("failure cases", func() {
			for _, c := range [][2]string{
				{"--profile=core", "found --profile, --exclude or --include without --cached"},
				{"--cached --profile=small", "found the profile 'small'; expected one of packaging_profiles in manifest.yml"},
				{"--cached --include=envoy", "found the dependency 'envoy'; expected one of caddy oauth2-proxy opa otel-collector statsd_exporter"},
			} {
				it("is not made of "+c[0], func() {
					output, err := runPackage("--version 1.2.3 " + strings.ReplaceAll(c[0], "=", " "))
					Expect(err).To(MatchError("exit status 2"))
					Expect(output).To(ContainSubstring(c[1]))
				})
			}
		})
	})
}

// bundle is what a bundle service of OPA serves: a .tar.gz with these files.
func bundle(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var content bytes.Buffer
	compressed := gzip.NewWriter(&content)
	packed := tar.NewWriter(compressed)
	for name, text := range files {
		NewWithT(t).Expect(packed.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))})).To(Succeed())
		_, err := io.WriteString(packed, text)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
	}
	NewWithT(t).Expect(packed.Close()).To(Succeed())
	NewWithT(t).Expect(compressed.Close()).To(Succeed())
	return content.Bytes()
}
