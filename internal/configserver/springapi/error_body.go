package springapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// errorBody returns the body of an error as Spring Boot's error controller writes it. path is escaped, so it
// needs no quoting in YAML.
func errorBody(mediaType string, status int, path string, now time.Time) []byte {
	timestamp, text := now.Format("2006-01-02T15:04:05.000Z"), http.StatusText(status)
	switch {
	case mediaType == htmlType:
		return fmt.Appendf(nil, "<html><body><h1>Whitelabel Error Page</h1>"+
			"<p>This application has no explicit mapping for /error, so you are seeing this as a fallback.</p>"+
			"<div id='created'>%s</div><div>There was an unexpected error (type=%s, status=%d).</div></body></html>",
			now.Format("Mon Jan 02 15:04:05 MST 2006"), text, status)
	case strings.HasPrefix(mediaType, yamlType):
		return fmt.Appendf(nil, "---\ntimestamp: %q\nstatus: %d\nerror: %q\npath: %q\n", timestamp, status, text, path)
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // Jackson writes & < > as they are
	_ = encoder.Encode(struct {  // it cannot fail
		Timestamp string `json:"timestamp"`
		Status    int    `json:"status"`
		Error     string `json:"error"`
		Path      string `json:"path"`
	}{timestamp, status, text, path})
	return bytes.TrimSuffix(body.Bytes(), []byte("\n"))
}
