package gitsource_test

import (
	"net/http"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

// testUnsupported expects an error that names what is wrong with a repository that git itself could read.
func testUnsupported(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	failure := func(variables map[string]string) error {
		t.Helper()
		_, err := value(source(t, variables, gitsource.Limits{}), "app", "")
		return err
	}

	it("says that object names are SHA-256, by https and on this machine", func() {
		server := serve(t, springtest.NewRepository(t))
		server.Git("init", "--quiet", "--object-format=sha256", "--initial-branch=main", "other")
		server.Git("-C", "other", "commit", "--quiet", "--allow-empty", "--message=first")
		const reason = "the names of the repository's objects are SHA-256; expected a repository with SHA-1, git's default"
		other := filepath.Join(server.Directory, "other")
		Expect(failure(map[string]string{"CONFIG_SERVER_GIT_URI": other})).To(MatchError("failed to open the git repository: " + reason))

		byHTTPS := serve(t, springtest.Repository{Directory: other})
		Expect(failure(byHTTPS.settings(nil))).To(MatchError("failed to list the branches of the git server: " + reason))
	})

	it("says that a server has a repository's files, or web pages, but does not run git", func() {
		server := serve(t, springtest.NewRepository(t))
		server.Commit(map[string]string{"app.yml": "k: 1\n"})
		server.Git("update-server-info")
		files := http.StripPrefix("/repo", http.FileServer(http.Dir(filepath.Join(server.Directory, ".git"))))
		server.answering(func(response http.ResponseWriter, request *http.Request) bool {
			files.ServeHTTP(response, request)
			return true
		})
		Expect(failure(server.settings(nil))).To(MatchError(
			"failed to list the branches of the git server: its answer is not of git's smart HTTP protocol; expected the address of a repository on a server that runs git, not of a web page or of a directory with its files"))
	})
}
