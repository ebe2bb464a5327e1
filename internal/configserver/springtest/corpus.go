package springtest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Corpus is a repository with everything that configuration can contain, and requests to Spring's server:
// another server must give the same answers.
type Corpus struct {
	Repository Repository
	// Requests has more than 200 combinations of application, profiles, label and form, and then unusual methods,
	// media types and names.
	Requests []Request
}

// NewCorpus creates the repository. The servers encrypt values, each with its own key, so that each can decrypt
// only some of them.
func NewCorpus(t testing.TB, encrypt ...*Server) Corpus {
	t.Helper()
	r := NewRepository(t)
	files := corpusFiles()
	for i, server := range encrypt {
		cipher := server.Encrypt(t, "secret: ${shared.name}")
		files["secrets.yml"] += fmt.Sprintf("secret%d: '{cipher}%s'\nlist%d: [plain, '{cipher}%s']\n", i, cipher, i, cipher)
		files["secrets.properties"] += fmt.Sprintf("db.password%d={cipher}%s\n", i, cipher)
	}
	r.Commit(files)
	r.Git("tag", "v1.0")
	r.Git("checkout", "--quiet", "-b", "feature/one")
	r.Commit(map[string]string{"app.yml": "only: on the branch\nshared: {name: branch}\n", "branch.properties": "a=b\n"})
	r.Git("checkout", "--quiet", "-b", "release-2", "v1.0")
	r.Commit(map[string]string{"application.yml": "shared: {name: release}\n"})
	r.Git("checkout", "--quiet", "main")
	for _, branch := range []string{"größe", "a/b/c", "a+b", "v1.0.x"} {
		r.Git("branch", branch)
	}
	commit := r.Commit(map[string]string{"app-dev.yml": "level: newer\nurl: http://dev/${shared.name}\n"})
	return Corpus{Repository: r, Requests: corpusRequests(commit)}
}

// Encrypt returns a text as the server encrypts it, without {cipher}.
func (s *Server) Encrypt(t testing.TB, text string) string {
	t.Helper()
	response, err := http.Post(s.URL+"/encrypt", "text/plain", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	cipher, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s/encrypt: %s %v", s.URL, response.Status, err)
	}
	return string(cipher)
}
