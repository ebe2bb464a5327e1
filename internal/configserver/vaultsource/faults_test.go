package vaultsource_test

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/vaultsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// testFaults asks a server whose answers no real Vault gives.
func testFaults(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		settings vaultsource.Settings
		options  vaultsource.Options
	)

	serve := func(answer http.HandlerFunc) *httptest.Server {
		t.Helper()
		server := httptest.NewUnstartedServer(answer)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		address, err := url.Parse(server.URL)
		Expect(err).NotTo(HaveOccurred())
		directory := t.TempDir()
		certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		Expect(os.WriteFile(filepath.Join(directory, "fake.crt"), certificate, 0o600)).To(Succeed())
		settings = vaultsource.Settings{Address: address, Mount: "secret", Token: secret, AuthorityDirectory: directory}
		return server
	}
	fetch := func() (environment.Environment, error) {
		source, err := vaultsource.New(settings, options)
		Expect(err).NotTo(HaveOccurred())
		found, _, err := source.Fetch(t.Context(), request, "")
		return found, err
	}
	refuse := func(expected string) {
		t.Helper()
		_, err := fetch()
		Expect(err).To(MatchError(And(ContainSubstring(expected), Not(ContainSubstring(secret)))))
	}
	it.Before(func() { options = vaultsource.Options{} })

	it("sends the token and the namespace", func() {
		asked := map[string]string{}
		serve(func(w http.ResponseWriter, r *http.Request) {
			asked[r.URL.Path] = r.Header.Get("X-Vault-Token") + " " + r.Header.Get("X-Vault-Namespace")
			switch r.URL.Path {
			case "/v1/auth/token/lookup-self":
				http.Error(w, `{"errors":["permission denied"]}`, http.StatusForbidden)
				return
			case "/v1/secret/data/orders":
				_, _ = io.WriteString(w, `{"data":{"data":{"a":"1"},"metadata":{"version":7,"created_time":"2026-01-01T00:00:00Z","destroyed":false,"deletion_time":""}}}`)
				return
			}
			http.Error(w, `{"errors":[]}`, http.StatusNotFound)
		})
		settings.Namespace = "team/a"
		found, err := fetch()
		Expect(err).NotTo(HaveOccurred())
		Expect(*found.Version).To(Equal("orders:7"))
		Expect(asked).To(HaveLen(5))
		for path, headers := range asked {
			Expect(headers).To(Equal(secret+" team/a"), path)
		}
	})

	it("sends nothing to another server", func() {
		var told atomic.Int32
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told.Add(1) }))
		defer other.Close()
		serve(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		})
		refuse("it redirects to another server; expected an answer of its own")
		Expect(told.Load()).To(BeZero())
	})

	for what, of := range testtable.Sorted(map[string]struct {
		answer   func(w http.ResponseWriter)
		expected string
	}{
		"that it is sealed": {func(w http.ResponseWriter) {
			http.Error(w, `{"errors":["Vault is sealed s3cret"]}`, http.StatusServiceUnavailable)
		}, "found the status 503 Service Unavailable; expected 200"},
		"a page":     {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>s3cret") }, "found an answer that is not Vault's"},
		"no version": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":{"data":"s3cret"}}`) }, "found an answer that is not Vault's"},
		"half an answer": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"data":"s3cret`)
		}, "it closed the connection"},
		"50 MB": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "52428800")
			_, _ = io.WriteString(w, secret)
		}, "found an answer larger than 2097152 bytes; expected no more"},
		"no end": {func(w http.ResponseWriter) {
			for err := error(nil); err == nil; {
				_, err = io.WriteString(w, strings.Repeat(secret, 10_000))
			}
		}, "found an answer larger than 2097152 bytes; expected no more"},
		"deep JSON":         {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat(`{"data":`, 1000)) }, "found JSON nested deeper than 100; expected no more"},
		"errors that quote": {func(w http.ResponseWriter) { http.Error(w, `{"errors":["invalid s3cret"]}`, 400) }, "found the status 400 Bad Request; expected 200"},
	}) {
		it("refuses "+what, func() {
			serve(func(w http.ResponseWriter, _ *http.Request) { of.answer(w) })
			refuse(of.expected)
		})
	}

	it("gives up on a slow server after the timeout", func() {
		options.Timeout = 100 * time.Millisecond
		serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		refuse("it has not answered in time")
	})

	it("does not request names that lead to another path", func() {
		serve(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(map[string]any{}) })
		source, err := vaultsource.New(settings, options)
		Expect(err).NotTo(HaveOccurred())
		for _, name := range []string{"..", "../../sys/mounts", "a?b", "a%2e", "a#b"} {
			_, _, err := source.Fetch(t.Context(), environment.Request{Application: name}, "")
			Expect(err).To(MatchError(HavePrefix("found a name that no application or profile has")), name)
		}
	})
}
