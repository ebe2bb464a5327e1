package springtest

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Options configures a server. For an empty option, the server's own default applies.
type Options struct {
	// Repository is the git repository, a URI or the path of a directory. The server clones it, and fetches at
	// each request. For a URI file:///…, it would work in that directory itself, and check out what is
	// requested. Without a repository, Properties says what the backend is.
	Repository string
	// Label is the branch for requests without one; main by default.
	Label string
	// SearchPaths are folders of the repository: spring.cloud.config.server.git.search-paths.
	SearchPaths []string

	// EncryptKey decrypts values that start with {cipher}: a text, or an RSA key in PEM.
	EncryptKey string

	// Username and Password allow access by basic authentication.
	Username, Password string
	// Clients are the ids and secrets of clients that may get a token, at Server.TokenURL, by client
	// credentials. If Clients or Username is set, all others get 401.
	Clients map[string]string
	// TokenLifetime is how long the server accepts a token, in whole seconds; five minutes by default.
	TokenLifetime time.Duration

	// TLS makes the server use https, and ask each client for its certificate.
	TLS *TLS

	// Port lets the server listen where an earlier one did: a port from internal/testport.
	Port string
	// Properties are further Spring properties, such as spring.cloud.config.server.overrides.a. They win.
	Properties map[string]any
}

// TLS names files in PEM.
type TLS struct {
	Certificate, Key string
	// ClientCA is the authority whose certificates clients must present; if empty, none is required.
	ClientCA string
}

// properties returns Spring's properties for the options, as JSON.
func (o Options) properties(t testing.TB, port string) string {
	t.Helper()
	set := map[string]any{"server.address": "127.0.0.1", "server.port": port, "spring.main.banner-mode": "off"}
	o.addBackend(t, set)
	o.addUsers(set)
	o.addTLS(set)
	for key, value := range o.Properties {
		set[key] = value
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (o Options) addBackend(t testing.TB, set map[string]any) {
	const git = "spring.cloud.config.server.git."
	if o.Repository != "" {
		set[git+"uri"] = o.Repository
		set[git+"basedir"] = filepath.Join(tempDir(t), "clone")
	}
	if o.Label != "" {
		set[git+"default-label"] = o.Label
	}
	if len(o.SearchPaths) > 0 {
		set[git+"search-paths"] = strings.Join(o.SearchPaths, ",")
	}
	if o.EncryptKey != "" {
		set["encrypt.key"] = o.EncryptKey
	}
}

func (o Options) addUsers(set map[string]any) {
	if o.Username != "" {
		set["springtest.user"], set["springtest.password"] = o.Username, o.Password
	}
	if len(o.Clients) > 0 {
		set["springtest.tokens"] = "true"
	}
	lifetime := max(o.TokenLifetime, 0)
	if lifetime == 0 {
		lifetime = 5 * time.Minute
	}
	for id, secret := range o.Clients {
		client := "spring.security.oauth2.authorizationserver.client." + id + "."
		set[client+"registration.client-id"] = id
		set[client+"registration.client-secret"] = "{noop}" + secret
		set[client+"registration.client-authentication-methods"] = "client_secret_basic,client_secret_post"
		set[client+"registration.authorization-grant-types"] = "client_credentials"
		set[client+"token.access-token-time-to-live"] = strconv.Itoa(int(lifetime.Seconds())) + "s"
	}
}

func (o Options) addTLS(set map[string]any) {
	if o.TLS == nil {
		return
	}
	set["server.ssl.certificate"] = o.TLS.Certificate
	set["server.ssl.certificate-private-key"] = o.TLS.Key
	if o.TLS.ClientCA != "" {
		set["server.ssl.trust-certificate"] = o.TLS.ClientCA
		set["server.ssl.client-auth"] = "need"
	}
}
