package api_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/api"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/plainsource"
)

// JSON that is the only source has keys that no other source can have.
func testLiteralKeys(t *testing.T, group spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	// get asks for a path of a configuration.
	get := func(config, path string) (status int, body string) {
		t.Helper()
		source, err := plainsource.New(config)
		Expect(err).NotTo(HaveOccurred())
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		handler := api.NewHandler(api.Settings{
			Raw: source.Content(), Clock: clock.System{}, Logger: log.New(io.Discard, "", 0),
			Keeper: keep.New(ctx, keep.Options{Sources: []keep.Origin{{Source: source, Static: true}}, Timeout: time.Minute, Clock: clock.System{}}),
		})
		defer handler.Close()
		request := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer.Code, answer.Body.String()
	}

	const config = `{"br[ack]":1,"x/y":2,"x":{"y":3,"":4},"a.b":{"c.d":5},"a":{"b.c.d":6},"l[0]":7,"l":[8],"":{"e":9},"t]":10,"[u":11,"s/":12,"p%2Fq":13,"m[n]":{"o/p":14},"k.l":{"m.n":15}}`
	for _, one := range []struct{ path, value string }{
		{"/config/br%5Back%5D", "1"}, {"/config/br[ack]", "1"}, {"/config/x%2Fy", "2"}, {"/config/x/y", "3"}, {"/config/x.", "4"}, {"/config/x//", "4"},
		{"/config/a.b.c.d", "5"}, {"/config/a/b.c.d", "5"}, {"/config/k%2Fl/m%2Fn", "15"}, {"/config/a[b.c.d]", "6"}, {"/config/l[0]", "7"}, {"/config/l/0", "8"}, {"/config/l.0", "8"},
		{"/config//e", "9"}, {"/config/.e", "9"}, {"/config/t]", "10"}, {"/config/[u", "11"}, {"/config/s%2F", "12"}, {"/config/p%252Fq", "13"}, {"/config/m[n].o%2Fp", "14"},
		{"/config/m%5Bn%5D/o%2Fp", "14"}, {"/config//", `{"e":9}` + "\n"},
	} {
		it("answers each key as /config shows it: "+one.path, func() {
			status, body := get(config, one.path)
			Expect(status).To(Equal(http.StatusOK))
			Expect(body).To(Equal(one.value))
		})
	}

	it("answers a key with many separators as it is, and 404 for a path with more than that", func() {
		dots := strings.Repeat("a.b/", 4000)
		status, body := get(`{"`+dots+`":1}`, "/config/"+strings.ReplaceAll(dots, "/", "%2F"))
		Expect(status).To(Equal(http.StatusOK))
		Expect(body).To(Equal("1"))
		for _, separator := range []string{"/", ".", "[", "%2F", "a.b/"} {
			status, body := get(`{"":{"a":1},"a":{"a":2}}`, "/config/a"+strings.Repeat(separator, 4000)+"a")
			Expect(status).To(Equal(http.StatusNotFound))
			Expect(body).To(Equal("404 page not found\n"))
		}
	})

	it("follows a list at the top, and nothing below a text", func() {
		_, body := get(`[[1],{"a":2}]`, "/config/[1].a")
		Expect(body).To(Equal("2"))
		_, body = get(`[[1],{"a":2}]`, "/config/0/0")
		Expect(body).To(Equal("1"))
		status, _ := get(`"text"`, "/config/0")
		Expect(status).To(Equal(http.StatusNotFound))
	})
}
