package integration_test

import (
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testBoundExamples pushes the examples whose sidecars live from a bound service.
func testBoundExamples(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)
	// example is a copy of an example, with its app compiled.
	example := func(name string) string {
		t.Helper()
		directory := filepath.Join(t.TempDir(), name)
		Expect(os.CopyFS(directory, os.DirFS(filepath.Join(built.root, "examples", name)))).To(Succeed())
		goBuild(t, filepath.Join(directory, name), "./examples/"+name)
		return directory
	}
	// push pushes an example that is bound to a service of this name and these credentials.
	push := func(directory, service string, credentials any, args ...string) *session {
		t.Helper()
		content, err := json.Marshal(map[string]any{service: []any{map[string]any{"name": service, "label": service, "credentials": credentials}}})
		Expect(err).NotTo(HaveOccurred())
		return startSidecar(t, directory, []string{"VCAP_SERVICES=" + string(content)}, append([]string{"push", "-f", "manifest.yml", "--lifecycle", built.lifecycle}, args...)...)
	}

	it("policy-app has OPA decide by the bundle of a service that knows it by its certificate", func() {
		authority, err := identity.NewAuthority(time.Now())
		Expect(err).NotTo(HaveOccurred())
		client, err := authority.Issue(identity.Instance{GUID: "client", IP: net.IPv4(127, 0, 0, 1)}, time.Now())
		Expect(err).NotTo(HaveOccurred())
		clients := x509.NewCertPool()
		Expect(clients.AppendCertsFromPEM(authority.PEM())).To(BeTrue())
		content := bundle(t, map[string]string{"documents.rego": "package documents\n\ndefault allow := false\n\nallow if input.user == \"ada\"\n"})
		service := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/bundles/instance-1.tar.gz" || r.Header.Get("X-Ams-Instance-Id") != "instance-1" {
				http.NotFound(w, r)
				return
			}
			_, _ = w.Write(content)
		}))
		service.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
		service.StartTLS()
		t.Cleanup(service.Close)

		directory := example("policy-app")
		trusted := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: service.Certificate().Raw})
		Expect(os.WriteFile(filepath.Join(directory, "authority.crt"), trusted, 0o600)).To(Succeed())
		s := push(directory, "identity", map[string]string{
			"certificate": string(client.Certificate), "key": string(client.Key), "authorization_instance_id": "instance-1", "authorization_bundle_url": service.URL + "/bundles",
		}, "--env", "SSL_CERT_FILE=authority.crt", "--env", "OPA_PORT="+testport.Free(t), "--env", "BP_DEPENDENCY_MIRROR_GITHUB_COM="+strings.Trim(catalogMirror(t, "opa"), "'"))
		Expect(s.get("/documents?user=ada")).To(Equal("the documents\n"))
		_, err = get(s.url() + "/documents?user=eve")
		Expect(err).To(MatchError(ContainSubstring("403 Forbidden")))
		s.stop()
	})

	it("telegraf-app has its instance measured, in the database that it is bound to", func() {
		directory := example("telegraf-app")
		longBuild(t, "Telegraf")
		build := exec.Command("go", "build", "-buildvcs=false", "-tags", "custom,inputs.cpu,inputs.mem,outputs.influxdb", "-o", filepath.Join(directory, "telegraf"), "github.com/influxdata/telegraf/cmd/telegraf")
		build.Dir = filepath.Join(built.root, "integration", "testdata", "telegraf")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		output, err := build.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))

		lines := make(chan string, 100)
		database := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			if r.URL.Path == "/write" && r.FormValue("db") == "metrics" && user == "team" && password == `se"cret` {
				body, err := gzip.NewReader(r.Body)
				if err != nil {
					http.Error(w, err.Error(), http.StatusBadRequest)
					return
				}
				content, _ := io.ReadAll(body)
				select {
				case lines <- string(content):
				default: // enough are there
				}
			}
			w.WriteHeader(http.StatusNoContent)
		}))
		t.Cleanup(database.Close)
		s := push(directory, "influxdb", map[string]string{"url": database.URL, "database": "metrics", "username": "team", "password": `se"cret`})
		Expect(s.get("/")).To(Equal("Hello from telegraf-app!\n"))
		Eventually(lines).Should(Receive(MatchRegexp(`mem,application=telegraf-app,host=[^,]+,instance=0,organization=\S+,space=\S+ .*available=\d`)), s.log)
		s.stop()
		Expect(s.log()).NotTo(ContainSubstring(`se"cret`))
	})

	it("spire-app tells SPIRE's agent its server, and shows it the instance's certificate", func() {
		directory := example("spire-app")
		// The program here only says what it is told: the real one takes minutes to build.
		Expect(os.WriteFile(filepath.Join(directory, "spire-agent"), []byte("#!/bin/bash\ncat \"$3\" \"$SIDECAR_FILES/bundle.crt\"\nexec sleep 1000\n"), 0o755)).To(Succeed())
		s := push(directory, "spire", map[string]any{"spire": map[string]any{"host": "spire.example.com", "port": 8081}, "trust_domain": "example.org", "trust_bundle": "the bundle\n"})
		const agent = "APP/PROC/WEB/SIDECAR/SPIRE-AGENT/0"
		for _, line := range []string{`  server_address = "spire.example.com"`, `  server_port = 8081`, `  trust_domain = "example.org"`, "the bundle"} {
			s.expectLine(agent, line)
		}
		Expect(s.log()).To(MatchRegexp(`certificate_path = "/\S+"`))
		Expect(s.get("/")).To(ContainSubstring("My identity is at unix:///tmp/spire-agent/public/api.sock"))
		s.stop()
	})
}
