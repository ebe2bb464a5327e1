package api

import (
	"net/url"
	"strings"
)

// keyPath is KEY of /config/KEY, with dots instead of slashes. A slash that is escaped, as %2F, is part of it. A slash at the
// end means nothing.
func keyPath(address *url.URL) string {
	escaped, ok := strings.CutPrefix(address.EscapedPath(), "/config/")
	if !ok { // config is escaped
		escaped = (&url.URL{Path: strings.TrimPrefix(address.Path, "/config/")}).EscapedPath()
	}
	segments := strings.Split(strings.TrimSuffix(escaped, "/"), "/")
	for i, segment := range segments {
		if unescaped, err := url.PathUnescape(segment); err == nil { // else net/http refuses the request
			segments[i] = unescaped
		}
	}
	return strings.Join(segments, ".")
}
