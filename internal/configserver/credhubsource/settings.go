package credhubsource

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/setting"
)

// defaultLabel is Spring's, in the place of a label that a request does not have.
const defaultLabel = "master"

// Settings say where CredHub is, which credentials to read, and how to authenticate.
type Settings struct {
	Address *url.URL
	// Path is in front of application, profile and label, with a slash in front; empty: none.
	Path  string
	Label string // of requests without one
	// TokenEndpoint, ClientID and ClientSecret are those of a UAA client; empty: the identity authorizes.
	TokenEndpoint, ClientID, ClientSecret string
	// Certificate and Key are the instance's files, in PEM.
	Certificate, Key string
	// AuthorityDirectory has the operator's authorities, as *.crt.
	AuthorityDirectory string
}

// Identity is where the configuration comes from, without a credential.
func (s *Settings) Identity() string { return s.Address.String() + s.Path }

// FromEnvironment is nil without an address of CredHub, as credhub_uri in the service config-server or in
// CONFIG_SERVER_CREDHUB_URI. Lookup has the value of a variable.
func FromEnvironment(lookup func(string) string, bound []bindings.Binding) (*Settings, error) {
	r, err := setting.NewReader("credhub", nil, lookup, bound)
	if err != nil {
		return nil, err
	}
	text := r.Text("uri")
	if text == "" {
		return nil, nil
	}
	s := &Settings{
		Label:       cmp.Or(r.Text("label"), defaultLabel),
		Certificate: lookup("CF_INSTANCE_CERT"), Key: lookup("CF_INSTANCE_KEY"), AuthorityDirectory: lookup("CF_SYSTEM_CERT_PATH"),
	}
	if path := strings.Trim(r.Text("path"), "/"); path != "" {
		s.Path = "/" + path
	}
	var user *url.Userinfo
	if s.Address, user, err = r.Address("uri", text); err != nil {
		return nil, err
	}
	if user != nil || s.Address.Scheme != "https" {
		return nil, errors.New("found an address in the setting uri that cannot be CredHub's; expected one with https and without a user, such as https://credhub.service.cf.internal:8844")
	}
	return s, s.readClient(r)
}

func (s *Settings) readClient(r *setting.Reader) (err error) {
	if s.ClientID, s.ClientSecret, err = r.Pair("client_id", "client_secret"); err != nil {
		return err
	}
	endpoint := r.Text("access_token_uri")
	switch {
	case (endpoint == "") != (s.ClientID == ""):
		return fmt.Errorf("found only a part of the settings access_token_uri, client_id and client_secret (%s and so on); expected all of them, or none", r.Variable("access_token_uri"))
	case endpoint == "" && (s.Certificate == "" || s.Key == ""):
		return fmt.Errorf("found neither the setting client_id (%s) nor an instance identity; expected one of them, the identity in CF_INSTANCE_CERT and CF_INSTANCE_KEY", r.Variable("client_id"))
	case endpoint == "":
		return nil
	}
	address, user, err := r.Address("access_token_uri", endpoint)
	if err != nil {
		return err
	}
	if user != nil {
		return errors.New("found a user in the address of the setting access_token_uri; expected client_id and client_secret to have it")
	}
	s.TokenEndpoint = address.String()
	return nil
}
