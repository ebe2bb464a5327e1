package gitsource_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

func testFailures(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *gitServer
	)

	it.Before(func() {
		server = serve(t, springtest.NewRepository(t))
		server.Commit(map[string]string{"app.yml": "k: 1\n"})
	})

	failure := func(variables map[string]string) error {
		t.Helper()
		_, err := value(source(t, server.settings(variables), gitsource.Limits{}), "app", "")
		Expect(err).To(HaveOccurred())
		Expect(err).NotTo(MatchError(ContainSubstring("s3cret")))
		Expect(err).NotTo(MatchError(ContainSubstring(server.URL)))
		return err
	}
	answer := func(status int, body string) {
		server.answering(func(response http.ResponseWriter, _ *http.Request) bool {
			response.WriteHeader(status)
			_, _ = io.WriteString(response, body)
			return true
		})
	}

	it("distinguishes refused credentials from an outage, and shows no credentials", func() {
		for _, variables := range []map[string]string{
			{"CONFIG_SERVER_GIT_PASSWORD": "s3cret-wrong"},
			{"CONFIG_SERVER_GIT_USERNAME": "s3cret-user"},
			{"CONFIG_SERVER_GIT_USERNAME": "", "CONFIG_SERVER_GIT_PASSWORD": "", "CONFIG_SERVER_GIT_TOKEN": "s3cret-token"},
			{"CONFIG_SERVER_GIT_USERNAME": "", "CONFIG_SERVER_GIT_PASSWORD": "", "CONFIG_SERVER_GIT_URI": strings.Replace(server.URL, "://", "://s3cret-u:s3cret-p@", 1) + "/repo"},
		} {
			err := failure(variables)
			Expect(err).To(MatchError(environment.ErrUnauthorized))
			Expect(err).To(MatchError("failed to list the branches of the git server: the credentials were not accepted: expected a user and a password, or a token, that may read the repository"))
		}
		Expect(failure(map[string]string{"CONFIG_SERVER_GIT_USERNAME": "", "CONFIG_SERVER_GIT_PASSWORD": ""})).To(MatchError(ContainSubstring("it requires some, but none are set: set CONFIG_SERVER_GIT_USERNAME and CONFIG_SERVER_GIT_PASSWORD")))
	})

	it("takes credentials from the address", func() {
		made := source(t, server.settings(map[string]string{
			"CONFIG_SERVER_GIT_USERNAME": "", "CONFIG_SERVER_GIT_PASSWORD": "", "CONFIG_SERVER_GIT_URI": strings.Replace(server.URL, "://", "://"+user+":"+secret+"@", 1) + "/repo",
		}), gitsource.Limits{})
		Expect(value(made, "app", "")).To(BeEquivalentTo("1"))
	})

	it("says that it does not trust the server", func() {
		Expect(failure(map[string]string{"CF_SYSTEM_CERT_PATH": ""})).To(MatchError(ContainSubstring("trusted are the system's authorities and those in CF_SYSTEM_CERT_PATH")))
	})

	for _, said := range []struct {
		status  int
		message string
	}{
		{http.StatusNotFound, "it has no such repository, or these credentials may not read it"},
		{http.StatusForbidden, "the credentials were not accepted"},
		{http.StatusTooManyRequests, "it answered with the status 429"},
		{http.StatusServiceUnavailable, "it answered with the status 503"},
		{http.StatusOK, "its answer is not"},
		{http.StatusNoContent, "its answer is not HTTP"},
	} {
		it("says which status the server answers, without its text: "+http.StatusText(said.status), func() {
			answer(said.status, "<html>s3cret</html>")
			Expect(failure(nil)).To(MatchError(ContainSubstring(said.message)))
		})
	}

	it("sends credentials to no other server", func() {
		asked := make(chan string, 10)
		other := httptest.NewTLSServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			asked <- request.Header.Get("Authorization")
			response.WriteHeader(http.StatusNotFound)
		}))
		defer other.Close()
		server.answering(func(response http.ResponseWriter, request *http.Request) bool {
			http.Redirect(response, request, other.URL+request.URL.Path+"?"+request.URL.RawQuery, http.StatusFound)
			return true
		})
		failure(nil)
		select {
		case authorization := <-asked:
			Expect(authorization).To(BeEmpty())
		default: // its certificate is not trusted, either
		}
	})

	it("follows a redirection on the same server", func() {
		server.answering(func(response http.ResponseWriter, request *http.Request) bool {
			rest, moved := strings.CutPrefix(request.URL.Path, "/moved")
			if moved {
				http.Redirect(response, request, "/repo"+rest+"?"+request.URL.RawQuery, http.StatusMovedPermanently)
			}
			return moved
		})
		made := source(t, server.settings(map[string]string{"CONFIG_SERVER_GIT_URI": server.URL + "/moved"}), gitsource.Limits{})
		Expect(value(made, "app", "")).To(BeEquivalentTo("1"))
	})

	it("recovers from answers that are cut off or damaged, and uses no part of them", func() {
		made := source(t, server.settings(nil), gitsource.Limits{})
		server.Commit(map[string]string{"app.yml": "k: 2\n", "other.yml": strings.Repeat("a: b\n", 10_000)})
		original := server.Config.Handler
		for _, damage := range []func([]byte) []byte{
			func(content []byte) []byte { return content[:len(content)/2] },
			func(content []byte) []byte { return content[:len(content)-10] },
			func(content []byte) []byte { content[len(content)/2] ^= 0x55; return content },
			func(content []byte) []byte { content[len(content)-30] ^= 0x55; return content },
			func([]byte) []byte { return nil },
			func([]byte) []byte { return []byte("0000") },
			func([]byte) []byte { return bytes.Repeat([]byte("zzzz"), 1_000) },
		} {
			server.answering(func(response http.ResponseWriter, request *http.Request) bool {
				if request.Method != http.MethodPost {
					return false
				}
				server.mutex.Lock()
				server.answer = nil
				server.mutex.Unlock()
				recorder := httptest.NewRecorder()
				original.ServeHTTP(recorder, request)
				response.Header().Set("Content-Type", recorder.Header().Get("Content-Type"))
				_, _ = response.Write(damage(recorder.Body.Bytes()))
				return true
			})
			_, err := value(made, "app", "")
			Expect(err).To(HaveOccurred())
		}
		Expect(value(made, "app", "")).To(BeEquivalentTo("2"))
	})

	it("says that the server cannot be reached", func() {
		server.Close()
		Expect(failure(nil)).To(MatchError(ContainSubstring("connection refused")))
	})

	context("a repository on this machine", func() {
		failure := func(directory string) error {
			t.Helper()
			_, err := value(source(t, map[string]string{"CONFIG_SERVER_GIT_URI": "file://" + directory}, gitsource.Limits{}), "app", "")
			return err
		}

		it("says that it does not exist", func() {
			Expect(failure(filepath.Join(server.Directory, "none"))).To(MatchError("failed to open the git repository: found none in " + server.Directory + "/none; expected a directory with .git, or a bare repository"))
			Expect(failure(filepath.Join(server.Directory, "app.yml"))).To(MatchError(ContainSubstring("found none in")))
		})

		it("reads a bare repository, and one that borrows objects from another", func() {
			bare := filepath.Join(t.TempDir(), "bare with ü")
			server.Git("clone", "--quiet", "--bare", "--shared", server.Directory, bare)
			Expect(failure(bare)).NotTo(HaveOccurred())
		})

		it("says that an object is damaged", func() {
			objects, err := filepath.Glob(filepath.Join(server.Directory, ".git/objects/??/*"))
			Expect(err).NotTo(HaveOccurred())
			for _, object := range objects {
				Expect(os.Chmod(object, 0o600)).To(Succeed())
				Expect(os.WriteFile(object, []byte("damaged"), 0o600)).To(Succeed())
			}
			Expect(failure(server.Directory)).To(HaveOccurred())
		})
	})
}
