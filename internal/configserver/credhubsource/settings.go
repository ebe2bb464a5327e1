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

// defaultLabel is Spring's label for requests without one.
const defaultLabel = "master"

// Settings says where CredHub is, which credentials to read, and how to authenticate.
type Settings struct {
	Address *url.URL
	// Path precedes application, profile and label, and starts with a slash; empty means none.
	Path  string
	Label string // for requests without one
	// TokenEndpoint, ClientID and ClientSecret configure a UAA client; if empty, the instance identity
	// authorizes.
	TokenEndpoint, ClientID, ClientSecret string
	// Certificate and Key are the instance's files, in PEM.
	Certificate, Key string
	// AuthorityDirectory contains the operator's CA certificates, as *.crt.
	AuthorityDirectory string
}

// Identity identifies the origin of the configuration, without credentials.
func (s *Settings) Identity() string { return s.Address.String() + s.Path }

// FromEnvironment returns nil if CredHub's address is not configured: as credhub_uri in the service
// config-server, or as CONFIG_SERVER_CREDHUB_URI. lookup returns the value of a variable.
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
		return fmt.Errorf("found only some of the settings access_token_uri, client_id and client_secret (%s and so on); expected all of them, or none", r.Variable("access_token_uri"))
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
		return errors.New("found a user in the address of the setting access_token_uri; expected it in client_id and client_secret")
	}
	s.TokenEndpoint = address.String()
	return nil
}
