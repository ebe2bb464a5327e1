package gitsource_test

import (
	stdcontext "context"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

const (
	user   = "reader"
	secret = "s3cret-git-p4ssword"
)

// A gitServer is git's own server of repositories (git http-backend), behind https and basic authentication.
type gitServer struct {
	*httptest.Server
	springtest.Repository
	certificates string // a directory with the server's authority

	mutex sync.Mutex
	asked map[string]int
	// answer answers instead of git, if it is set and returns true.
	answer func(http.ResponseWriter, *http.Request) bool
}

// serve serves a repository.
func serve(t *testing.T, repository springtest.Repository) *gitServer {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"),
		Root: "/repo",
		Dir:  repository.Directory,
		Env: []string{
			"GIT_PROJECT_ROOT=" + filepath.Join(repository.Directory, ".git"), "GIT_HTTP_EXPORT_ALL=1",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*", "HOME=" + repository.Directory,
		},
	}
	server := &gitServer{Repository: repository, asked: map[string]int{}}
	server.Server = httptest.NewTLSServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		server.mutex.Lock()
		server.asked[request.Method+" "+strings.TrimPrefix(request.URL.Path, "/repo")]++
		answer := server.answer
		server.mutex.Unlock()
		if answer != nil && answer(response, request) {
			return
		}
		if name, password, _ := request.BasicAuth(); name != user || password != secret {
			response.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(response, "who are you, "+name+":"+password+"?", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(response, request)
	}))
	t.Cleanup(server.Close)
	server.certificates = t.TempDir()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(server.certificates, "server.crt"), authority, 0o600); err != nil {
		t.Fatal(err)
	}
	return server
}

// settings returns the settings for a user of the server, and adds others.
func (s *gitServer) settings(variables map[string]string) map[string]string {
	all := map[string]string{
		"CONFIG_SERVER_GIT_URI": s.URL + "/repo", "CONFIG_SERVER_GIT_USERNAME": user, "CONFIG_SERVER_GIT_PASSWORD": secret,
		"CF_SYSTEM_CERT_PATH": s.certificates,
	}
	maps.Copy(all, variables)
	return all
}

// count returns how many requests of a kind, such as "POST /git-upload-pack", the server has received.
func (s *gitServer) count(what string) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.asked[what]
}

// answering replaces git's answers from now on; nil ends that.
func (s *gitServer) answering(answer func(http.ResponseWriter, *http.Request) bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.answer = answer
}

// source returns a source configured by variables.
func source(t *testing.T, variables map[string]string, limits gitsource.Limits) *gitsource.Source {
	t.Helper()
	settings, err := gitsource.FromEnvironment(func(name string) string { return variables[name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := gitsource.New(*settings, gitsource.Options{Directory: t.TempDir(), Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := made.Close(); err != nil {
			t.Error(err)
		}
	})
	return made
}

// request returns a request for an application without a profile.
func request(application, label string) environment.Request {
	return environment.Request{Application: application, Profiles: []string{"default"}, Label: label}
}

// value returns the value of the key k for an application and a label.
func value(made *gitsource.Source, application, label string) (any, error) {
	answer, _, err := made.Fetch(stdcontext.Background(), request(application, label), "")
	if err != nil {
		return nil, err
	}
	if len(answer.PropertySources) == 0 {
		return nil, errors.New("no property source")
	}
	return answer.PropertySources[0].Source["k"], nil
}
