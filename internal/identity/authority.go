// Package identity gives each instance of an app a certificate of its own, as Cloud Foundry
// does (CF-43): with the platform's subject and names, from an authority that exists for one
// run of the platform, and replaced before it ends.
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
	// Validity is how long an instance's certificate is valid: a day, as the platform's default.
	Validity = 24 * time.Hour
	// RenewBefore is how long before its end a certificate is replaced (executor,
	// containerstore/credmanager.go).
	RenewBefore = 30 * time.Minute

	authorityValidity = 10 * 365 * 24 * time.Hour
	authorityKeySize  = 2048
	instanceKeySize   = 3072 // as executor has it
)

// An Authority signs the certificates of instances. Its key is in the memory of this program
// alone, and is never written.
type Authority struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

// NewAuthority makes an authority that is valid from now on.
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

// PEM is the authority's certificate.
func (a *Authority) PEM() []byte { return certificatePEM(a.certificate.Raw) }

// An Instance is what a certificate says of its owner. All but IP are guids.
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

// Issue makes credentials for an instance that are valid from now on, for Validity.
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

// serialNumber is a random one of 16 bytes.
func serialNumber() *big.Int {
	random := make([]byte, 16)
	rand.Read(random)              // never fails
	random[0] = random[0]&0x7f | 1 // positive, and never short
	return new(big.Int).SetBytes(random)
}
