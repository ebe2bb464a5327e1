package identity_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
)

var instance = identity.Instance{
	GUID: "11111111-1111-4111-8111-111111111111", IP: net.IPv4(127, 0, 0, 1),
	App: "app-guid", Space: "space-guid", Organization: "organization-guid",
}

// shared is the authority of most specs: making one takes a while.
var shared = sync.OnceValues(func() (*identity.Authority, error) { return identity.NewAuthority(time.Now()) })

// certificates are those of a file in PEM, in order.
func certificates(t *testing.T, content []byte) []*x509.Certificate {
	t.Helper()
	var all []*x509.Certificate
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		all = append(all, certificate)
	}
	return all
}

func testAuthority(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		now       = time.Now()
		authority *identity.Authority
		issued    identity.Credentials
		chain     []*x509.Certificate
	)

	it.Before(func() {
		var err error
		authority, err = shared()
		Expect(err).NotTo(HaveOccurred())
		issued, err = authority.Issue(instance, now)
		Expect(err).NotTo(HaveOccurred())
		chain = certificates(t, issued.Certificate)
	})

	it("CF-43: has the platform's subject and names in the certificate", func() {
		subject := chain[0].Subject
		Expect(subject.CommonName).To(Equal(instance.GUID))
		Expect(subject.OrganizationalUnit).To(ConsistOf("organization:organization-guid", "space:space-guid", "app:app-guid"))
		Expect(chain[0].DNSNames).To(Equal([]string{instance.GUID}))
		Expect(chain[0].IPAddresses).To(HaveLen(1))
		Expect(chain[0].IPAddresses[0].Equal(instance.IP)).To(BeTrue())
		Expect(chain[0].ExtKeyUsage).To(ConsistOf(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth))
		Expect(chain[0].IsCA).To(BeFalse())
	})

	it("CF-43: is valid for a day", func() {
		Expect(chain[0].NotBefore).To(BeTemporally("==", now.UTC().Truncate(time.Second)))
		Expect(chain[0].NotAfter.Sub(chain[0].NotBefore)).To(Equal(24 * time.Hour))
	})

	it("has the authority's certificate behind the instance's, and the key as PKCS #1", func() {
		Expect(chain).To(HaveLen(2))
		Expect(bytes.HasSuffix(issued.Certificate, authority.PEM())).To(BeTrue())
		Expect(chain[0].CheckSignatureFrom(chain[1])).To(Succeed())
		block, rest := pem.Decode(issued.Key)
		Expect(block.Type).To(Equal("RSA PRIVATE KEY"))
		Expect(rest).To(BeEmpty())
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		Expect(err).NotTo(HaveOccurred())
		Expect(chain[0].PublicKey.(*rsa.PublicKey).Equal(key.Public())).To(BeTrue())
	})

	it("has another key and number each time", func() {
		again, err := authority.Issue(instance, now)
		Expect(err).NotTo(HaveOccurred())
		Expect(again.Key).NotTo(Equal(issued.Key))
		Expect(certificates(t, again.Certificate)[0].SerialNumber).NotTo(Equal(chain[0].SerialNumber))
	})

	context("mutual TLS between instances", func() {
		// ask lets one with the credentials ask a server that asks for a certificate, too.
		ask := func(client identity.Credentials) (string, error) {
			pool := x509.NewCertPool()
			Expect(pool.AppendCertsFromPEM(authority.PEM())).To(BeTrue())
			pair := func(c identity.Credentials) []tls.Certificate {
				pair, err := tls.X509KeyPair(c.Certificate, c.Key)
				Expect(err).NotTo(HaveOccurred())
				return []tls.Certificate{pair}
			}
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
			}))
			server.TLS = &tls.Config{Certificates: pair(issued), ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
			server.Config.ErrorLog = nil
			server.StartTLS()
			defer server.Close()
			transport := &http.Transport{TLSClientConfig: &tls.Config{Certificates: pair(client), RootCAs: pool}}
			defer transport.CloseIdleConnections()
			response, err := (&http.Client{Transport: transport}).Get("https://" + server.Listener.Addr().String())
			if err != nil {
				return "", err
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			return string(body), err
		}

		it("tells each the other's guid", func() {
			other := instance
			other.GUID = "22222222-2222-4222-8222-222222222222"
			credentials, err := authority.Issue(other, now)
			Expect(err).NotTo(HaveOccurred())
			Expect(ask(credentials)).To(Equal(other.GUID))
		})

		it("fails for an instance of another platform", func() {
			stranger, err := identity.NewAuthority(now)
			Expect(err).NotTo(HaveOccurred())
			credentials, err := stranger.Issue(instance, now)
			Expect(err).NotTo(HaveOccurred())
			_, err = ask(credentials)
			Expect(err).To(HaveOccurred())
		})
	})
}
