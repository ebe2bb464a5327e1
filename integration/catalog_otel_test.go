package integration_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testCatalogOTel gives the catalog's collector services to pass things on to.
func testCatalogOTel(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)
	// bound is the environment of an app that is bound to a service called otel-collector.
	bound := func(credentials string) string {
		return `VCAP_SERVICES={"user-provided": [{"name": "otel-collector", "label": "user-provided", "credentials": ` + credentials + `}]}`
	}

	it("passes on to what is bound, with its headers, and with new ones after a restart", func() {
		need(t, "curl")
		received := make(chan string, 100)
		backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			received <- r.URL.Path + " " + r.Header.Get("Authorization") + " " + r.Header.Get("X-Tenant")
		}))
		t.Cleanup(backend.Close)
		port := testport.Free(t)
		directory := app(t, map[string]string{
			"Procfile":     "web: exec ./start.sh",
			"sidecars.yml": "- {name: otel-collector, hold-app: true}\n",
			"manifest.yml": "applications:\n- name: traced\n  memory: 256M\n  health-check-type: process\n  buildpacks: [sidecar_buildpack]\n  env:\n    BP_DEPENDENCY_MIRROR_GITHUB_COM: " + catalogMirror(t, "otel-collector") +
				"\n    OTEL_COLLECTOR_HTTP_PORT: " + port + "\n    OTEL_COLLECTOR_GRPC_PORT: " + testport.Free(t) + "\n    OTEL_COLLECTOR_HEALTH_PORT: " + testport.Free(t) + "\n",
			"start.sh": `#!/bin/bash
curl -s -H 'Content-Type: application/json' -d '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "5b8efff798038103d269b633813fc60c",
  "spanId": "eee19b7ec3c1b174", "name": "request", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}]}]}]}' "$OTEL_EXPORTER_OTLP_ENDPOINT/v1/traces"
exec sleep 1000
`,
		})
		droplet := filepath.Join(t.TempDir(), "droplet")
		for i, token := range []string{"first$$secret", `second"\secret`} {
			credentials := fmt.Sprintf(`{"endpoint": %q, "token": %q, "headers": "X-Tenant=team ${HOME}"}`, backend.URL, token)
			if i == 0 {
				staging := startSidecar(t, directory, []string{bound(credentials)}, "stage", "-o", droplet, "--lifecycle", built.lifecycle)
				staging.await()
				Expect(staging.ExitCode()).To(Equal(0), staging.log)
			}
			s := startSidecar(t, directory, []string{bound(credentials)}, "run", "-d", droplet, "--lifecycle", built.lifecycle)
			Eventually(received).Should(Receive(Equal("/v1/traces Bearer "+token+" team ${HOME}")), s.log)
			s.stop()
			Expect(s.log()).NotTo(ContainSubstring("secret"))
		}
	})

	it("knows the keys of several vendors", func() {
		mirror := catalogMirror(t, "otel-collector")
		staged := stage(t, app(t, map[string]string{"Procfile": "web: ./start", "sidecars.yml": "- name: otel-collector\n"}), "-b", "sidecar_buildpack",
			"--env", "BP_DEPENDENCY_MIRROR_GITHUB_COM="+strings.Trim(mirror, "'"))
		root := t.TempDir()
		output, err := exec.Command("tar", "-xzf", filepath.Join(staged.droplet, "droplet.tgz"), "-C", root).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		deps := filepath.Join(root, "deps")
		found, err := filepath.Glob(filepath.Join(deps, "0", "packages", "otel-collector-*", "otelcol"))
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(HaveLen(1))
		collector := found[0]

		// made is what is made of the credentials for the collector, which has accepted it.
		made := func(credentials string) map[string]any {
			t.Helper()
			files := filepath.Join(deps, "0", "run", "files", "0")
			render := exec.Command(filepath.Join(deps, "0", "bin", "sidecar-render"), "files", "otel-collector")
			render.Env = []string{bound(credentials), "SIDECAR_FILES=" + files, "HOME=" + filepath.Dir(deps), "DEPS_DIR=" + deps, "PATH=" + os.Getenv("PATH")}
			render.Dir = filepath.Join(filepath.Dir(deps), "app")
			output, err := render.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			content, err := os.ReadFile(filepath.Join(files, "service.yaml"))
			Expect(err).NotTo(HaveOccurred())
			var parsed struct {
				Exporters map[string]any `yaml:"exporters"`
			}
			Expect(yaml.Unmarshal(content, &parsed)).To(Succeed(), string(content))
			if len(content) > 0 && !strings.Contains(credentials, "ingest-otlp") { // whose certificates would have to be some
				output, err = exec.Command(collector, "validate", "--config", filepath.Join(filepath.Dir(collector), "config.yaml"), "--config", filepath.Join(files, "service.yaml")).CombinedOutput()
				Expect(err).NotTo(HaveOccurred(), string(output))
			}
			return parsed.Exporters
		}

		for _, vendor := range []struct{ name, credentials, exporter, made string }{
			{"OpenTelemetry", `{"otel.exporter.otlp.endpoint": "https://c.example:4317", "otel.exporter.otlp.protocol": "grpc"}`, "otlp_grpc", `{endpoint: 'https://c.example:4317', headers: null}`},
			{"Datadog", `{"api_key": "k", "site": "datadoghq.eu"}`, "otlp_http", `{endpoint: https://otlp.datadoghq.eu, headers: {dd-api-key: k}}`},
			{"Datadog's variables", `{"DD_API_KEY": "k"}`, "otlp_http", `{endpoint: https://otlp.datadoghq.com, headers: {dd-api-key: k}}`},
			{"Dynatrace", `{"environmentid": "abc", "apitoken": "t"}`, "otlp_http", `{endpoint: https://abc.live.dynatrace.com/api/v2/otlp, headers: {Authorization: Api-Token t}}`},
			{"Dynatrace, managed", `{"environmentid": "abc", "apitoken": "t", "apiurl": "https://m.example/e/abc/api"}`, "otlp_http", `{endpoint: https://m.example/e/abc/api/v2/otlp, headers: {Authorization: Api-Token t}}`},
			{"Elastic", `{"server_urls": "https://e.example:8200", "secret_token": "t"}`, "otlp_http", `{endpoint: 'https://e.example:8200', headers: {Authorization: Bearer t}}`},
			{"Elastic, with a key", `{"server_url": "https://e.example", "api_key": "k"}`, "otlp_http", `{endpoint: https://e.example, headers: {Authorization: ApiKey k}}`},
			{"Grafana Cloud", `{"endpoint": "https://g.example/otlp", "instance_id": 123, "api_key": "k"}`, "otlp_http", `{endpoint: https://g.example/otlp, headers: {Authorization: Basic MTIzOms=}}`},
			{"Honeycomb", `{"api_key": "k", "dataset": "d"}`, "otlp_http", `{endpoint: https://api.honeycomb.io, headers: {x-honeycomb-team: k, x-honeycomb-dataset: d}}`},
			{"Lightstep", `{"access_token": "t"}`, "otlp_http", `{endpoint: https://ingest.lightstep.com, headers: {lightstep-access-token: t}}`},
			{"New Relic", `{"licenseKey": "abcd"}`, "otlp_http", `{endpoint: https://otlp.nr-data.net, headers: {api-key: abcd}}`},
			{"New Relic in Europe", `{"license_key": "eu01abcd"}`, "otlp_http", `{endpoint: https://otlp.eu01.nr-data.net, headers: {api-key: eu01abcd}}`},
			{"SAP Cloud Logging", `{"ingest-otlp-endpoint": "i.example:443", "ingest-otlp-cert": "C", "ingest-otlp-key": "K", "server-ca": "A"}`, "otlp_grpc", `{endpoint: 'i.example:443', tls: {cert_pem: C, key_pem: K, ca_pem: A}, headers: null}`},
			{"SignalFx", `{"access_token": "t", "realm": "us0"}`, "otlp_http", `{endpoint: https://ingest.us0.signalfx.com, traces_endpoint: https://ingest.us0.signalfx.com/v2/trace/otlp, metrics_endpoint: https://ingest.us0.signalfx.com/v2/datapoint/otlp, headers: {X-SF-Token: t}}`},
			{"Splunk", `{"splunk.access.token": "t", "splunk.realm": "us0"}`, "otlp_http", `{endpoint: https://ingest.us0.signalfx.com, traces_endpoint: https://ingest.us0.signalfx.com/v2/trace/otlp, metrics_endpoint: https://ingest.us0.signalfx.com/v2/datapoint/otlp, headers: {X-SF-Token: t}}`},
			{"a token alone", `{"uri": "https://b.example", "token": "t"}`, "otlp_http", `{endpoint: https://b.example, headers: {Authorization: Bearer t}}`},
		} {
			var expected map[string]any
			Expect(yaml.Unmarshal([]byte(vendor.made), &expected)).To(Succeed())
			Expect(made(vendor.credentials)).To(Equal(map[string]any{vendor.exporter: expected}), vendor.name)
		}
		Expect(made(`{"other": "x"}`)).To(BeEmpty(), "a service that says nothing of it")
	})
}
