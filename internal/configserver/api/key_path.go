package api

import (
	"net/url"
	"strings"
)

// keyPath returns the KEY of /config/KEY, with dots instead of slashes. An escaped slash (%2F) belongs to a key.
// A trailing slash has no meaning.
func keyPath(address *url.URL) string {
	escaped, ok := strings.CutPrefix(address.EscapedPath(), "/config/")
	if !ok { // "config" itself is escaped
		escaped = (&url.URL{Path: strings.TrimPrefix(address.Path, "/config/")}).EscapedPath()
	}
	segments := strings.Split(strings.TrimSuffix(escaped, "/"), "/")
	for i, segment := range segments {
		if unescaped, err := url.PathUnescape(segment); err == nil { // net/http has refused anything else
			segments[i] = unescaped
		}
	}
	return strings.Join(segments, ".")
}
