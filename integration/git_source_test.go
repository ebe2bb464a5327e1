package integration_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testGitSource pushes apps that get their configuration from a git repository.
func testGitSource(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		repository springtest.Repository
	)

	it.Before(func() {
		repository = springtest.NewRepository(t)
		directory = filepath.Join(t.TempDir(), "go-app")
		Expect(os.CopyFS(directory, os.DirFS(filepath.Join(built.root, "examples", "go-app")))).To(Succeed())
		goBuild(t, filepath.Join(directory, "go-app"), "./examples/go-app")
		port := testport.Free(t)
		for _, name := range []string{"manifest.yml", "manifest-git.yml"} {
			content, err := os.ReadFile(filepath.Join(directory, name))
			Expect(err).NotTo(HaveOccurred())
			own := strings.NewReplacer("8082", port, "INTERVAL: 5", "INTERVAL: 1").Replace(string(content))
			Expect(os.WriteFile(filepath.Join(directory, name), []byte(own), 0o644)).To(Succeed())
		}
	})

	it("go-app follows a git repository", func() {
		repository.Commit(map[string]string{"go-app.yml": "greeting: Hello\n"})
		s := sidecar(t, directory, "push", "-f", "manifest-git.yml", "--var", "git-uri=file://"+repository.Directory)
		Eventually(func() (string, error) { return get(s.url() + "/config") }).Should(MatchJSON(`{"greeting": "Hello"}`), s.log)
		repository.Commit(map[string]string{"go-app.yml": "greeting: Good evening\n"})
		Eventually(func() (string, error) { return get(s.url() + "/config") }).Should(MatchJSON(`{"greeting": "Good evening"}`), s.log)
		s.stop()
		Expect(repository.Git("status", "--porcelain")).To(BeEmpty())
	})

	it("reads a repository by https with a bound service's credentials, and decrypts what is in it", func() {
		const password, secret, key = "marked-git-password", "marked-value", "marked-encrypt-key"
		address, authority := serveGit(t, repository, "reader", password)
		encrypted := encryptAsSpring(t, key, secret)
		repository.Commit(map[string]string{"application.yml": "shared: true\n", "go-app.yml": "db:\n  url: postgres://db\n  password: '{cipher}" + encrypted + "'\n"})
		services, err := json.Marshal(map[string]any{"user-provided": []any{map[string]any{
			"name": "config-server", "label": "user-provided",
			"credentials": map[string]any{"git_uri": address, "git_username": "reader", "git_password": password, "encrypt_key": key},
		}}})
		Expect(err).NotTo(HaveOccurred())
		s := startSidecar(t, directory, []string{"VCAP_SERVICES=" + string(services), "CF_SYSTEM_CERT_PATH=" + authority}, "push", "-f", "manifest.yml", "--lifecycle", built.lifecycle, "--env", "CONFIG_SERVER_INTERVAL=1")
		Eventually(func() (string, error) { return get(s.url() + "/config") }).Should(MatchJSON(`{"shared": true, "db": {"url": "postgres://db", "password": "marked-value"}}`), s.log)

		repository.Git("reset", "--quiet", "--hard", "HEAD~1")
		repository.Commit(map[string]string{"go-app.yml": "db: {url: rewritten}\n"})
		Eventually(func() (string, error) { return get(s.url() + "/config") }).Should(MatchJSON(`{"db": {"url": "rewritten"}}`), "a branch that was force-pushed")
		s.stop()
		for _, marked := range []string{password, secret, key, encrypted} {
			Expect(s.log()).NotTo(ContainSubstring(marked))
		}
	})
}

// serveGit serves a repository by https with git's own server, for one user, and returns the address and a directory with
// the server's authority.
func serveGit(t *testing.T, repository springtest.Repository, user, password string) (address, authority string) {
	t.Helper()
	server := httptest.NewTLSServer(gitBackend(t, repository, user, password))
	t.Cleanup(server.Close)
	return server.URL + "/config", authorityOf(t, server)
}

// gitBackend is git's own server of a repository, at /config, for one user.
func gitBackend(t *testing.T, repository springtest.Repository, user, password string) http.Handler {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"), Root: "/config", Dir: repository.Directory,
		Env: []string{
			"GIT_PROJECT_ROOT=" + filepath.Join(repository.Directory, ".git"), "GIT_HTTP_EXPORT_ALL=1",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		},
	}
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if name, given, _ := request.BasicAuth(); name != user || given != password {
			response.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(response, request)
	})
}

// authorityOf is a directory with the certificate of a server, which is its own authority.
func authorityOf(t *testing.T, server *httptest.Server) string {
	t.Helper()
	directory := t.TempDir()
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	NewWithT(t).Expect(os.WriteFile(filepath.Join(directory, "server.crt"), block, 0o644)).To(Succeed())
	return directory
}

// encryptAsSpring encrypts a text as Spring's Encryptors.text does with its default salt.
func encryptAsSpring(t *testing.T, key, text string) string {
	t.Helper()
	salt, err := hex.DecodeString("deadbeef")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	derived, err := pbkdf2.Key(sha1.New, key, salt, 1024, 32)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	block, err := aes.NewCipher(derived)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	padding := aes.BlockSize - len(text)%aes.BlockSize
	content := append([]byte(text), bytes.Repeat([]byte{byte(padding)}, padding)...)
	encrypted := make([]byte, aes.BlockSize+len(content))
	_, err = rand.Read(encrypted[:aes.BlockSize])
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	cipher.NewCBCEncrypter(block, encrypted[:aes.BlockSize]).CryptBlocks(encrypted[aes.BlockSize:], content)
	return hex.EncodeToString(encrypted)
}
