package springsource_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testFetch(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *fake
		now    time.Time
	)

	it.Before(func() {
		server = newFake(t)
		now = time.Now()
	})
	open := func(settings springsource.Settings) *springsource.Source {
		t.Helper()
		source, err := springsource.New(settings, springsource.Options{Now: func() time.Time { return now }})
		Expect(err).NotTo(HaveOccurred())
		return source
	}
	// fetch returns the first value of an answer, and the version.
	fetch := func(source *springsource.Source, previous string) (any, string, error) {
		found, version, err := source.Fetch(t.Context(), request, previous)
		if err != nil {
			Expect(err).NotTo(MatchError(ContainSubstring(secret)))
			return nil, version, err
		}
		return found.PropertySources[0].Source["a"], version, nil
	}

	value := func(source *springsource.Source, previous string) any {
		t.Helper()
		first, _, err := fetch(source, previous)
		Expect(err).NotTo(HaveOccurred())
		return first
	}

	it("asks like Spring's clients, and returns the answer unchanged", func() {
		settings := server.settings(t, server.URL+"/base")
		settings.Username, settings.Password = "u", secret
		found, version, err := open(settings).Fetch(t.Context(), request, "")
		Expect(err).NotTo(HaveOccurred())
		text := func(s string) *string { return &s }
		Expect(found).To(Equal(environment.Environment{
			Name: "app", Profiles: []string{"cloud", "eu"}, Label: text("release/1"), Version: text("c0ffee"), State: text("st"),
			PropertySources: []environment.PropertySource{
				{Name: "first", Source: map[string]any{"a": secret, "n": json.Number("1.50"), "b": true, "z": nil}, Order: []string{"a", "n", "b", "z"}}, {Name: "second", Source: map[string]any{}},
			},
		}))
		Expect(version).NotTo(ContainSubstring(secret))
		asked := server.requests()
		Expect(asked).To(HaveLen(1))
		Expect(asked[0].Method + " " + asked[0].RequestURI).To(Equal("GET /base/app/cloud,eu/release%28_%291"))
		Expect(asked[0].Header.Get("Accept")).To(HavePrefix("application/json,"))
		user, password, _ := asked[0].BasicAuth()
		Expect(user + ":" + password).To(Equal("u:" + secret))
		Expect(asked[0].Header.Get("X-Config-State")).To(BeEmpty())
	})

	it("is unchanged while the answer is, and sends back the server's last state", func() {
		source := open(server.settings(t))
		_, first, err := fetch(source, "")
		Expect(err).NotTo(HaveOccurred())
		server.requests()
		_, _, err = fetch(source, first)
		Expect(err).To(MatchError(environment.ErrUnchanged))
		Expect(server.requests()[0].Header.Get("X-Config-State")).To(Equal("st"))
		server.answers(say(strings.Replace(answer, secret, "other", 1))) // the version stays, as with an override
		Expect(value(source, first)).To(Equal("other"))
		_, second, err := fetch(open(server.settings(t)), "")
		Expect(err).NotTo(HaveOccurred())
		Expect(second).NotTo(Equal(first), "the fingerprint is of one run")
	})

	it("does not send a state that is not allowed in a header", func() {
		server.answers(say(strings.Replace(answer, `"st"`, `"a\r\nX-Evil: 1"`, 1)))
		source := open(server.settings(t))
		_, version, err := fetch(source, "")
		Expect(err).NotTo(HaveOccurred())
		_, _, err = fetch(source, version)
		Expect(err).To(MatchError(environment.ErrUnchanged))
		Expect(server.requests()[1].Header).NotTo(HaveKey("X-Config-State"))
	})

	it("accepts values with their origin, and nested values", func() {
		server.answers(say(`{"name":"app","profiles":[],"propertySources":[{"name":"p","source":{
			"a":{"value":"x","origin":"git"},"b":{"c":[1,{"d":"e"}]}}},{"name":"q","source":{}}]}`))
		found, _, err := open(server.settings(t)).Fetch(t.Context(), environment.Request{Application: "app"}, "")
		Expect(err).NotTo(HaveOccurred())
		Expect(found.PropertySources[0].Source).To(Equal(map[string]any{"a": "x", "b.c[0]": json.Number("1"), "b.c[1].d": "e"}))
		Expect(found.PropertySources[1].Source).To(Equal(map[string]any{}))
		Expect(server.requests()[0].RequestURI).To(Equal("/app/default"))
	})

	it("tries the next address if one does not answer, and starts with that one from then on", func() {
		down := newFake(t)
		down.Close()
		router := newFake(t)
		router.answers(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Cf-RouterError", "unknown_route")
			w.WriteHeader(http.StatusNotFound)
		})
		settings := server.settings(t, down.URL, server.URL, down.URL)
		source := open(settings)
		Expect(value(source, "")).To(Equal(secret))
		Expect(value(source, "")).To(Equal(secret))
		server.Close()
		_, _, err := fetch(source, "")
		Expect(err).To(MatchError(HaveSuffix("connection refused")))
	})

	group("OAuth2", func() {
		var (
			endpoint *fake
			given    *tokens
			settings springsource.Settings
		)
		it.Before(func() {
			endpoint = newFake(t)
			given = &tokens{lifetime: time.Hour, good: map[string]bool{}}
			endpoint.answers(given.ServeHTTP)
			server.answers(given.guarded(say(answer)))
			settings = server.settings(t)
			settings.TokenEndpoint, settings.ClientID, settings.ClientSecret = endpoint.URL+"/oauth/token", "id", secret
		})

		it("uses a token until a minute before it expires", func() {
			source := open(settings)
			for _, step := range []struct {
				passes time.Duration
				tokens int
			}{{0, 1}, {58 * time.Minute, 1}, {time.Minute + 30*time.Second, 2}, {time.Hour, 3}} {
				now = now.Add(step.passes)
				Expect(value(source, "")).To(Equal(secret))
				Expect(given.count()).To(Equal(step.tokens))
			}
		})

		it("gets one token for concurrent requests", func() {
			source := open(settings)
			var all sync.WaitGroup
			failures := make(chan error, 20)
			for range cap(failures) {
				all.Go(func() {
					if _, _, err := source.Fetch(t.Context(), request, ""); err != nil {
						failures <- err
					}
				})
			}
			all.Wait()
			Expect(failures).To(BeEmpty())
			Expect(given.count()).To(Equal(1))
		})

		it("gets another token if one was revoked, or the clock was set back", func() {
			source := open(settings)
			Expect(value(source, "")).To(Equal(secret))
			given.revoke()
			now = now.Add(-24 * time.Hour)
			Expect(value(source, "")).To(Equal(secret))
			Expect(given.count()).To(Equal(2))
		})

		it("gives up if the next token is refused, too", func() {
			server.answers(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, http.StatusUnauthorized) })
			_, _, err := fetch(open(settings), "")
			Expect(err).To(MatchError(environment.ErrUnauthorized))
			Expect(err).To(MatchError(HaveSuffix("found the status 401 Unauthorized; expected 200: it does not accept the token that its endpoint has given")))
			Expect(given.count()).To(Equal(2))
		})

		group("failure cases of the endpoint", func() {
			for what, of := range testtable.Sorted(map[string]struct {
				answer   http.HandlerFunc
				expected string
			}{
				"a word of its own":     {say(secret), "failed to get a token: found an answer without one; expected JSON with an access_token"},
				"JSON without one":      {say(`{"refresh_token":"s3cret"}`), "failed to get a token: found an answer without one; expected JSON with an access_token"},
				"an error with 200":     {say(`{"error":"s3cret"}`), "failed to get a token: found an answer without one; expected JSON with an access_token"},
				"an error of the field": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"error":"invalid_scope"}`, 400) }, "failed to get a token: found the status 400 Bad Request"},
				"another status":        {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, http.StatusServiceUnavailable) }, "failed to get a token: found the status 503 Service Unavailable; expected 200"},
				"no end":                {endless, "failed to get a token: found an answer larger than 2097152 bytes; expected no more"},
			}) {
				it("has "+what, func() {
					endpoint.answers(of.answer)
					_, _, err := fetch(open(settings), "")
					Expect(err).To(MatchError(ContainSubstring(": " + of.expected)))
					Expect(server.requests()).To(BeEmpty())
				})
			}

			it("refuses the client", func() {
				settings.ClientID = "other"
				_, _, err := fetch(open(settings), "")
				Expect(err).To(MatchError(environment.ErrUnauthorized))
				Expect(err).To(MatchError(HaveSuffix(": failed to get a token: found the status 401 Unauthorized, invalid_client: the credentials were not accepted: expected the client's id and secret to be valid at this endpoint")))
			})

			it("is another server now", func() {
				endpoint.answers(func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, server.URL, http.StatusTemporaryRedirect)
				})
				_, _, err := fetch(open(settings), "")
				Expect(err).To(MatchError(HaveSuffix(": failed to get a token: it redirects to another server; expected an answer of its own")))
				Expect(server.requests()).To(BeEmpty())
			})
		})
	})
}

func endless(w http.ResponseWriter, _ *http.Request) {
	for err := error(nil); err == nil; {
		_, err = fmt.Fprint(w, strings.Repeat(secret, 10_000))
	}
}
