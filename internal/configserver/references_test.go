package configserver_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testReferences(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		services  string
	)

	it.Before(func() {
		directory = t.TempDir()
		services = filepath.Join(directory, "vcap_services")
		Expect(os.WriteFile(services, []byte(`{"p.config-server": [{"name": "config", "label": "p.config-server", "credentials": {"credhub-ref": "/c/config/credentials"}}]}`), 0o600)).To(Succeed())
	})

	it("reads credentials that a binding in a file has in CredHub (CF-42), with the instance's identity (CF-43)", func() {
		repository := springtest.NewRepository(t)
		repository.Commit(map[string]string{"application.yml": "a: from git"})
		authority := springtest.NewAuthority(t)
		certificate, key := authority.Issue(directory, "instance")
		pair, err := tls.LoadX509KeyPair(certificate, key)
		Expect(err).NotTo(HaveOccurred())
		content, err := os.ReadFile(authority.File)
		Expect(err).NotTo(HaveOccurred())
		pool := x509.NewCertPool()
		Expect(pool.AppendCertsFromPEM(content)).To(BeTrue())
		credHub := httptest.NewUnstartedServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			asked, err := io.ReadAll(request.Body)
			if err != nil || request.URL.Path != "/api/v1/interpolate" {
				response.WriteHeader(http.StatusBadRequest)
				return
			}
			var services map[string][]map[string]any
			if json.Unmarshal(asked, &services) == nil {
				services["p.config-server"][0]["credentials"] = map[string]string{"git_uri": "file://" + repository.Directory}
			}
			_ = json.NewEncoder(response).Encode(services) // or the client has gone
		}))
		credHub.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
		credHub.StartTLS()
		defer credHub.Close()
		Expect(os.WriteFile(services, []byte(`{"p.config-server": [{"name": "config-server", "label": "p.config-server", "credentials": {"credhub-ref": "/c/config/credentials"}}]}`), 0o600)).To(Succeed())

		server := start(t, "VCAP_SERVICES_FILE_PATH="+services, "CREDHUB_API="+credHub.URL, "CF_SYSTEM_CERT_PATH="+filepath.Dir(authority.File),
			"CF_INSTANCE_CERT="+certificate, "CF_INSTANCE_KEY="+key, "CONFIG_SERVER_KEEP=off")
		defer server.stop(t)
		NewWithT(t).Eventually(func() string {
			_, body := server.request(t, http.MethodGet, "/config")
			return body
		}, "1m").Should(Equal(`{"a":"from git"}` + "\n"))
	})

	context("failure cases", func() {
		it("says what is missing to read them, instead of serving something else", func() {
			Expect(fail(t, "CONFIG_SERVER_PORT="+testport.Free(t), "VCAP_SERVICES_FILE_PATH="+services)).To(MatchError(
				`the credentials of the service "config" are in CredHub: expected CREDHUB_API to have its address, and CF_INSTANCE_CERT and CF_INSTANCE_KEY the instance's identity`))
		})
	})
}
