package springapi

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The media types of an environment. The second includes the origin of each value if it is known; here, it never
// is.
const (
	jsonType = "application/json"
	v2Type   = "application/vnd.spring-cloud.config-server.v2+json"
	textType = "text/plain"
)

// negotiate returns the media type of an environment that the client prefers.
func negotiate(header http.Header) (string, error) {
	for _, accepted := range accepts(header) {
		switch accepted {
		case "*/*", "application/*", jsonType:
			return jsonType, nil
		case v2Type, "application/*+json":
			return v2Type, nil
		}
	}
	return "", &Error{Status: http.StatusNotAcceptable}
}

// errorType returns the media type for an error, or empty if the client does not accept JSON.
func errorType(header http.Header) string {
	for _, accepted := range accepts(header) {
		switch {
		case accepted == "*/*", accepted == "application/*", accepted == jsonType, accepted == "application/*+json":
			return jsonType
		case strings.HasPrefix(accepted, "application/") && strings.HasSuffix(accepted, "+json"):
			return accepted
		}
	}
	return ""
}

// accepts returns the media types of the Accept header without parameters, by descending preference.
func accepts(header http.Header) []string {
	type preference struct {
		mediaType string
		quality   float64
	}
	var preferences []preference
	for _, field := range header.Values("Accept") {
		for entry := range strings.SplitSeq(field, ",") {
			mediaType, parameters, err := mime.ParseMediaType(entry)
			if err != nil {
				continue
			}
			quality, err := strconv.ParseFloat(parameters["q"], 64)
			if err != nil {
				quality = 1
			}
			if quality > 0 {
				preferences = append(preferences, preference{mediaType, quality})
			}
		}
	}
	if len(header.Values("Accept")) == 0 {
		return []string{"*/*"}
	}
	slices.SortStableFunc(preferences, func(a, b preference) int {
		switch {
		case a.quality > b.quality:
			return -1
		case a.quality < b.quality:
			return 1
		}
		return 0
	})
	var mediaTypes []string
	for _, p := range preferences {
		mediaTypes = append(mediaTypes, p.mediaType)
	}
	return mediaTypes
}
