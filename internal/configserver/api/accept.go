package api

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// prefersJSON reports whether the client prefers application/json to text/plain: by the quality that its Accept
// header gives each (RFC 9110, section 12.5.1), and by their order if the qualities are equal. A client without
// a preference gets text.
func prefersJSON(header http.Header) bool {
	all := acceptedBy(header)
	ofJSON, ofText := all.of(jsonType), all.of("text/plain")
	if ofJSON.quality == ofText.quality {
		return ofJSON.quality > 0 && ofJSON.position < ofText.position
	}
	return ofJSON.quality > ofText.quality
}

// accepted is one entry of an Accept header.
type accepted struct {
	mediaRange string // such as text/*
	quality    float64
	position   int
}

type acceptedTypes []accepted

// acceptedBy parses the Accept header. It skips entries that are not media ranges.
func acceptedBy(header http.Header) acceptedTypes {
	var all acceptedTypes
	for entry := range strings.SplitSeq(strings.Join(header["Accept"], ","), ",") {
		mediaRange, parameters, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		quality := 1.0
		if text, has := parameters["q"]; has {
			if quality, err = strconv.ParseFloat(text, 64); err != nil || !(quality >= 0 && quality <= 1) {
				continue
			}
		}
		all = append(all, accepted{mediaRange, quality, len(all)})
	}
	return all
}

// of returns the most specific entry for a media type. Its quality is 0 if no entry matches.
func (t acceptedTypes) of(mediaType string) accepted {
	kind, _, _ := strings.Cut(mediaType, "/")
	for _, mediaRange := range []string{mediaType, kind + "/*", "*/*"} {
		for _, entry := range t {
			if entry.mediaRange == mediaRange {
				return entry
			}
		}
	}
	return accepted{}
}
