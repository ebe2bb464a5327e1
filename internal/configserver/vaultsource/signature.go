package vaultsource

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// The format of the time and the signature (vault-plugin-auth-cf, signatures/version1.go).
const (
	signingTimeLayout = "2006-01-02T15:04:05Z"
	signatureVersion  = "v1:"
)

// sign returns the body of a login for Vault's Cloud Foundry method: the time, the certificates and the role,
// signed with the instance's key by RSA-PSS and SHA-256.
func sign(pair *outbound.Pair, role string, now time.Time) (map[string]any, error) {
	key, ok := pair.PrivateKey.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("found a key of the instance that is not an RSA key; expected one, as the platform issues it and Vault's login requires")
	}
	at := now.UTC().Format(signingTimeLayout)
	sum := sha256.Sum256([]byte(at + string(pair.PEM) + role))
	signature, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], nil)
	if err != nil {
		return nil, fmt.Errorf("failed to sign a login: %w", err)
	}
	return map[string]any{
		"role": role, "cf_instance_cert": string(pair.PEM), "signing_time": at,
		"signature": signatureVersion + base64.StdEncoding.EncodeToString(signature),
	}, nil
}
