package credhub_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/credhub"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// question has a reference, and answer what it leads to.
const (
	question = `{"db":[{"name":"db","label":"db","credentials":{"credhub-ref":"/c/db"}}]}`
	answer   = `{"db":[{"name":"db","label":"db","credentials":{"password":"s3cret"}}]}`
)

// made are the authorities and identities of the specs: making a key takes a while.
var made = sync.OnceValues(func() (m identities, err error) {
	now := time.Now()
	authority, err := identity.NewAuthority(now)
	if err != nil {
		return m, err
	}
	other, err := identity.NewAuthority(now)
	if err != nil {
		return m, err
	}
	m.authority = authority
	for _, one := range []struct {
		by   *identity.Authority
		guid string
		into *identity.Credentials
	}{{authority, "hub", &m.hub}, {authority, "instance", &m.instance}, {other, "stranger", &m.stranger}} {
		if *one.into, err = one.by.Issue(identity.Instance{GUID: one.guid, IP: net.IPv4(127, 0, 0, 1), App: "app-id"}, now); err != nil {
			return m, err
		}
	}
	return m, nil
})

type identities struct {
	authority               *identity.Authority
	hub, instance, stranger identity.Credentials
}

func testClient(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		all       identities
		directory string
		client    credhub.Client
		asked     atomic.Int32
	)

	// put writes an identity into files, which the client presents.
	put := func(credentials identity.Credentials) {
		t.Helper()
		client.Certificate, client.Key = filepath.Join(directory, "instance.crt"), filepath.Join(directory, "instance.key")
		Expect(os.WriteFile(client.Certificate, credentials.Certificate, 0o600)).To(Succeed())
		Expect(os.WriteFile(client.Key, credentials.Key, 0o600)).To(Succeed())
	}
	// serve is a CredHub that knows instances by their identity, and answers with a function.
	serve := func(answer http.HandlerFunc) {
		t.Helper()
		pair, err := tls.X509KeyPair(all.hub.Certificate, all.hub.Key)
		Expect(err).NotTo(HaveOccurred())
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(all.authority.PEM())
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			answer(w, r)
		}))
		server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		client.Address = server.URL
	}

	it.Before(func() {
		var err error
		all, err = made()
		Expect(err).NotTo(HaveOccurred())
		directory = t.TempDir()
		asked.Store(0)
		client = credhub.Client{Authorities: all.authority.PEM(), Pause: time.Millisecond}
		put(all.instance)
	})

	it("CF-42, CF-43: asks for the credentials with the identity of the instance", func() {
		serve(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/v1/interpolate" || string(body) != question ||
				r.Header.Get("Content-Type") != "application/json" || r.TLS.PeerCertificates[0].Subject.CommonName != "instance" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			_, _ = io.WriteString(w, answer)
		})
		client.Address += "/"
		Expect(client.Interpolate(t.Context(), []byte(question))).To(BeEquivalentTo(answer))
		Expect(asked.Load()).To(BeEquivalentTo(1))
	})

	it("asks again, as the launcher does, where CredHub may know better later", func() {
		for _, status := range []int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusTooManyRequests} {
			asked.Store(0)
			serve(func(w http.ResponseWriter, _ *http.Request) {
				if asked.Load() < 3 {
					w.WriteHeader(status)
					return
				}
				_, _ = io.WriteString(w, answer)
			})
			Expect(client.Interpolate(t.Context(), []byte(question))).To(BeEquivalentTo(answer))
		}
	})

	group("failure cases, which quote nothing of an answer", func() {
		refuse := func(times int, expected string) {
			t.Helper()
			_, err := client.Interpolate(t.Context(), []byte(question))
			Expect(err).To(MatchError(And(ContainSubstring(expected), Not(ContainSubstring("s3cret")))))
			Expect(asked.Load()).To(BeEquivalentTo(times))
		}

		it("gives up after three attempts", func() {
			serve(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "s3cret", http.StatusBadGateway) })
			refuse(3, "failed to read credentials from CredHub at "+strings.TrimPrefix(client.Address, "https://")+": found the status 502 Bad Gateway; expected 200")
		})

		it("says that the app may not read them, and does not ask again", func() {
			for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
				asked.Store(0)
				serve(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "s3cret", status) })
				refuse(1, "expected 200: the app may not read the credentials of this binding, or there are none: bind the service again")
			}
			asked.Store(0)
			serve(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://s3cret.example.com", http.StatusFound)
			})
			refuse(1, "found the status 302 Found; expected 200")
		})

		it("takes no more than an answer may have", func() {
			serve(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, strings.Repeat("s3cret", 1<<20))
			})
			refuse(1, "found more than 4194304 bytes; expected no more")
		})

		it("trusts the authorities of the platform alone, and is trusted by one that knows it", func() {
			serve(func(http.ResponseWriter, *http.Request) {})
			client.Authorities = nil
			refuse(0, "certificate signed by unknown authority: trusted are the system's authorities and those in CF_SYSTEM_CERT_PATH")
			client.Authorities = all.authority.PEM()
			put(all.stranger)
			_, err := client.Interpolate(t.Context(), []byte(question))
			Expect(err).To(MatchError(Or(ContainSubstring("remote error: tls:"), HaveSuffix("it closed the connection"))))
			Expect(asked.Load()).To(BeZero())
		})

		it("needs an identity that can be read, and does not wait for one", func() {
			client.Address = "https://127.0.0.1:1"
			certificate := client.Certificate
			client.Certificate = directory + "/missing"
			refuse(0, "failed to read the instance's identity for CredHub: "+directory+"/missing: there is no such file")
			client.Certificate = directory + "/pipe"
			Expect(syscall.Mkfifo(client.Certificate, 0o600)).To(Succeed())
			refuse(0, "found a named pipe; expected a regular file")
			client.Certificate = certificate
			Expect(os.WriteFile(client.Key, []byte("s3cret"), 0o600)).To(Succeed())
			refuse(0, "failed to read the instance's identity for CredHub: tls: failed to find any PEM data in key input")
		})

		it("refuses an address that is none", func() {
			for _, address := range []string{"", "s3cret", "http://s3cret.example.com", "https://", "https://user:s3cret@example.com", "https://s3cret\x7f"} {
				client.Address = address
				refuse(0, "found an invalid address of CredHub; expected one such as https://credhub.service.cf.internal:8844")
			}
		})

		it("says that there is no server, that it hangs up, or that it speaks no HTTP", func() {
			for what, expected := range map[string]string{"": "it closed the connection", "s3cret\r\n\r\n": "its answer is not HTTP, or not by TLS", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx": "it closed the connection"} {
				serve(func(w http.ResponseWriter, _ *http.Request) {
					connection, _, err := w.(http.Hijacker).Hijack()
					if err == nil {
						_, _ = io.WriteString(connection, what)
						_ = connection.Close()
					}
				})
				_, err := client.Interpolate(t.Context(), []byte(question))
				Expect(err).To(MatchError(HaveSuffix(expected)), "%q", what)
			}
			client.Address = "https://127.0.0.1:" + testport.Free(t)
			_, err := client.Interpolate(t.Context(), []byte(question))
			Expect(err).To(MatchError(HaveSuffix("connection refused")))
		})

		it("ends with its context", func() {
			ctx, end := context.WithCancel(t.Context())
			serve(func(w http.ResponseWriter, _ *http.Request) {
				end()
				w.WriteHeader(http.StatusBadGateway)
			})
			client.Pause = time.Hour
			_, err := client.Interpolate(ctx, []byte(question))
			Expect(err).To(MatchError(context.Canceled))
		})
	})
}
