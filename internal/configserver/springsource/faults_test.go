package springsource_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testFaults(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		server  *fake
		options springsource.Options
	)

	it.Before(func() {
		server = newFake(t)
		options = springsource.Options{}
	})
	refuse := func(settings springsource.Settings, expected string) error {
		t.Helper()
		source, err := springsource.New(settings, options)
		Expect(err).NotTo(HaveOccurred())
		_, _, err = source.Fetch(t.Context(), request, "")
		Expect(err).To(MatchError(And(ContainSubstring(expected), Not(ContainSubstring(secret)))))
		return err
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, code) }
	}

	it("distinguishes a missing configuration from a server that does not answer", func() {
		server.answers(status(404))
		err := refuse(server.settings(t), "the configuration server answers 404: it has no such application, profile or label")
		var notFound *environment.NotFoundError
		Expect(errors.As(err, &notFound)).To(BeTrue())
	})

	it("names only the host and port of an address where nothing listens", func() {
		host := net.JoinHostPort("127.0.0.1", testport.Free(t))
		address, err := url.Parse("http://s3cret:s3cret@" + host + "/s3cret?s3cret=s3cret")
		Expect(err).NotTo(HaveOccurred())
		refuse(springsource.Settings{Addresses: []*url.URL{address}}, host)
	})

	it("CF: does not mistake the router's 404 for the server's", func() {
		server.answers(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Cf-RouterError", "unknown_route")
			w.WriteHeader(404)
		})
		err := refuse(server.settings(t), "found the status 404 Not Found; expected 200: the platform's router has no app at this address that answers")
		var notFound *environment.NotFoundError
		Expect(errors.As(err, &notFound)).To(BeFalse())
	})

	it("says which credentials were refused", func() {
		settings := server.settings(t)
		server.answers(status(401))
		Expect(refuse(settings, "found the status 401 Unauthorized; expected 200: it wants credentials, and none are set")).To(MatchError(environment.ErrUnauthorized))
		settings.Username, settings.Password = "u", secret
		server.answers(status(403))
		Expect(refuse(settings, "it does not accept username and password")).To(MatchError(environment.ErrUnauthorized))
		server.answers(status(500))
		Expect(refuse(settings, "found the status 500 Internal Server Error; expected 200")).NotTo(MatchError(environment.ErrUnauthorized))
	})

	for what, of := range testtable.Sorted(map[string]struct {
		answer   http.HandlerFunc
		expected string
	}{
		"a page":                           {say("<html>s3cret</html>"), "failed to read the server's answer: found an answer that is not an environment"},
		"other JSON":                       {say(`{"status":"s3cret"}`), "failed to read the server's answer: found an answer that is not an environment"},
		"an environment, and more":         {say(answer + "s3cret"), "failed to read the server's answer: found an answer that is not an environment"},
		"values of no text":                {say(`{"name":"a","propertySources":"s3cret"}`), "failed to read the server's answer: found an answer that is not an environment"},
		"no property source":               {say(`{"name":"a","propertySources":[{"name":"s3cret","source":{}},null]}`), "failed to read the server's answer: found the property source 2 without a name or without properties"},
		"a property source without values": {say(`{"name":"a","propertySources":[{"name":"s3cret"}]}`), "failed to read the server's answer: found the property source 1 without a name or without properties"},
		"a property source without a name": {say(`{"name":"a","propertySources":[{"name":null,"source":{"a":"s3cret"}}]}`), "failed to read the server's answer: found the property source 1 without a name or without properties"},
		"nothing":                          {say(""), "failed to read the server's answer: found an answer that is not an environment"},
		"half an answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, answer[:100])
		}, "it closed the connection"},
		"50 MB": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "52428800")
			_, _ = io.WriteString(w, answer)
		}, "found an answer larger than 2097152 bytes; expected no more"},
		"no end":             {endless, "found an answer larger than 2097152 bytes; expected no more"},
		"deep JSON":          {say(`{"name":"a","propertySources":` + strings.Repeat("[", 1<<20)), "found JSON nested deeper than 100; expected no more"},
		"short values, many": {say(`{"name":"a","propertySources":[` + strings.Repeat(`{},`, 300_000) + `{}]}`), "found JSON with more than 250000 values; expected no more"},
		"another server": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://s3cret.example.com", http.StatusFound)
		}, "it redirects to another server"},
		"long keys, multiplied": {say(`{"name":"a","propertySources":[{"name":"b","source":{"` + strings.Repeat("k", 1<<20) + `":[` + strings.Repeat("1,", 100) + `1]}}]}`), "larger than 2 MB with each key in full"},
	}) {
		it("refuses "+what, func() {
			server.answers(of.answer)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			refuse(server.settings(t), of.expected)
			runtime.ReadMemStats(&after)
			Expect(after.TotalAlloc-before.TotalAlloc).To(BeNumerically("<", 200<<20), "all that was ever allocated, here and in the server")
		})
	}

	it("gives up on a slow server after the timeout", func() {
		options.Timeout = 100 * time.Millisecond
		server.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		refuse(server.settings(t), "it has not answered in time")
	})

	it("stops when its context ends, without trying the other addresses", func() {
		ctx, cancel := context.WithCancel(t.Context())
		server.answers(func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		source, err := springsource.New(server.settings(t, server.URL, server.URL), options)
		Expect(err).NotTo(HaveOccurred())
		_, _, err = source.Fetch(ctx, request, "")
		Expect(err).To(MatchError(context.Canceled))
		Expect(server.requests()).To(HaveLen(1))
	})

	it("says that the host does not exist", func() {
		refuse(server.settings(t, "https://config-server.invalid"), "config-server.invalid: ")
	})

	it("trusts only the operator's authorities", func() {
		settings := server.settings(t)
		settings.AuthorityDirectory = ""
		refuse(settings, "trusted are the system's authorities and those in CF_SYSTEM_CERT_PATH")
	})

	it("does not request names that lead to another path", func() {
		source, err := springsource.New(server.settings(t), options)
		Expect(err).NotTo(HaveOccurred())
		for _, name := range []string{"", ".", "..", "a%2e", "a;b", `a\b`, "a\n"} {
			var notFound *environment.NotFoundError
			_, _, err = source.Fetch(t.Context(), environment.Request{Application: name, Profiles: []string{"p"}}, "")
			Expect(errors.As(err, &notFound)).To(BeTrue(), name)
		}
		Expect(server.requests()).To(BeEmpty())
	})
}
