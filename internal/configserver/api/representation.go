package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

const (
	jsonType = "application/json"
	textType = "text/plain; charset=utf-8"
)

// representation is an answer in one form. It is immutable.
type representation struct {
	body []byte
	tag  string // without quotes
	// Header values, shared by all requests.
	contentType, length, etag []string
}

func represent(body []byte, contentType string) *representation {
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:16])
	return &representation{
		body: body, tag: tag, contentType: []string{contentType},
		length: []string{strconv.Itoa(len(body))}, etag: []string{`"` + tag + `"`},
	}
}

// renderer renders an answer in the requested form. It waits for its turn until the context is done.
type renderer func(context.Context, *keep.Answer) (*representation, error)

// errNoKey means that an answer does not contain the requested key.
var errNoKey = errors.New("no such key")

// Headers shared by all requests.
var (
	noStore  = []string{"no-store"} // the answers contain secrets
	outdated = []string{"outdated"}
)

// maxCounted is the largest body whose length net/http sets itself; it does so faster.
const maxCounted = 2048

// setHeaders sets the headers of an answer. Names must be in net/http's canonical form.
func setHeaders(header http.Header, r *representation, snapshot *keep.Snapshot, clock clock.Clock) {
	header["Content-Type"] = r.contentType
	if len(r.body) > maxCounted {
		header["Content-Length"] = r.length
	}
	header["Cache-Control"] = noStore
	header["Etag"] = r.etag
	if snapshot.Outdated {
		header["Config-State"] = outdated
	}
	if !snapshot.Confirmed.IsZero() {
		header["Age"] = []string{strconv.Itoa(int(snapshot.Age(clock.Now()) / time.Second))}
	}
}

// has reports whether the client already has a representation: according to its If-None-Match header, or to
// ?since=, which may be an ETag, with or without quotes, or the version of the sources.
func has(request *http.Request, since string, r *representation, snapshot *keep.Snapshot) bool {
	if since != "" {
		version := snapshot.Environment.Version
		return strings.Trim(strings.TrimPrefix(since, "W/"), `"`) == r.tag || version != nil && since == *version
	}
	for _, field := range request.Header["If-None-Match"] {
		for tag := range strings.SplitSeq(field, ",") {
			if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == r.etag[0] {
				return true
			}
		}
	}
	return false
}
