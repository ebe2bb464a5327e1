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

// normalize validates the parts of the route, and builds the request from them. It rejects the same parts as
// Spring's PathUtils.
func (r *Route) normalize() error {
	label, path := "", ""
	if r.label != nil {
		label = *r.label
	}
	if r.plainFile != nil {
		path = *r.plainFile
	}
	for _, part := range []string{r.name, label, r.profiles, path} {
		if isInvalidLocation(part) {
			return &Error{Status: http.StatusBadRequest}
		}
	}
	r.Request.Profiles = strings.Split(r.profiles, ",")
	for _, profile := range r.Request.Profiles {
		if r.profiles != "" && !isProfile(profile) {
			return &Error{Status: http.StatusBadRequest}
		}
	}
	r.name, label = strings.ReplaceAll(r.name, slash, "/"), strings.ReplaceAll(label, slash, "/")
	if r.label != nil {
		r.label = &label
	}
	r.Request.Application, r.Request.Label = r.name, label
	if r.isNameless() {
		r.Request.Application, r.Request.Profiles = "application", []string{"default"}
	}
	return nil
}

// isNameless reports whether the application or the profiles are missing, as in /app-.yml. Spring's server answers
// that with an empty form if the label exists, so the request asks for what all applications share.
func (r *Route) isNameless() bool { return r.name == "" || r.profiles == "" }

func isInvalidLocation(part string) bool {
	invalid := func(part string) bool {
		return strings.Contains(part, "..") || strings.ContainsAny(part, "#*?") || strings.HasPrefix(part, slash)
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
