package springapi

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// ParseQuery parses a query as Spring's server does: a semicolon is part of a name or a value. It fails with an
// *Error if an escape is wrong, or a text is not UTF-8.
func ParseQuery(raw string) (url.Values, error) {
	query, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
	if err != nil {
		return nil, &Error{Status: http.StatusBadRequest}
	}
	for name, values := range query {
		if !utf8.ValidString(name + strings.Join(values, "")) {
			return nil, &Error{Status: http.StatusBadRequest}
		}
	}
	return query, nil
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
