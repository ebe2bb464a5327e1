package springsource

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/setting"
)

// services are the labels of Spring Cloud Services 1 to 3, and the tag that all of them have.
var services = []string{"p-config-server", "p.config-server", "configuration"}

// Settings says where the server is, and how to authenticate.
type Settings struct {
	// Addresses all belong to the same server, and are tried in order.
	Addresses []*url.URL
	// Username and Password are for basic authentication; empty means none.
	Username, Password string
	// TokenEndpoint, ClientID and ClientSecret are for OAuth2; empty means none.
	TokenEndpoint, ClientID, ClientSecret string
	// Certificate and Key are PEM files, presented to a server that asks for a certificate.
	Certificate, Key string
	// AuthorityDirectory contains the operator's CA certificates, as *.crt.
	AuthorityDirectory string
}

// Identity identifies the origin of the configuration, without credentials.
func (s *Settings) Identity() string {
	all := make([]string, len(s.Addresses))
	for i, address := range s.Addresses {
		all[i] = address.String()
	}
	return strings.Join(all, ",")
}

// FromEnvironment returns nil if no address of a server is configured, by a bound service or by
// CONFIG_SERVER_SPRING_URI. lookup returns the value of a variable.
func FromEnvironment(lookup func(string) string, bound []bindings.Binding) (*Settings, error) {
	r, err := setting.NewReader("spring", services, lookup, bound)
	if err != nil {
		return nil, err
	}
	text := r.Text("uri")
	if text == "" {
		return nil, nil
	}
	s := &Settings{
		Username: r.Text("username"), Password: r.Text("password"),
		AuthorityDirectory: lookup("CF_SYSTEM_CERT_PATH"),
	}
	if err := s.readAddresses(r, text); err != nil {
		return nil, err
	}
	if s.ClientID, s.ClientSecret, err = r.Pair("client_id", "client_secret"); err != nil {
		return nil, err
	}
	if err := s.readTokenEndpoint(r); err != nil {
		return nil, err
	}
	if s.Certificate, s.Key, err = r.Pair("certificate", "key"); err != nil {
		return nil, err
	}
	if s.Certificate == "" && lookup("CF_INSTANCE_CERT") != "" && lookup("CF_INSTANCE_KEY") != "" {
		s.Certificate, s.Key = lookup("CF_INSTANCE_CERT"), lookup("CF_INSTANCE_KEY")
	}
	return s, nil
}

// readAddresses parses a comma-separated list. The first user information found counts for all addresses, unless
// the settings have a username.
func (s *Settings) readAddresses(r *setting.Reader, text string) error {
	for item := range strings.SplitSeq(text, ",") {
		address, user, err := r.Address("uri", item)
		if err != nil {
			return err
		}
		s.Addresses = append(s.Addresses, address)
		if password, _ := user.Password(); user != nil {
			s.Username, s.Password = cmp.Or(s.Username, user.Username()), cmp.Or(s.Password, password)
		}
	}
	return nil
}

func (s *Settings) readTokenEndpoint(r *setting.Reader) error {
	text := r.Text("access_token_uri")
	if (text == "") != (s.ClientID == "") {
		return fmt.Errorf("found only some of the settings access_token_uri, client_id and client_secret (%s and so on); expected all of them, or none", r.Variable("access_token_uri"))
	}
	if text == "" {
		return nil
	}
	endpoint, user, err := r.Address("access_token_uri", text)
	switch {
	case err != nil:
		return err
	case user != nil:
		return fmt.Errorf("found a user in the address of the setting access_token_uri; expected it in client_id and client_secret")
	case s.Username != "":
		return fmt.Errorf("found the settings username and client_id (%s and %s); expected one of them: a server takes basic authentication or a token", r.Variable("username"), r.Variable("client_id"))
	}
	s.TokenEndpoint = endpoint.String()
	return nil
}
