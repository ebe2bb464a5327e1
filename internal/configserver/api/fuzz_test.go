package api_test

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/api"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/plainsource"
)

// FuzzRequest answers whatever net/http takes for a request: only one for a host that a browser
// resolves to this machine whatever a name server says gets the configuration, and none gets it
// otherwise than by GET or HEAD.
func FuzzRequest(f *testing.F) {
	for _, host := range []string{"localhost", "127.0.0.1:8082", "[::1]:1", "evil.example", "127.0.0.1.evil.example", "[::ffff:127.0.0.1]", "0.0.0.0", ""} {
		f.Add([]byte("GET /config HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
		f.Add([]byte("POST http://" + host + "/config/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"))
	}
	f.Add([]byte("GET /config HTTP/1.0\r\n\r\n"))
	f.Add([]byte("HEAD //config HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n"))
	const config = `{"is":"the configuration"}`
	source, err := plainsource.New(config)
	if err != nil {
		f.Fatal(err)
	}
	handler := api.NewHandler(api.Settings{
		Raw: source.Content(), Clock: clock.System{}, Logger: log.New(io.Discard, "", 0),
		Keeper: keep.New(f.Context(), keep.Options{Sources: []keep.Origin{{Source: source, Static: true}}, Timeout: time.Minute, Clock: clock.System{}}),
	})
	f.Cleanup(handler.Close)
	f.Fuzz(func(t *testing.T, content []byte) {
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(content)))
		if err != nil {
			return
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if !strings.Contains(answer.Body.String(), "the configuration") {
			return
		}
		host := (&url.URL{Host: request.Host}).Hostname()
		local := request.Host == "" || strings.EqualFold(host, "localhost") || strings.HasPrefix(host, "127.") && !strings.ContainsFunc(host, isLetter) || strings.Contains(host, ":")
		if !local || request.Method != http.MethodGet && request.Method != http.MethodHead {
			t.Fatalf("%s for %q got the configuration", request.Method, request.Host)
		}
	})
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
