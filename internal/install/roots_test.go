package install_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

func testRoots(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		s         *site
		directory string
		content   = []byte("#!/bin/sh\n")
		server    *httptest.Server
	)

	it.Before(func() {
		s = newSite(t)
		directory = t.TempDir()
		server = httptest.NewTLSServer(whole(content))
		t.Cleanup(server.Close)
	})

	certificate := func() []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	}
	write := func(name string, content []byte) string {
		path := filepath.Join(directory, name)
		Expect(os.WriteFile(path, content, 0o644)).To(Succeed())
		return path
	}
	fetch := func(pool *x509.CertPool) error {
		s.installer.Fetcher.Roots = pool
		return s.install(t.Context(), artifact.Artifact{URI: server.URL + "/program", Checksum: sumOf(content).String(), Name: "program"})
	}

	it("trusts an authority of the directory as well as the system's", func() {
		write("operator.crt", append([]byte("# the operator's\n"), certificate()...))
		pool, taken, err := outbound.Roots(directory)
		Expect(err).NotTo(HaveOccurred())
		Expect(taken).To(Equal(1))
		Expect(fetch(pool)).To(Succeed())

		system, err := x509.SystemCertPool()
		Expect(err).NotTo(HaveOccurred())
		system.AddCert(server.Certificate())
		Expect(pool.Equal(system)).To(BeTrue())
	})

	it("takes files of that name alone", func() {
		write("operator.pem", certificate())
		write("operator.crt.bak", certificate())
		pool, taken, err := outbound.Roots(directory)
		Expect(err).NotTo(HaveOccurred())
		Expect(taken).To(BeZero())
		var unknown x509.UnknownAuthorityError
		Expect(errors.As(fetch(pool), &unknown)).To(BeTrue())
	})

	it("is the system's alone without a directory", func() {
		system, err := x509.SystemCertPool()
		Expect(err).NotTo(HaveOccurred())
		for _, none := range []string{"", filepath.Join(directory, "missing")} {
			pool, taken, err := outbound.Roots(none)
			Expect(err).NotTo(HaveOccurred())
			Expect(taken).To(BeZero())
			Expect(pool.Equal(system)).To(BeTrue())
		}
	})

	context("failure cases", func() {
		it("names each file that it leaves out, and takes the others", func() {
			write("a.crt", []byte("no certificate"))
			Expect(syscall.Mkfifo(filepath.Join(directory, "b.crt"), 0o600)).To(Succeed())
			Expect(os.Mkdir(filepath.Join(directory, "c.crt"), 0o755)).To(Succeed())
			write("d.crt", certificate())
			pool, taken, err := outbound.Roots(directory)
			Expect(err).To(MatchError(directory + "/a.crt: found no certificate; expected one in PEM\n" +
				"failed to read a certificate: " + directory + "/b.crt: found a named pipe; expected a regular file of at most 4 MB\n" +
				"failed to read a certificate: " + directory + "/c.crt: found a directory; expected a regular file of at most 4 MB"))
			Expect(taken).To(Equal(1))
			Expect(fetch(pool)).To(Succeed())
		})

		it("says that the directory is none", func() {
			_, _, err := outbound.Roots(write("file", nil))
			Expect(err).To(MatchError(HavePrefix("failed to list certificates: ")))
		})
	})
}
