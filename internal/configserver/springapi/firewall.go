package springapi

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// split splits a path into its decoded parts. It rejects what Spring's firewall rejects (spring-security-web,
// StrictHttpFirewall): path parameters, and parts that a file system would interpret.
func split(path string) ([]string, error) {
	if strings.Contains(path, ";") || strings.Contains(path, "//") || encodedSeparator.MatchString(path) {
		return nil, &Error{Status: http.StatusBadRequest}
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, part := range parts {
		decoded, err := url.PathUnescape(part)
		if err != nil || !utf8.ValidString(decoded) || decoded == "." || decoded == ".." || strings.ContainsAny(decoded, lineBreaks) {
			return nil, &Error{Status: http.StatusBadRequest}
		}
		parts[i] = decoded
	}
	return parts, nil
}

// encodedSeparator matches what must not be encoded: separators of paths, and a period and a percent sign, which
// would hide one.
var encodedSeparator = regexp.MustCompile(`(?i)%2f|%5c|%3b|%2e|%25`)

// lineBreaks must not occur in a path: NUL, and everything that ends a line. Other control characters may.
const lineBreaks = "\x00\n\r\u2028\u2029"
