package springapi

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// slash represents a slash in a label or an application.
const slash = "(_)"

// normalize validates the parts of the route, and builds the request from them. It rejects the same paths as
// Spring's PathUtils.
func (r *Route) normalize() error {
	label := ""
	if r.label != nil {
		label = *r.label
	}
	if isInvalidLocation(r.name) || isInvalidLocation(label) || isInvalidLocation(r.profiles) {
		return &Error{Status: http.StatusBadRequest}
	}
	r.Request.Profiles = strings.Split(r.profiles, ",")
	for _, profile := range r.Request.Profiles {
		if !isProfile(profile) {
			return &Error{Status: http.StatusBadRequest}
		}
	}
	r.name, label = strings.ReplaceAll(r.name, slash, "/"), strings.ReplaceAll(label, slash, "/")
	if r.label != nil {
		r.label = &label
	}
	r.Request.Application, r.Request.Label = r.name, label
	return nil
}

func isInvalidLocation(part string) bool {
	invalid := func(part string) bool {
		return strings.Contains(part, "..") || strings.Contains(part, "#") || strings.HasPrefix(part, slash)
	}
	if decoded, err := url.QueryUnescape(part); err == nil && strings.Contains(part, "%") && invalid(strings.TrimLeft(decoded, "/\\ ")) {
		return true
	}
	return invalid(part)
}

// isProfile reports whether a text is a valid name of a profile: letters and digits, with some other characters
// in between.
func isProfile(profile string) bool {
	characters := []rune(profile)
	for i, c := range characters {
		inner := i > 0 && i < len(characters)-1
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !(inner && strings.ContainsRune("-_.+@", c)) {
			return false
		}
	}
	return profile != ""
}

// answered returns an environment with the names as they were requested: several profiles are one text with
// commas.
func (r *Route) answered(env environment.Environment) environment.Environment {
	env.Name, env.Profiles, env.Label = r.name, []string{r.profiles}, r.label
	return env
}
