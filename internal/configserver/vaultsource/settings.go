package vaultsource

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/setting"
)

// Settings says where Vault is, which secrets to read, and how to log in.
type Settings struct {
	Address   *url.URL
	Namespace string // for Vault Enterprise; empty means none
	Mount     string // of the KV engine, version 2
	Path      string // prefix of each secret's name, without slashes at its ends; empty means none

	// Exactly one of these ways to log in is set.
	Token            string
	RoleID, SecretID string // AppRole; SecretID may be empty
	Role             string // Cloud Foundry

	LoginMount string // for AppRole or Cloud Foundry
	// Certificate and Key are the instance identity's PEM files.
	Certificate, Key string
	// AuthorityDirectory contains the operator's CA certificates, as *.crt.
	AuthorityDirectory string
}

// Identity identifies the origin of the configuration, without credentials.
func (s *Settings) Identity() string {
	return fmt.Sprintf("%s/%s/%s/%s", s.Address, s.Namespace, s.Mount, s.Path)
}

// FromEnvironment returns nil if Vault's address is not configured: as vault_uri in the service config-server,
// or as CONFIG_SERVER_VAULT_URI. lookup returns the value of a variable.
func FromEnvironment(lookup func(string) string, bound []bindings.Binding) (*Settings, error) {
	r, err := setting.NewReader("vault", nil, lookup, bound)
	if err != nil {
		return nil, err
	}
	text := r.Text("uri")
	if text == "" {
		return nil, nil
	}
	s := &Settings{
		Namespace: r.Text("namespace"), Mount: cmp.Or(strings.Trim(r.Text("mount"), "/"), "secret"), Path: strings.Trim(r.Text("path"), "/"),
		Token: r.Text("token"), RoleID: r.Text("role_id"), SecretID: r.Text("secret_id"), Role: r.Text("role"),
		Certificate: lookup("CF_INSTANCE_CERT"), Key: lookup("CF_INSTANCE_KEY"), AuthorityDirectory: lookup("CF_SYSTEM_CERT_PATH"),
	}
	var user *url.Userinfo
	if s.Address, user, err = r.Address("uri", text); err != nil {
		return nil, err
	}
	if user != nil {
		return nil, errors.New("found a user in the address of the setting uri; expected Vault's address alone: Vault has no basic authentication")
	}
	for _, path := range []string{s.Mount, s.Path} {
		if !isPath(path) {
			return nil, fmt.Errorf("found an invalid setting mount or path (%s, %s); expected names separated by slashes", r.Variable("mount"), r.Variable("path"))
		}
	}
	return s, s.readLogin(r)
}

// readLogin checks that exactly one way to log in is configured.
func (s *Settings) readLogin(r *setting.Reader) error {
	var ways []string
	for key, value := range map[string]string{"token": s.Token, "role_id": s.RoleID, "role": s.Role} {
		if value != "" {
			ways = append(ways, key)
		}
	}
	usual := "approle"
	switch {
	case len(ways) != 1:
		return fmt.Errorf("found %d of the settings token, role_id and role (%s and so on); expected exactly one: a token, an AppRole, or a role for the login with Cloud Foundry's instance identity", len(ways), r.Variable("token"))
	case s.Role != "" && (s.Certificate == "" || s.Key == ""):
		return fmt.Errorf("found the setting role (%s), and no instance identity to log in with; expected CF_INSTANCE_CERT and CF_INSTANCE_KEY to be set", r.Variable("role"))
	case s.SecretID != "" && s.RoleID == "":
		return fmt.Errorf("found the setting secret_id without role_id (%s); expected both", r.Variable("role_id"))
	case s.Role != "":
		usual = "cf"
	}
	s.LoginMount = cmp.Or(strings.Trim(r.Text("login_mount"), "/"), usual)
	if !isPath(s.LoginMount) {
		return fmt.Errorf("found an invalid setting login_mount (%s); expected names separated by slashes", r.Variable("login_mount"))
	}
	return nil
}

// isPath reports whether a text can be part of an address without escaping. It may be empty.
func isPath(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." || part == "" && path != "" || strings.ContainsFunc(part, func(char rune) bool {
			return char < ' ' || strings.ContainsRune(`?#%\`, char)
		}) {
			return false
		}
	}
	return true
}
