package outbound_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// made are an authority and identities of it: making a key takes a while.
var made = sync.OnceValues(func() (m struct {
	authority *identity.Authority
	issued    [2]identity.Credentials
}, err error) {
	now := time.Now()
	if m.authority, err = identity.NewAuthority(now); err != nil {
		return m, err
	}
	for i, guid := range []string{"first", "second"} {
		if m.issued[i], err = m.authority.Issue(identity.Instance{GUID: guid, IP: net.IPv4(127, 0, 0, 1)}, now); err != nil {
			return m, err
		}
	}
	return m, nil
})

func testIdentity(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect           = NewWithT(t).Expect
		certificate, key string
		first, second    identity.Credentials
		authority        []byte
		subject          *outbound.Identity
	)

	write := func(path string, content []byte) {
		t.Helper()
		next := path + ".tmp"
		Expect(os.WriteFile(next, content, 0o600)).To(Succeed())
		Expect(os.Rename(next, path)).To(Succeed())
	}
	commonName := func(pair *outbound.Pair) string { return pair.Leaf.Subject.CommonName }

	it.Before(func() {
		all, err := made()
		Expect(err).NotTo(HaveOccurred())
		first, second, authority = all.issued[0], all.issued[1], all.authority.PEM()
		directory := t.TempDir()
		certificate, key = filepath.Join(directory, "instance.crt"), filepath.Join(directory, "instance.key")
		write(certificate, first.Certificate)
		write(key, first.Key)
		subject = outbound.NewIdentity(certificate, key)
	})

	it("CF-43: is the next one once the platform has replaced both files, and the previous one until then", func() {
		load := func() string {
			pair, err := subject.Load(t.Context())
			Expect(err).NotTo(HaveOccurred())
			return commonName(pair)
		}
		Expect(load()).To(Equal("first"))
		write(key, second.Key)
		Expect(load()).To(Equal("first"))
		write(certificate, second.Certificate)
		Expect(load()).To(Equal("second"))
		Expect(os.Remove(key)).To(Succeed())
		Expect(load()).To(Equal("second"))
	})

	it("CF-43: waits for the certificate that belongs to a key, if it has none yet", func() {
		write(key, second.Key)
		synctest.Test(t, func(t *testing.T) { // where the second for which it waits does not pass while files are written
			var pair *outbound.Pair
			var err error
			loaded := make(chan struct{})
			go func() {
				defer close(loaded)
				pair, err = subject.Load(t.Context())
			}()
			synctest.Wait()
			Expect(loaded).NotTo(BeClosed())
			write(certificate, second.Certificate)
			<-loaded
			Expect(err).NotTo(HaveOccurred())
			Expect(commonName(pair)).To(Equal("second"))
		})
	})

	group("a server", func() {
		var (
			server *httptest.Server
			client *http.Client
		)
		// serve asks for certificates of an authority.
		serve := func(authority []byte, mode tls.ClientAuthType) {
			pair, err := tls.X509KeyPair(first.Certificate, first.Key)
			Expect(err).NotTo(HaveOccurred())
			known := x509.NewCertPool()
			known.AppendCertsFromPEM(authority)
			server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if len(r.TLS.PeerCertificates) > 0 {
					_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
				}
			}))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: known, ClientAuth: mode}
			server.StartTLS()
			t.Cleanup(server.Close)
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(first.Certificate)
			client = outbound.NewClient(outbound.Options{Roots: roots, Identity: subject})
			t.Cleanup(client.CloseIdleConnections)
		}
		// ask has the name that the server sees.
		ask := func() (string, error) {
			response, err := client.Get(server.URL)
			if err != nil {
				return "", outbound.Cause(err)
			}
			content, err := io.ReadAll(response.Body)
			return string(content), err
		}

		it("is shown the identity of now at each connection", func() {
			serve(authority, tls.RequireAndVerifyClientCert)
			Expect(ask()).To(Equal("first"))
			write(key, second.Key)
			write(certificate, second.Certificate)
			client.CloseIdleConnections()
			Expect(ask()).To(Equal("second"))
		})

		it("is shown none if it does not know its authority", func() {
			other := httptest.NewTLSServer(http.NotFoundHandler()) // Go's own, of which the subject is "Acme Co"
			defer other.Close()
			serve(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate().Raw}), tls.VerifyClientCertIfGiven)
			Expect(ask()).To(BeEmpty())
		})

		it("fails for an identity that cannot be read", func() {
			Expect(os.Remove(certificate)).To(Succeed())
			serve(authority, tls.RequireAndVerifyClientCert)
			_, err := ask()
			Expect(err).To(MatchError("failed to read the instance's identity: " + certificate + ": there is no such file"))
		})
	})

	group("failure cases", func() {
		it("names the files that do not match", func() {
			write(key, second.Key)
			_, err := subject.Load(t.Context())
			Expect(err).To(MatchError(And(HavePrefix("failed to read the instance's identity: "+certificate+" and "+key+": "), HaveSuffix("expected a certificate and its key"))))
		})

		it("does not wait longer than its context", func() {
			write(key, []byte("s3cret"))
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := subject.Load(ctx)
			Expect(err).To(MatchError(And(HavePrefix("failed to read the instance's identity: "), Not(ContainSubstring("s3cret")))))
		})
	})
}
