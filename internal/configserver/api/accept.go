package api

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// prefersJSON tells whether a client prefers application/json to text/plain, by the quality that its header Accept
// gives to both (RFC 9110, section 12.5.1), and by their order if that is the same. Without a preference, it does not.
func prefersJSON(header http.Header) bool {
	all := acceptedBy(header)
	ofJSON, ofText := all.of(jsonType), all.of("text/plain")
	if ofJSON.quality == ofText.quality {
		return ofJSON.quality > 0 && ofJSON.position < ofText.position
	}
	return ofJSON.quality > ofText.quality
}

// An accepted is one entry of the header Accept.
type accepted struct {
	mediaRange string // such as text/*
	quality    float64
	position   int
}

type acceptedTypes []accepted

// acceptedBy reads the header Accept. Entries that are no media range are left out.
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

// of is the most specific entry for a media type. Its quality is 0 if there is none.
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
