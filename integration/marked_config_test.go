package integration_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/vaulttest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// A markedSource has the marked secret as the value of db.password, and asks for credentials that are marked.
type markedSource struct {
	credentials map[string]string // of the service config-server, but for the addresses
	backend     http.Handler
	address     string // the key of the address in the credentials
	path        string // of the address
	tokens      string // the path of the token endpoint, if it has any
	encrypted   bool   // the source gives the value encrypted
}

// testMarkedConfig follows the secrets of a configuration, and the credentials that it is read with, through all that
// sidecar does with an app and its config-server.
func testMarkedConfig(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		port       string
		variables  map[string]string // of the app
		said       strings.Builder   // of all commands
		failing    atomic.Bool
	)
	const (
		plain   = ""
		inFile  = ", features: {file-based-vcap-services: true}"
		inFiles = ", features: {service-binding-k8s: true}"
	)

	it.Before(func() {
		said.Reset()
		failing.Store(false)
		port = testport.Free(t)
		variables = map[string]string{"CONFIG_SERVER_PORT": port, "CONFIG_SERVER_INTERVAL": "1"}
		directory = app(t, map[string]string{
			".cfignore":     "services.json\nmanifest.yml\n",
			"Procfile":      "web: exec sleep 1000",
			"sidecars.yml":  "- name: config-server\n- {name: reader, memory: 16M, env: {PASSWORD: {config: db.password}}, files: {password: '{{ config \"db.password\" }}'}, command: 'exec sleep 1000'}\n",
			"services.json": "{}",
		})
	})
	it.After(func() { Expect(leaks(said.String())).To(BeEmpty(), said.String) })

	write := func(name string, content any) {
		t.Helper()
		text, err := json.Marshal(content)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(filepath.Join(directory, name), text, 0o600)).To(Succeed())
	}
	describe := func(features string) {
		t.Helper()
		environ, err := json.Marshal(variables)
		Expect(err).NotTo(HaveOccurred())
		manifest := fmt.Sprintf("applications: [{name: a, health-check-type: process, buildpacks: [sidecar_buildpack], env: %s%s}]", environ, features)
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(manifest), 0o600)).To(Succeed())
	}
	// finish is the exit code of a command that ends by itself.
	finish := func(args ...string) int {
		t.Helper()
		s := sidecar(t, directory, append(args, "--services", "services.json")...)
		s.await()
		said.WriteString(s.log() + string(s.Err.Contents()))
		return s.ExitCode()
	}
	// stageIt says all that sidecar says of an app, stages it, and looks through the droplet.
	stageIt := func() string {
		t.Helper()
		for _, args := range [][]string{{"plan"}, {"plan", "--output", "json"}, {"validate"}} {
			Expect(finish(args...)).To(Equal(0), said.String)
		}
		for _, sidecar := range []string{"config-server", "reader"} {
			finish("render", sidecar) // what is to be rendered without a config-server, its own specs say
		}
		droplet := filepath.Join(t.TempDir(), "droplet")
		Expect(finish("stage", "-o", droplet)).To(Equal(0), said.String)
		unpacked := t.TempDir()
		output, err := exec.Command("tar", "-xzf", filepath.Join(droplet, "droplet.tgz"), "-C", unpacked).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		for _, root := range []string{unpacked, filepath.Join(droplet, "result.json")} {
			Expect(filesWithSecrets(root, func(fs.FileInfo) bool { return true })).To(BeEmpty())
		}
		return droplet
	}
	health := func() string {
		body, err := get("http://127.0.0.1:" + port + "/health")
		if err != nil {
			return err.Error()
		}
		Expect(leaks(body)).To(BeEmpty(), body)
		return body
	}
	// runIt runs a droplet until the app and a sidecar have what is marked, and looks at the machine. It stops after meanwhile.
	runIt := func(droplet, authorities string, meanwhile func(s *session)) {
		t.Helper()
		s := startSidecar(t, directory, []string{"CF_SYSTEM_CERT_PATH=" + authorities}, "run", "-d", droplet, "--services", "services.json", "--lifecycle", built.lifecycle)
		defer func() { said.WriteString(s.log() + string(s.Err.Contents())) }()
		value := func() (string, error) { return get("http://127.0.0.1:" + port + "/config/db.password") }
		Eventually(value).Should(Equal(marked), s.log)
		Eventually(func() []string {
			return filesWithSecrets(s.tmp, func(info fs.FileInfo) bool { return info.Name() == "password" })
		}, "2m").ShouldNot(BeEmpty(), s.log)
		health()
		Expect(argumentsWithSecrets()).To(BeEmpty())
		Expect(filesWithSecrets(s.tmp, func(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 })).To(BeEmpty())
		meanwhile(s)
		Expect(value()).To(Equal(marked))
		s.stop()
	}
	// kept are the files with the last good answers.
	kept := func(s *session) (files []string) {
		_ = filepath.WalkDir(s.tmp, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasPrefix(filepath.Base(filepath.Dir(path)), "config-server-") && filepath.Ext(path) == ".json" {
				files = append(files, path)
			}
			return nil
		})
		return files
	}

	// follow does all of this with a source behind a server that, in the end, has the secret in its errors.
	follow := func(source markedSource, features string) {
		t.Helper()
		server := httptest.NewTLSServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			if !failing.Load() {
				source.backend.ServeHTTP(response, request)
				return
			}
			for _, name := range []string{"WWW-Authenticate", "Location", "X-Error", "X-Vault-Warning"} {
				response.Header().Set(name, "https://"+url.UserPassword("user", marked).String()+"@example.com/?token="+url.QueryEscape(marked))
			}
			response.WriteHeader(http.StatusInternalServerError)
			_ = json.NewEncoder(response).Encode(map[string]any{"error": marked, "errors": []string{marked}, "error_description": marked, "message": marked})
		}))
		defer server.Close()
		authorities := authorityOf(t, server)
		credentials := maps.Clone(source.credentials)
		credentials[source.address] = server.URL + source.path
		if source.tokens != "" {
			credentials[strings.TrimSuffix(source.address, "uri")+"access_token_uri"] = server.URL + source.tokens
		}
		write("services.json", map[string]any{"user-provided": []any{map[string]any{"name": "config-server", "label": "user-provided", "credentials": credentials}}})
		describe(features)
		runIt(stageIt(), authorities, func(s *session) {
			Eventually(func() []string { return kept(s) }).ShouldNot(BeEmpty())
			for _, file := range kept(s) {
				if source.encrypted {
					Expect(filesWithSecrets(file, func(fs.FileInfo) bool { return true })).To(BeEmpty())
				}
			}
			failing.Store(true)
			Eventually(health).Should(ContainSubstring(`"error":`), s.log)
		})
	}

	git := func() markedSource {
		repository := springtest.NewRepository(t)
		repository.Commit(map[string]string{"application.yml": "db: {password: '{cipher}" + encryptAsSpring(t, marked, marked) + "'}\n"})
		return markedSource{
			credentials: map[string]string{"git_username": "reader", "git_password": marked, "encrypt_key": marked},
			backend:     gitBackend(t, repository, "reader", marked), address: "git_uri", path: "/config", encrypted: true,
		}
	}
	spring := func(options springtest.Options) http.Handler {
		repository := springtest.NewRepository(t)
		value, err := json.Marshal(marked)
		Expect(err).NotTo(HaveOccurred())
		repository.Commit(map[string]string{"application.yml": "db: {password: " + string(value) + "}\n"})
		options.Repository = repository.Directory
		return handOnTo(t, springtest.Start(t, options).URL)
	}
	vault := func() *vaulttest.Server {
		server := vaulttest.Start(t, "")
		server.Write(t, "sys/mounts/secret", map[string]any{"type": "kv", "options": map[string]any{"version": "2"}})
		server.Write(t, "sys/policies/acl/app", map[string]any{"policy": `path "secret/data/*" { capabilities = ["read"] }`})
		server.Write(t, "secret/data/application", map[string]any{"data": map[string]any{"db": map[string]any{"password": marked}}})
		return server
	}

	for _, form := range []string{plain, inFile, inFiles} {
		it("CF-41: a git repository's are in no output, no droplet, no argument, no file that others can read, and not in the clear in kept answers: "+form, func() {
			follow(git(), form)
		})
	}

	it("CF-41: Spring Cloud Config Server's are not, with a client's secret", func() {
		backend := spring(springtest.Options{Clients: map[string]string{"id": marked}})
		follow(markedSource{credentials: map[string]string{"spring_client_id": "id", "spring_client_secret": marked}, backend: backend, address: "spring_uri", tokens: "/oauth2/token"}, inFile)
	})

	it("CF-41: Spring Cloud Config Server's are not, with a password", func() {
		backend := spring(springtest.Options{Username: "user", Password: marked})
		follow(markedSource{credentials: map[string]string{"spring_username": "user", "spring_password": marked}, backend: backend, address: "spring_uri"}, plain)
	})

	it("CF-41: Vault's are not, with a token", func() {
		server := vault()
		const token = "m4rked-token"
		server.Write(t, "auth/token/create", map[string]any{"id": token, "policies": []string{"app"}, "no_parent": true})
		follow(markedSource{credentials: map[string]string{"vault_token": token}, backend: handOnTo(t, server.Address.String()), address: "vault_uri"}, inFiles)
	})

	it("CF-41: Vault's are not, with AppRole", func() {
		server := vault()
		const role, secret = "m4rked-role", "m4rked-secret"
		server.Write(t, "sys/auth/approle", map[string]any{"type": "approle"})
		server.Write(t, "auth/approle/role/app", map[string]any{"token_policies": []string{"app"}})
		server.Write(t, "auth/approle/role/app/role-id", map[string]any{"role_id": role})
		server.Write(t, "auth/approle/role/app/custom-secret-id", map[string]any{"secret_id": secret})
		follow(markedSource{credentials: map[string]string{"vault_role_id": role, "vault_secret_id": secret}, backend: handOnTo(t, server.Address.String()), address: "vault_uri"}, inFile)
	})

	it("CF-41: CredHub's are not, with a client's secret", func() {
		follow(markedSource{credentials: map[string]string{"credhub_client_id": "id", "credhub_client_secret": marked}, backend: markedCredHub(), address: "credhub_uri", tokens: "/oauth/token"}, plain)
	})

	it("CF-41: those of CONFIG_SERVER_CONFIG are not", func() {
		content, err := json.Marshal(map[string]any{"db": map[string]any{"password": "{cipher}" + encryptAsSpring(t, marked, marked), "other": marked}})
		Expect(err).NotTo(HaveOccurred())
		variables["CONFIG_SERVER_CONFIG"], variables["CONFIG_SERVER_ENCRYPT_KEY"] = string(content), marked
		describe(plain)
		runIt(stageIt(), "", func(s *session) { Expect(kept(s)).To(BeEmpty()) })
		Expect(said.String()).To(ContainSubstring("Listening on"), "it is looked at")
	})
}

