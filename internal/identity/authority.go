// Package identity issues a certificate to each instance of an app, as Cloud Foundry does (CF-43): with the
// platform's subject and names, signed by an authority that exists for one run of the platform, and renewed
// before it expires.
package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"
)

const (
	// Validity is how long an instance's certificate is valid: a day, the platform's default.
	Validity = 24 * time.Hour
	// RenewBefore is how long before it expires a certificate is replaced (executor,
	// containerstore/credmanager.go).
	RenewBefore = 30 * time.Minute

	authorityValidity = 10 * 365 * 24 * time.Hour
	authorityKeySize  = 2048
	instanceKeySize   = 3072 // as in executor
)

// Authority signs the certificates of instances. Its key exists only in this program's memory.
type Authority struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

// NewAuthority returns an authority that is valid from now on.
func NewAuthority(now time.Time) (*Authority, error) {
	key, err := rsa.GenerateKey(rand.Reader, authorityKeySize)
	if err != nil {
		return nil, fmt.Errorf("failed to make the key of an authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          serialNumber(),
		Subject:               pkix.Name{CommonName: "instanceIdentityCA", Organization: []string{"sidecar, the local platform"}},
		NotBefore:             now,
		NotAfter:              now.Add(authorityValidity),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("failed to make the certificate of an authority: %w", err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("failed to read the certificate of an authority: %w", err)
	}
	return &Authority{certificate, key}, nil
}

// PEM returns the authority's certificate.
func (a *Authority) PEM() []byte { return certificatePEM(a.certificate.Raw) }

// Instance is what a certificate says about its owner. All fields but IP are GUIDs.
type Instance struct {
	GUID                     string
	IP                       net.IP // of the container
	App, Space, Organization string
}

// Credentials are an instance's certificate, followed by the authority's, and its key: both in PEM,
// the key as PKCS #1, as executor writes them.
type Credentials struct {
	Certificate, Key []byte
	NotAfter         time.Time
}

// Issue returns credentials for an instance, valid from now for Validity.
func (a *Authority) Issue(instance Instance, now time.Time) (Credentials, error) {
	key, err := rsa.GenerateKey(rand.Reader, instanceKeySize)
	if err != nil {
		return Credentials{}, fmt.Errorf("failed to make the key of an instance: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serialNumber(),
		Subject: pkix.Name{CommonName: instance.GUID, OrganizationalUnit: []string{
			"organization:" + instance.Organization, "space:" + instance.Space, "app:" + instance.App,
		}},
		DNSNames:    []string{instance.GUID},
		IPAddresses: []net.IP{instance.IP},
		NotBefore:   now,
		NotAfter:    now.Add(Validity),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return Credentials{}, fmt.Errorf("failed to make the certificate of an instance: %w", err)
	}
	return Credentials{
		Certificate: slices.Concat(certificatePEM(raw), a.PEM()),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
		NotAfter:    template.NotAfter,
	}, nil
}

func certificatePEM(raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}

// serialNumber returns 16 random bytes as a number.
func serialNumber() *big.Int {
	random := make([]byte, 16)
	rand.Read(random)              // never fails
	random[0] = random[0]&0x7f | 1 // positive, and of full length
	return new(big.Int).SetBytes(random)
}
