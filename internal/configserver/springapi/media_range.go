package springapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// mediaRange is an entry of an Accept header.
type mediaRange struct {
	name       string // in lower case, such as application/json or text/*
	parameters string // all others: ;name=value for each
	charset    string
	quality    float64
}

// accepted returns the entries of the Accept header, by descending preference: by quality, then wildcards last.
// Without a header, it returns */*. As in Spring, an entry that cannot be parsed makes the whole header invalid,
// and a quality of 0 is merely the lowest one.
func accepted(header http.Header) (ranges []mediaRange, valid bool) {
	for _, field := range header.Values("Accept") {
		for _, entry := range splitUnquoted(field, ',') {
			if strings.TrimSpace(entry) == "" {
				continue
			}
			one, valid := parseRange(entry)
			if !valid {
				return nil, false
			}
			ranges = append(ranges, one)
		}
	}
	if len(ranges) == 0 {
		return []mediaRange{{name: "*/*"}}, true
	}
	slices.SortStableFunc(ranges, func(a, b mediaRange) int {
		switch {
		case a.quality > b.quality:
			return -1
		case a.quality < b.quality:
			return 1
		}
		return a.wildcards() - b.wildcards()
	})
	return ranges, true
}

// wildcards returns 0 for a media type, 1 for all of a kind, such as text/* or application/*+json, and 2 for */*.
func (r mediaRange) wildcards() int {
	switch {
	case r.name == "*/*":
		return 2
	case strings.Contains(r.name, "/*"):
		return 1
	}
	return 0
}

// mediaType returns the entry as a Content-Type, if it has no wildcards. Tomcat, too, writes the charset last.
func (r mediaRange) mediaType() string {
	if r.charset == "" {
		return r.name + r.parameters
	}
	return r.name + r.parameters + ";charset=" + r.charset
}

// isUTF8 reports whether the client accepts UTF-8. No other charset is written.
func (r mediaRange) isUTF8() bool {
	return slices.Contains([]string{"", "utf-8", "utf8", "us-ascii"}, strings.ToLower(r.charset))
}

func parseRange(text string) (r mediaRange, valid bool) {
	name, rest, _ := strings.Cut(text, ";")
	r = mediaRange{name: strings.ToLower(strings.TrimSpace(name)), quality: 1}
	if r.name == "*" {
		r.name = "*/*"
	}
	kind, subtype, found := strings.Cut(r.name, "/")
	if !found || !isToken(kind) || !isToken(subtype) || kind == "*" && subtype != "*" {
		return r, false
	}
	for _, parameter := range splitUnquoted(rest, ';') {
		if !r.add(parameter) {
			return r, false
		}
	}
	return r, true
}

// add adds a parameter, and reports whether it is valid. One without = is ignored.
func (r *mediaRange) add(parameter string) (valid bool) {
	name, value, found := strings.Cut(parameter, "=")
	if !found {
		return true
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	unquoted := value
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		unquoted = value[1 : len(value)-1]
	} else if !isToken(value) {
		return false
	}
	switch strings.ToLower(name) {
	case "q":
		quality, err := strconv.ParseFloat(unquoted, 64)
		r.quality = quality
		return err == nil && quality >= 0 && quality <= 1
	case "charset":
		r.charset = unquoted
		return true
	default:
		r.parameters += ";" + name + "=" + value
	}
	return isToken(name)
}

// isToken reports whether a text is a token in the sense of HTTP (RFC 9110, section 5.6.2).
func isToken(text string) bool {
	other := func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	}
	return text != "" && !strings.ContainsFunc(text, other)
}

// splitUnquoted splits a text at separators outside of double quotes.
func splitUnquoted(text string, separator byte) (parts []string) {
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == '\\' && quoted:
			i++
		case text[i] == separator && !quoted:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}
