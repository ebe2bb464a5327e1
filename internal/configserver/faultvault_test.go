package configserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/vaulttest"
)

// A vaultBackend forwards requests to a real Vault, whose tokens expire after ten seconds.
type vaultBackend struct {
	t                *testing.T
	roleID, secretID string

	mutex    sync.Mutex
	server   *vaulttest.Server
	issued   []string // all tokens and secret_ids so far
	renewals int      // requests to renew a token
}

func newVaultBackend(t *testing.T) *vaultBackend {
	t.Helper()
	b := &vaultBackend{t: t}
	b.restart()
	return b
}

// restart replaces Vault with a new one, which knows neither the tokens nor the credentials of the old one.
func (b *vaultBackend) restart() {
	b.t.Helper()
	server := vaulttest.Start(b.t, "")
	server.Write(b.t, "sys/mounts/secret", map[string]any{"type": "kv", "options": map[string]any{"version": "2"}})
	server.Write(b.t, "sys/auth/approle", map[string]any{"type": "approle"})
	server.Write(b.t, "auth/approle/role/app", map[string]any{"token_policies": "app", "token_ttl": "10s", "token_max_ttl": "30s"})
	role, err := server.Root.Logical().ReadWithContext(b.t.Context(), "auth/approle/role/app/role-id")
	gomega.NewWithT(b.t).Expect(err).NotTo(gomega.HaveOccurred())
	b.roleID = role.Data["role_id"].(string)
	b.mutex.Lock()
	b.server = server
	b.mutex.Unlock()
	b.allow(true)
	b.replaceSecretID()
}

func (b *vaultBackend) now() *vaulttest.Server {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.server
}

func (b *vaultBackend) stop() { b.now().Stop() }

// write stores a value. Once it returns, no request gets the previous one.
func (b *vaultBackend) write(value string) {
	b.t.Helper()
	b.now().Write(b.t, "secret/data/application", map[string]any{"data": map[string]any{"vault": value}})
}

// allow lets the role read secrets, or not.
func (b *vaultBackend) allow(read bool) {
	b.t.Helper()
	capability := "deny"
	if read {
		capability = "read"
	}
	b.now().Write(b.t, "sys/policies/acl/app", map[string]any{"policy": `path "secret/data/*" { capabilities = ["` + capability + `"] }`})
}

// revoke revokes all tokens of the role.
func (b *vaultBackend) revoke() {
	b.t.Helper()
	b.now().Write(b.t, "sys/leases/revoke-prefix/auth/approle", map[string]any{"sync": true})
}

// replaceSecretID replaces the role's secret_id: Vault no longer accepts the previous one.
func (b *vaultBackend) replaceSecretID() {
	b.t.Helper()
	if b.secretID != "" {
		_, err := b.now().Root.Logical().WriteWithContext(b.t.Context(), "auth/approle/role/app/secret-id/destroy", map[string]any{"secret_id": b.secretID})
		gomega.NewWithT(b.t).Expect(err).NotTo(gomega.HaveOccurred())
	}
	b.secretID = b.now().Write(b.t, "auth/approle/role/app/secret-id", nil)["secret_id"].(string)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.issued = append(b.issued, b.secretID)
}

func (b *vaultBackend) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if strings.HasSuffix(request.URL.Path, "/auth/token/renew-self") {
		b.mutex.Lock()
		b.renewals++
		b.mutex.Unlock()
	}
	proxy := httputil.ReverseProxy{
		Rewrite:        func(request *httputil.ProxyRequest) { request.SetURL(b.now().Address) },
		ModifyResponse: b.record, ErrorLog: log.New(io.Discard, "", 0),
	}
	proxy.ServeHTTP(response, request)
}

// record records the token in an answer.
func (b *vaultBackend) record(response *http.Response) error {
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	_ = response.Body.Close() // it was read to its end
	response.Body = io.NopCloser(bytes.NewReader(content))
	var said struct {
		Auth struct {
			Token string `json:"client_token"`
		} `json:"auth"`
	}
	if json.Unmarshal(content, &said) == nil && said.Auth.Token != "" {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		b.issued = append(b.issued, said.Auth.Token)
	}
	return nil
}

// secrets returns all credentials that Vault has issued.
func (b *vaultBackend) secrets() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return slices.Clone(b.issued)
}

func (b *vaultBackend) renewed() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.renewals
}
