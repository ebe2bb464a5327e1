package credhubsource_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/credhubsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testFaults(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		server   *standIn
		settings credhubsource.Settings
		options  credhubsource.Options
	)

	it.Before(func() {
		server = newStandIn(t, "")
		settings, options = server.settings(t), credhubsource.Options{}
	})
	refuse := func(expected string) error {
		t.Helper()
		source, err := credhubsource.New(settings, options)
		Expect(err).NotTo(HaveOccurred())
		_, _, err = source.Fetch(t.Context(), request, "")
		Expect(err).To(MatchError(And(ContainSubstring(expected), Not(ContainSubstring(secret)))))
		return err
	}
	say := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}

	it("says what is refused, which are credentials", func() {
		server.answers(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, secret, http.StatusForbidden) })
		Expect(refuse(`failed to list the credentials below "/config/orders/cloud/master": found the status 403 Forbidden; expected 200`)).To(MatchError(environment.ErrUnauthorized))
	})

	it("does not leave out a credential that is listed and cannot be read", func() {
		server.put("/config/orders/cloud/master/x", "password", secret)
		server.answers(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("name") {
				http.Error(w, secret, http.StatusNotFound)
				return
			}
			_, _ = io.WriteString(w, `{"credentials":[{"name":"/config/orders/cloud/master/x","version_created_at":"2026-01-01T00:00:00Z"}]}`)
		})
		err := refuse(`failed to read the credential "/config/orders/cloud/master/x": found the status 404 Not Found; expected 200: it does not exist, or must not be read`)
		var notFound *environment.NotFoundError
		Expect(errors.As(err, &notFound)).To(BeFalse())
	})

	it("says that there is no identity", func() {
		Expect(os.Remove(settings.Key)).To(Succeed())
		refuse("failed to read the instance's identity: " + settings.Key + ": there is no such file")
	})

	for what, of := range testtable.Sorted(map[string]struct {
		answer   http.HandlerFunc
		expected string
	}{
		"a page":       {say("<html>s3cret"), "found an answer that is not CredHub's"},
		"other JSON":   {say(`{"error":"s3cret"}`), "found an answer that is not CredHub's"},
		"a list of no": {say(`{"credentials":"s3cret"}`), "found an answer that is not CredHub's"},
		"many credentials": {say(`{"credentials":[` + strings.Repeat(`{"name":"/s3cret"},`, 1000) + `{"name":"x"}]}`),
			"found more than 1000 credentials; expected no more"},
		"deep JSON": {say(strings.Repeat(`{"a":`, 1000)), "found JSON nested deeper than 100; expected no more"},
		"no end": {func(w http.ResponseWriter, _ *http.Request) {
			for err := error(nil); err == nil; {
				_, err = io.WriteString(w, strings.Repeat(secret, 10_000))
			}
		}, "found an answer larger than 2097152 bytes; expected no more"},
		"half an answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"credentials":"s3cret`)
		}, "it closed the connection"},
		"another server": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://s3cret.example.com", http.StatusFound)
		}, "it redirects to another server"},
	}) {
		it("refuses "+what, func() {
			server.answers(of.answer)
			refuse(of.expected)
		})
	}

	it("does not wait for a slow server longer than it may", func() {
		options.Timeout = 200 * time.Millisecond
		server.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		refuse("it has not answered in time")
	})

	it("does not ask for names that lead elsewhere", func() {
		source, err := credhubsource.New(settings, options)
		Expect(err).NotTo(HaveOccurred())
		for _, name := range []string{"..", "a/../../c", "a/b"} {
			var notFound *environment.NotFoundError
			_, _, err := source.Fetch(t.Context(), environment.Request{Application: name}, "")
			Expect(errors.As(err, &notFound)).To(BeTrue(), name)
		}
		Expect(server.queries()).To(BeEmpty())
	})
}
