package springtest

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Request is a request of a Corpus.
type Request struct {
	Method string // empty: GET
	Path   string // with its query
	Accept []string
}

func (r Request) String() string {
	return fmt.Sprintf("%s %s Accept: %q", cmp.Or(r.Method, http.MethodGet), r.Path, r.Accept)
}

// unlike matches what differs in the answers of any two servers: times, and the directory of the clone in the
// names of documents.
var unlike = regexp.MustCompile(`"timestamp":"[^"]*"|timestamp: [^\n]*|<div id='created'>[^<]*|file \[[^']*/`)

// Ask sends the request to a server, and returns what another server must answer, too: the status, the media type,
// the header Allow and the body.
func (r Request) Ask(t testing.TB, server string) string {
	t.Helper()
	request, err := http.NewRequest(cmp.Or(r.Method, http.MethodGet), server+r.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Accept != nil {
		request.Header["Accept"] = r.Accept
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	head := strings.TrimSpace(response.Status[:3] + " " + response.Header.Get("Content-Type") + " " + response.Header.Get("Allow"))
	return head + "\n" + unlike.ReplaceAllString(string(body), "…")
}
