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

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Route is a parsed request.
type Route struct {
	// Request is what to ask the sources for.
	Request environment.Request

	name, profiles string
	label          *string
	form           string  // json, yml, yaml, properties, or empty for the environment itself
	mediaType      string  // of the environment
	resolve        bool    // whether to replace placeholders in a form
	plainFile      *string // the path of a plain file; nil for all other routes
}

// Parse parses the method, path, query and Accept header of a request. It fails with an *Error.
func Parse(request *http.Request) (*Route, error) {
	if err := checkMethod(request.Method); err != nil {
		return nil, err
	}
	parts, err := split(request.URL.EscapedPath())
	if err != nil {
		return nil, err
	}
	query, err := ParseQuery(request.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	route, err := match(parts, query)
	if err != nil {
		return nil, err
	}
	if err := checkReading(request.Method); err != nil {
		return nil, err
	}
	if err := route.choose(request.Header, query); err != nil {
		return nil, err
	}
	if err := route.normalize(); err != nil {
		return nil, err
	}
	if route.plainFile != nil {
		return nil, &Error{Status: http.StatusNotFound, empty: true}
	}
	return route, nil
}

// choose chooses the form of the answer.
func (r *Route) choose(header http.Header, query url.Values) (err error) {
	switch {
	case r.plainFile != nil:
		return nil
	case r.form != "":
		r.resolve, err = resolves(query)
		return err
	}
	r.mediaType, err = negotiate(header)
	if err != nil && r.label != nil {
		// Spring's server takes a request for an environment in another media type for one for a plain file,
		// with an empty path.
		r.plainFile, err = new(string), nil
	}
	return err
}

var (
	file = regexp.MustCompile(`(?s)^(.*)-(.*)\.(properties|json|yaml|yml)$`) // the last hyphen separates the two
	// fileExtension must not occur in profiles: they would be taken for a file.
	fileExtension = regexp.MustCompile(`\b\.(?:ya?ml|properties|json)\b`)
)

func match(parts []string, query url.Values) (*Route, error) {
	last := parts[len(parts)-1]
	switch {
	case len(parts) > 3:
		path := strings.Join(parts[3:], "/")
		return &Route{name: parts[0], profiles: parts[1], label: &parts[2], plainFile: &path}, nil
	case len(parts) == 3 && query.Has("useDefaultLabel"):
		return &Route{name: parts[0], profiles: parts[1], plainFile: &last}, nil
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
