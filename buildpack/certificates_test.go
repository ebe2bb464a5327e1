package buildpack_test

import (
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func testCertificates(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		s       *staging
		server  *httptest.Server
		content = "#!/bin/sh\n"
	)

	it.Before(func() {
		s = stage(t)
		server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, content) }))
		t.Cleanup(server.Close)
		s.write("app/sidecars.yml", fmt.Sprintf("- name: agent\n  artifact: {uri: '%s/agent?token=s3cret', sha256: %x}\n", server.URL, sha256.Sum256([]byte(content))))
	})

	supply := func(environ ...string) int {
		s.stdout.Reset()
		return buildpack.Supply([]string{s.path("programs/supply"), s.path("app"), s.path("cache"), s.path("deps"), "0"}, environ, &s.stdout, &s.stderr)
	}
	trusted := func(name string) {
		s.write("certs/"+name, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	}
	output := func() string { return strings.Join(strings.Fields(s.stdout.String()), " ") }

	it("CF-43: trusts the operator's authorities in CF_SYSTEM_CERT_PATH", func() {
		trusted("operator.crt")
		Expect(supply("CF_SYSTEM_CERT_PATH="+s.path("certs"))).To(Equal(0), s.stdout.String())
		Expect(os.ReadFile(s.path("deps/0/bin/agent"))).To(Equal([]byte(content)))
	})

	it("warns of a file there that is not a certificate, and trusts the others", func() {
		trusted("operator.crt")
		s.write("certs/broken.crt", "x")
		Expect(supply("CF_SYSTEM_CERT_PATH="+s.path("certs"))).To(Equal(0), s.stdout.String())
		Expect(output()).To(ContainSubstring("broken.crt: found no certificate; expected one in PEM"))
	})

	context("failure cases: an unknown authority", func() {
		it("says how to have it trusted", func() {
			Expect(supply()).To(Equal(225))
			Expect(output()).To(ContainSubstring("failed to verify certificate: x509: certificate signed by unknown authority. " +
				"Trusted are the system's authorities and 0 of the *.crt files in CF_SYSTEM_CERT_PATH (not set). " +
				"Add the authority's certificate there, in PEM: on Cloud Foundry the operator does, among the trusted certificates of the cells; " +
				"with the sidecar tool, set CF_SYSTEM_CERT_PATH to a directory that has it. " +
				"For one app, SSL_CERT_DIR may list directories, such as /etc/ssl/certs:/tmp/app/certs"))
			Expect(output()).NotTo(ContainSubstring("s3cret"))
		})

		it("says where it was looked for", func() {
			trusted("operator.pem")
			Expect(supply("CF_SYSTEM_CERT_PATH=" + s.path("certs"))).To(Equal(225))
			Expect(output()).To(ContainSubstring("and 0 of the *.crt files in CF_SYSTEM_CERT_PATH (" + s.path("certs") + ")"))
		})

		it("is not to blame for another failure", func() {
			server.Close()
			s.write("app/sidecars.yml", "- name: agent\n  artifact: {uri: 'gopher://x', sha256: "+strings.Repeat("0", 64)+"}\n")
			Expect(supply()).To(Equal(225))
			Expect(output()).NotTo(ContainSubstring("CF_SYSTEM_CERT_PATH"))
		})
	})
}
