package springtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Host is a name that certificates are issued for and that no name server knows (RFC 6761), for tests with a
// name server of their own.
const Host = "config-source.test"

// Authority issues certificates for tests.
type Authority struct {
	// File contains its own certificate, in PEM.
	File        string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	t           testing.TB
}

// NewAuthority returns an authority whose certificate is valid for a day.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{File: filepath.Join(t.TempDir(), "ca.crt"), t: t}
	a.key = a.newKey()
	a.certificate = a.template("authority")
	a.certificate.IsCA, a.certificate.BasicConstraintsValid, a.certificate.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, a.certificate, a.certificate, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.writePEM(a.File, "CERTIFICATE", der)
	return a
}

// Issue issues a certificate for 127.0.0.1, localhost and Host, for servers and clients, and writes it and its
// key to directory/name.crt and directory/name.key. It replaces existing files by renaming.
func (a *Authority) Issue(directory, name string) (certificate, key string) {
	a.t.Helper()
	template := a.template(name)
	template.DNSNames, template.IPAddresses = []string{"localhost", Host}, []net.IP{net.IPv4(127, 0, 0, 1)}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	private := a.newKey()
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	certificate, key = filepath.Join(directory, name+".crt"), filepath.Join(directory, name+".key")
	a.writePEM(key, "PRIVATE KEY", keyDER)
	a.writePEM(certificate, "CERTIFICATE", der)
	return certificate, key
}

func (a *Authority) template(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		a.t.Fatal(err)
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

func (a *Authority) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	return key
}

func (a *Authority) writePEM(path, kind string, der []byte) {
	content := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		a.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		a.t.Fatal(err)
	}
}
