package springtest_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

func testStart(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		repository springtest.Repository
		client     *http.Client
	)

	it.Before(func() {
		repository = springtest.NewRepository(t)
		repository.Commit(map[string]string{"folder/app.yml": "db: {url: here}\n"})
		client = &http.Client{Transport: &http.Transport{}}
	})
	it.After(func() { client.CloseIdleConnections() })
	get := func(url string, with func(*http.Request)) (int, string) {
		t.Helper()
		request, err := http.NewRequest(http.MethodGet, url, nil)
		Expect(err).NotTo(HaveOccurred())
		with(request)
		response, err := client.Do(request)
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		Expect(err).NotTo(HaveOccurred())
		return response.StatusCode, string(body)
	}
	nothing := func(*http.Request) {}

	it("serves a folder of a repository, decrypts, and starts again at the same port", func() {
		options := springtest.Options{Repository: repository.Directory, SearchPaths: []string{"folder"}, EncryptKey: "key",
			Properties: map[string]any{"spring.cloud.config.server.overrides.more": "said"}}
		server := springtest.Start(t, options)
		status, body := get(server.URL+"/app-default.properties", nothing)
		Expect(status).To(Equal(200), server.Log())
		Expect(body).To(Equal("db.url: here\nmore: said"))

		encrypted, err := client.Post(server.URL+"/encrypt", "text/plain", strings.NewReader("secret"))
		Expect(err).NotTo(HaveOccurred())
		defer encrypted.Body.Close()
		cipher, err := io.ReadAll(encrypted.Body)
		Expect(err).NotTo(HaveOccurred())
		commit := repository.Commit(map[string]string{"folder/app.yml": "password: '{cipher}" + string(cipher) + "'\n"})
		Eventually(func() string {
			_, body := get(server.URL+"/app/default", nothing)
			return body
		}).Should(And(ContainSubstring(commit), ContainSubstring(`"password":"secret"`)))

		server.Stop()
		_, err = client.Get(server.URL)
		Expect(err).To(HaveOccurred())
		options.Port = server.Port
		Expect(springtest.Start(t, options).URL).To(Equal(server.URL))
	})

	it("answers its user, and clients with a token for as long as that is valid", func() {
		server := springtest.Start(t, springtest.Options{Repository: repository.Directory, Username: "user", Password: "password",
			Clients: map[string]string{"client": "secret"}, TokenLifetime: 5 * time.Second})
		status, _ := get(server.URL+"/app/default", nothing)
		Expect(status).To(Equal(401))
		status, _ = get(server.URL+"/app/default", func(r *http.Request) { r.SetBasicAuth("user", "password") })
		Expect(status).To(Equal(200))

		request, err := http.NewRequest(http.MethodPost, server.TokenURL, strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
		Expect(err).NotTo(HaveOccurred())
		request.SetBasicAuth("client", "secret")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(request)
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		var token struct {
			AccessToken string `json:"access_token"`
		}
		Expect(json.NewDecoder(response.Body).Decode(&token)).To(Succeed())
		bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.AccessToken) }
		Eventually(func() int {
			status, _ := get(server.URL+"/app/default", bearer)
			return status
		}).Should(Equal(401))
	})

	it("serves https to clients with a certificate of the authority", func() {
		authority, directory := springtest.NewAuthority(t), t.TempDir()
		certificate, key := authority.Issue(directory, "server")
		server := springtest.Start(t, springtest.Options{Repository: repository.Directory,
			TLS: &springtest.TLS{Certificate: certificate, Key: key, ClientCA: authority.File}})
		roots := x509.NewCertPool()
		content, err := os.ReadFile(authority.File)
		Expect(err).NotTo(HaveOccurred())
		Expect(roots.AppendCertsFromPEM(content)).To(BeTrue())
		config := &tls.Config{RootCAs: roots}
		client.Transport = &http.Transport{TLSClientConfig: config}
		_, err = client.Get(server.URL + "/app/default")
		Expect(err).To(HaveOccurred())

		identity, err := tls.LoadX509KeyPair(authority.Issue(directory, "client"))
		Expect(err).NotTo(HaveOccurred())
		client.CloseIdleConnections()
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{identity}}}
		status, _ := get(server.URL+"/app/default", nothing)
		Expect(status).To(Equal(200))
	})
}
