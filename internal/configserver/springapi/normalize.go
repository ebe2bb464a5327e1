package springapi

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// slash is how a slash is written in a label or an application.
const slash = "(_)"

// normalize checks the parts of the route, and makes the request of them. It refuses the same paths as
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

// isProfile tells names of profiles: letters, digits, and inside of them some others.
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

// answered is an environment with the names that were asked for, as they were: several profiles are one
// text with commas.
func (r *Route) answered(env environment.Environment) environment.Environment {
	env.Name, env.Profiles, env.Label = r.name, []string{r.profiles}, r.label
	return env
}
