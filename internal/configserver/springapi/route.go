// Package springapi implements the paths, forms and errors of Spring Cloud Config Server 5, like its
// EnvironmentController:
//
//	/{application}/{profiles}[/{label}]
//	[/{label}]/{application}-{profiles}.(json|yml|yaml|properties)[?resolvePlaceholders=false]
//
// It does not serve Spring's plain files, /{application}/{profile}/{label}/{path}: for these, it answers as
// Spring does for a file that does not exist.
package springapi

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Route is a parsed request.
type Route struct {
	// Request is what to ask the sources for.
	Request environment.Request

	name, profiles string
	label          *string
	form           string // json, yml, yaml, properties, or empty for the environment itself
	mediaType      string // of the environment
	resolve        bool
}

// Parse parses the path, query and Accept header of a request. It fails with an *Error.
func Parse(request *http.Request) (*Route, error) {
	parts, err := split(request.URL.EscapedPath())
	if err != nil {
		return nil, err
	}
	route, err := match(parts, request.URL.Query())
	if err != nil {
		return nil, err
	}
	if route.form == "" {
		if route.mediaType, err = negotiate(request.Header); err != nil {
			return nil, err
		}
	} else if route.resolve, err = resolves(request.URL.Query()); err != nil {
		return nil, err
	}
	if err := route.normalize(); err != nil {
		return nil, err
	}
	return route, nil
}

// split splits a path into its parts. It rejects what Spring's firewall rejects: path parameters, and parts that
// a file system would interpret.
func split(path string) ([]string, error) {
	if strings.Contains(path, ";") || strings.Contains(path, "//") || encodedSeparator.MatchString(path) {
		return nil, &Error{Status: http.StatusBadRequest}
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, part := range parts {
		decoded, err := url.PathUnescape(part)
		if err != nil || !utf8.ValidString(decoded) || decoded == "." || decoded == ".." || strings.ContainsFunc(decoded, isControl) {
			return nil, &Error{Status: http.StatusBadRequest}
		}
		parts[i] = decoded
	}
	return parts, nil
}

// encodedSeparator matches what Spring's firewall rejects in its encoded form (spring-security-web,
// StrictHttpFirewall): separators of paths, and a period and a percent sign, which would hide one.
var encodedSeparator = regexp.MustCompile(`(?i)%2f|%5c|%3b|%2e|%25`)

// isControl reports control characters, and Unicode's separators of lines and paragraphs.
func isControl(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' }

var (
	file = regexp.MustCompile(`(?s)^(.+)-(.+)\.(properties|json|yaml|yml)$`) // the last hyphen separates the two
	// fileExtension must not occur in profiles: they would be taken for a file.
	fileExtension = regexp.MustCompile(`\b\.(?:ya?ml|properties|json)\b`)
)

func match(parts []string, query url.Values) (*Route, error) {
	last := parts[len(parts)-1]
	switch {
	case len(parts) > 3 || len(parts) == 3 && query.Has("useDefaultLabel"):
		return nil, &Error{Status: http.StatusNotFound, empty: true} // a plain file
	case last == "":
	case len(parts) == 3:
		return &Route{name: parts[0], profiles: parts[1], label: &parts[2]}, nil
	case len(parts) == 2 && !fileExtension.MatchString(last):
		return &Route{name: parts[0], profiles: parts[1]}, nil
	default:
		found := file.FindStringSubmatch(last)
		if found == nil {
			break
		}
		route := &Route{name: found[1], profiles: found[2], form: found[3]}
		if len(parts) == 2 {
			route.label = &parts[0]
		}
		return route, nil
	}
	return nil, &Error{Status: http.StatusNotFound}
}

// resolves parses ?resolvePlaceholders as Spring parses a bool.
func resolves(query url.Values) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(query.Get("resolvePlaceholders"))) {
	case "", "true", "on", "yes", "1":
		return true, nil
	case "false", "off", "no", "0":
		return false, nil
	}
	return false, &Error{Status: http.StatusBadRequest}
}
