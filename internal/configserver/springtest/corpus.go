package springtest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Corpus is a repository with everything that configuration can contain, and paths to request from Spring's
// server: another server must give the same answers.
type Corpus struct {
	Repository Repository
	// Paths has more than 200 combinations of application, profiles, label and form.
	Paths []string
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
	commit := r.Commit(map[string]string{"app-dev.yml": "level: newer\nurl: http://dev/${shared.name}\n"})
	return Corpus{Repository: r, Paths: corpusPaths(commit)}
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

func corpusPaths(commit string) (paths []string) {
	names := []string{"app", "my-app", "scalars", "lists", "placeholders", "documents", "secrets", "missing", "application"}
	for _, name := range names {
		for _, profiles := range []string{"default", "dev", "dev,prod"} {
			paths = append(paths, "/"+name+"/"+profiles)
			for _, form := range []string{".json", ".yml", ".properties", ".yml?resolvePlaceholders=false", ".properties?resolvePlaceholders=false"} {
				paths = append(paths, "/"+name+"-"+profiles+form)
			}
		}
	}
	for _, label := range []string{"main", "feature(_)one", "v1.0", "release-2", commit, "no-such", "no(_)such"} {
		paths = append(paths, "/app/dev/"+label, "/branch/default/"+label)
		for _, form := range []string{".json", ".yaml", ".properties"} {
			paths = append(paths, "/"+label+"/app-dev"+form, "/"+label+"/secrets-default"+form)
		}
	}
	return append(paths, strings.Fields(corpusOddities)...)
}

// corpusOddities are paths that are errors, or look as if they were.
const corpusOddities = `
/app/prod,dev /app/prod /app/cloud /app/nosuch,dev /app,my-app/dev /my-app,app/dev /app,my-app-dev.json /app-nosuch.yml
/prod/app-dev.yml /app-dev.YML /app-dev.xml /app.yml /app/dev.yml /app/x.y /app/x.json/main /app-x.y.yml
/app/a,,b /app/-a /app/a_ /app/a@b /app/a+b /app/%C3%A9 /app/a%2Cb /%61pp/dev /app/a%23b /app/a..b /a..b/dev /app/dev/a..b /(_)app/dev
/app/a&b /app/dev/a&b /a%2Eb/dev /a%2eb-dev.yml /a%25b/dev /app/dev/a%25b /a%E2%80%A8b/dev /app-a%E2%80%A9b.json
/app/dev/(_)main /a(_)b/dev /app /app/ /app/dev/ /app/dev/main/ /app/dev/main/no/such.txt /app-dev.yml/ /
/app-dev.yml?resolvePlaceholders=no /app-dev.yml?resolvePlaceholders=1 /app-dev.yml?resolvePlaceholders= /app-dev.yml?resolvePlaceholders=maybe
/cyclic/default /cyclic-default.json /cyclic-default.properties /cyclic-default.yml?resolvePlaceholders=false
/dangling/default /dangling-default.json /dangling-default.yml /dangling-default.properties
/excluding/default /excluding-default.json /excluding-default.yml /excluding-default.properties
/sequence/default /sequence-default.json /sequence-default.yml /sequence-default.properties
/text/default /text-default.json /text-default.yml /text-default.properties
/empty/default /empty-default.json /empty-default.yml /empty-default.properties
`
