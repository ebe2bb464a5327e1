package springapi

import (
	"net/http"
	"strings"
)

// The media types of an environment. The second includes the origin of each value if it is known; here, it never
// is.
const (
	jsonType = "application/json"
	v2Type   = "application/vnd.spring-cloud.config-server.v2+json"
	textType = "text/plain"
)

// The other media types of an error.
const (
	yamlType = "application/yaml"
	htmlType = "text/html;charset=UTF-8"
)

// negotiate returns the media type of an environment that the client prefers, with the client's own parameters,
// such as ;charset=utf-8. It fails if the client accepts none.
func negotiate(header http.Header) (string, error) {
	ranges, _ := accepted(header)
	for _, r := range ranges {
		if !r.isUTF8() {
			continue
		}
		switch r.name {
		case "*/*", "application/*":
			return jsonType, nil
		case "application/*+json":
			return v2Type, nil
		case jsonType, v2Type:
			return r.mediaType(), nil
		}
	}
	return "", &Error{Status: http.StatusNotAcceptable}
}

// errorType returns the media type for an error, or empty if the client accepts none. A client that accepts HTML,
// such as a browser, gets HTML, whatever it prefers.
func errorType(header http.Header) string {
	ranges, _ := accepted(header)
	for _, r := range ranges {
		if r.name == "text/html" || r.name == "text/*" {
			return htmlType
		}
	}
	for _, r := range ranges {
		if !r.isUTF8() {
			continue
		}
		switch r.name {
		case "*/*", "application/*", "application/*+json":
			return jsonType
		case "application/*+yaml":
			return yamlType
		case jsonType, yamlType:
			return r.mediaType()
		}
		if strings.HasPrefix(r.name, "application/") && strings.HasSuffix(r.name, "+json") {
			return r.mediaType()
		}
	}
	return ""
}
