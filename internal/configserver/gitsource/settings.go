package gitsource

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/setting"
)

// Settings says which repository to read, and how. Settings of a bound service win over variables.
type Settings struct {
	// URI is the repository's address, without credentials: https://…, http://…, file://…, or an absolute path.
	URI string
	// Username and Password are for basic authentication. A token counts as a password.
	Username, Password string
	// Label is the branch, tag or commit for requests without one. Empty means main or, if that does not exist,
	// master.
	Label string
	// Paths are folders to search in addition to the repository's root, like Spring's searchPaths. Later ones
	// win; {application}, {profile} and {label} are replaced.
	Paths []string
	// Certificates is a directory with CA certificates, the value of CF_SYSTEM_CERT_PATH.
	Certificates string
	// CloudPlatform is CLOUD_FOUNDRY in an app on Cloud Foundry, and otherwise empty. Documents may be for one
	// platform.
	CloudPlatform string
}

// tokenUser is the user name for a password that is a token, unless one is set. Servers accept any name, or this
// one.
const tokenUser = "x-access-token"

// FromEnvironment returns the settings from the service config-server (the credential git_uri and others) and
// the variables CONFIG_SERVER_GIT_…, or nil if neither names a repository. No error quotes credentials.
func FromEnvironment(lookup func(string) string, bound []bindings.Binding) (*Settings, error) {
	read, err := setting.NewReader("git", nil, lookup, bound)
	if err != nil {
		return nil, err
	}
	value := read.Text
	address := value("uri")
	if address == "" {
		return nil, nil
	}
	settings := &Settings{
		Username: value("username"), Password: value("password"),
		Label: value("label"), Certificates: lookup("CF_SYSTEM_CERT_PATH"),
	}
	for path := range strings.SplitSeq(value("path"), ",") {
		if path = strings.TrimSpace(path); path != "" {
			settings.Paths = append(settings.Paths, path)
		}
	}
	if err := checkPaths(settings.Paths); err != nil {
		return nil, err
	}
	if lookup("VCAP_APPLICATION") != "" || lookup("VCAP_SERVICES") != "" {
		settings.CloudPlatform = "CLOUD_FOUNDRY"
	}
	if token := value("token"); token != "" && settings.Password == "" {
		settings.Password = token
		if settings.Username == "" {
			settings.Username = tokenUser
		}
	}
	if strings.ContainsFunc(settings.Username+settings.Password, unicode.IsControl) {
		return nil, errors.New("found a line break or another control character in the user, the password or the token (CONFIG_SERVER_GIT_USERNAME, _PASSWORD, _TOKEN); expected none: this is not a valid token")
	}
	return settings, settings.setAddress(address)
}

// Identity identifies the origin of the configuration, without credentials.
func (s *Settings) Identity() string {
	return strings.Join(append([]string{s.URI, s.Label}, s.Paths...), " ")
}

// setAddress parses an address. Credentials in it count only if no others are set.
func (s *Settings) setAddress(address string) error {
	address = strings.TrimSpace(address)
	if filepath.IsAbs(address) {
		s.URI = address
		return nil
	}
	parsed, err := url.Parse(address)
	if err == nil || isSecureShell(address) {
		err = checkAddress(address, parsed)
	} else { // its text contains the address
		err = errors.New("is not an address that can be read (it is not shown, it may hold secrets); " + expectedAddress)
	}
	if err != nil {
		return fmt.Errorf("CONFIG_SERVER_GIT_URI (or git_uri) %w", err)
	}
	if user := parsed.User; user != nil && s.Username == "" && s.Password == "" {
		s.Username = user.Username()
		s.Password, _ = user.Password()
	}
	parsed.User = nil
	if parsed.Scheme == "file" {
		parsed.Host = "" // or localhost, which means the same
	}
	if parsed.Scheme == "http" && s.Password != "" {
		return errors.New("CONFIG_SERVER_GIT_URI (or git_uri) uses http, which would send the credentials unencrypted; expected https")
	}
	s.URI = strings.TrimRight(parsed.String(), "/")
	if parsed.Scheme == "file" && !strings.HasPrefix(s.URI, "file:///") {
		s.URI = "file:///"
	}
	return nil
}

// local returns the directory of a repository on this machine, or empty.
func (s *Settings) local() string {
	if filepath.IsAbs(s.URI) {
		return s.URI
	}
	parsed, err := url.Parse(s.URI)
	if err != nil || parsed.Scheme != "file" {
		return ""
	}
	return filepath.Clean(parsed.Path)
}