// handOnTo hands requests on to a server.
func handOnTo(t *testing.T, address string) http.Handler {
	t.Helper()
	parsed, err := url.Parse(address)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return &httputil.ReverseProxy{Rewrite: func(request *httputil.ProxyRequest) { request.SetURL(parsed) }}
}

// markedCredHub is in the place of CredHub and UAA. It has one credential, and answers as CredHub's API documentation says.
func markedCredHub() http.Handler {
	const token, name, created = "m4rked-uaa-token", "/application/default/master/db", "2026-01-01T00:00:00Z"
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Content-Type", "application/json")
		answer := func(content any) { _ = json.NewEncoder(response).Encode(content) } // or the client has gone
		if request.URL.Path == "/oauth/token" {
			if _, secret, _ := request.BasicAuth(); secret != url.QueryEscape(marked) {
				response.WriteHeader(http.StatusUnauthorized)
				answer(map[string]any{"error": "invalid_client", "error_description": marked})
				return
			}
			answer(map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 3600})
			return
		}
		query := request.URL.Query()
		switch {
		case request.Header.Get("Authorization") != "Bearer "+token:
			response.WriteHeader(http.StatusUnauthorized)
		case query.Get("name") == name:
			answer(map[string]any{"data": []any{map[string]any{"id": "1", "name": name, "type": "json", "version_created_at": created, "value": map[string]any{"db.password": marked}}}})
		case strings.HasPrefix(name, query.Get("path")+"/"):
			answer(map[string]any{"credentials": []any{map[string]any{"name": name, "version_created_at": created}}})
		default:
			answer(map[string]any{"credentials": []any{}})
		}
	})
}
