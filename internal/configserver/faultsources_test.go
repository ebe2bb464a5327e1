package configserver_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

// A gitBackend is git's own server of a repository (git http-backend), behind basic authentication.
type gitBackend struct {
	springtest.Repository
	git http.Handler

	mutex    sync.Mutex
	password string
}

func newGitBackend(t *testing.T) *gitBackend {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	repository := springtest.NewRepository(t)
	return &gitBackend{Repository: repository, password: "s3cret-first", git: &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"), Root: "/repo", Dir: repository.Directory,
		Logger: log.New(io.Discard, "", 0), Stderr: io.Discard,
		Env: []string{
			"GIT_PROJECT_ROOT=" + filepath.Join(repository.Directory, ".git"), "GIT_HTTP_EXPORT_ALL=1",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*", "HOME=" + repository.Directory,
		},
	}}
}

func (b *gitBackend) setPassword(password string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.password = password
}

func (b *gitBackend) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	b.mutex.Lock()
	password := b.password
	b.mutex.Unlock()
	if _, given, _ := request.BasicAuth(); given != password {
		response.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		http.Error(response, "not with "+given, http.StatusUnauthorized)
		return
	}
	b.git.ServeHTTP(response, request)
}

// tokenPath is the path where the real server issues tokens.
const tokenPath = "/oauth2/token"

// A springBackend forwards requests to the real Spring Cloud Config Server, and makes its tokens claim to last for
// an hour, so that they expire early.
type springBackend struct {
	proxy *httputil.ReverseProxy

	mutex  sync.Mutex
	tokens []string // all that were given
}

func newSpringBackend(t *testing.T, server *springtest.Server) *springBackend {
	t.Helper()
	address, err := url.Parse(server.URL)
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return &springBackend{proxy: &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) { request.SetURL(address) }, ErrorLog: log.New(io.Discard, "", 0),
	}}
}

func (b *springBackend) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if request.URL.Path != tokenPath {
		b.proxy.ServeHTTP(response, request)
		return
	}
	whole := httptest.NewRecorder()
	b.proxy.ServeHTTP(whole, request)
	content := whole.Body.Bytes()
	var given map[string]any
	if json.Unmarshal(content, &given) == nil && given["access_token"] != nil {
		given["expires_in"] = 3600
		content, _ = json.Marshal(given) // it was JSON
		b.mutex.Lock()
		b.tokens = append(b.tokens, given["access_token"].(string))
		b.mutex.Unlock()
	}
	response.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
	response.Header().Set("Content-Length", strconv.Itoa(len(content)))
	response.WriteHeader(whole.Code)
	_, _ = response.Write(content)
}

func (b *springBackend) given() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return append([]string(nil), b.tokens...)
}

// noTokens makes only the token endpoint fail.
func noTokens(response http.ResponseWriter, request *http.Request, backend http.Handler) {
	if request.URL.Path == tokenPath {
		broken(response, request, backend)
		return
	}
	backend.ServeHTTP(response, request)
}
