package credhubsource_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/credhubsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

var request = environment.Request{Application: "orders", Profiles: []string{"cloud"}}

func testFetch(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *standIn
	)

	it.Before(func() { server = newStandIn(t, "") })
	open := func(settings credhubsource.Settings) *credhubsource.Source {
		t.Helper()
		source, err := credhubsource.New(settings, credhubsource.Options{})
		Expect(err).NotTo(HaveOccurred())
		return source
	}
	good := func(source *credhubsource.Source, previous string) (environment.Environment, string) {
		t.Helper()
		found, version, err := source.Fetch(t.Context(), request, previous)
		Expect(err).NotTo(HaveOccurred())
		return found, version
	}

	it("CF-43: has the credentials of application, profile and label in Spring's layout, by the identity of the app", func() {
		server.put("/config/application/default/master/all", "json", map[string]any{"a": "common", "b": "common"})
		server.put("/config/orders/default/master/db", "json", map[string]any{"a": "orders", "db": map[string]any{"ports": []any{1, true}, "url": secret}})
		server.put("/config/orders/default/master/password", "password", secret)
		server.put("/config/orders/default/master/tls", "certificate", map[string]any{"ca": "c", "private_key": secret})
		server.put("/config/orders/cloud/master/x", "json", map[string]any{"a": "cloud"})
		server.put("/config/orders/other/master/x", "json", map[string]any{"a": "not asked for"})
		found, _ := good(open(server.settings(t)), "")
		Expect(*found.Label).To(Equal("master"))
		Expect(found.PropertySources).To(Equal([]environment.PropertySource{
			{Name: "credhub-orders-cloud-master", Source: map[string]any{"a": "cloud"}},
			{Name: "credhub-orders-default-master", Source: map[string]any{
				"a": "orders", "db.ports[0]": json.Number("1"), "db.ports[1]": true, "db.url": secret, "password": secret, "tls.ca": "c", "tls.private_key": secret}},
			{Name: "credhub-application-default-master", Source: map[string]any{"a": "common", "b": "common"}},
		}))
		Expect(server.app()).To(ContainSubstring("app:app-1"))
	})

	it("asks for the values once, until a version is another one", func() {
		server.put("/config/orders/cloud/master/x", "json", map[string]any{"a": "1"})
		source := open(server.settings(t))
		first, version := good(source, "")
		Expect(server.queries()).To(HaveLen(5))
		_, _, err := source.Fetch(t.Context(), request, version)
		Expect(err).To(MatchError(environment.ErrUnchanged))
		Expect(server.queries()).To(HaveLen(4))
		server.put("/config/orders/cloud/master/x", "json", map[string]any{"a": "2"}, time.Now().Add(-30*time.Minute))
		second, changed := good(source, version)
		Expect(second.PropertySources[0].Source).To(Equal(map[string]any{"a": "2"}))
		Expect(changed).NotTo(Equal(version))
		Expect(*second.Version).NotTo(Equal(*first.Version))
	})

	it("asks again for versions that are younger than a minute: another one may be of the same second", func() {
		now := time.Now()
		server.put("/config/orders/cloud/master/x", "json", map[string]any{"a": "1"}, now)
		source := open(server.settings(t))
		_, version := good(source, "")
		server.put("/config/orders/cloud/master/x", "json", map[string]any{"a": "2"}, now)
		second, _ := good(source, version)
		Expect(second.PropertySources[0].Source).To(Equal(map[string]any{"a": "2"}))
	})

	it("CF-43: shows the identity that has replaced the one of before", func() {
		source := open(server.settings(t))
		good(source, "")
		server.issue(t, "app-2")
		server.CloseClientConnections()
		good(source, "")
		Expect(server.app()).To(ContainSubstring("app:app-2"))
	})

	it("has an empty source where there are no credentials, as Spring's server has", func() {
		found, _ := good(open(server.settings(t)), "")
		Expect(found.PropertySources).To(Equal([]environment.PropertySource{{Name: "credhub-orders-cloud-master", Source: map[string]any{}}}))
	})

	it("asks with a token of UAA, and for another one where that was revoked", func() {
		server = newStandIn(t, "t1")
		uaa := newStandIn(t, "")
		given := 0
		uaa.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, password, _ := r.BasicAuth()
			if id != "id" || password != secret {
				http.Error(w, secret, http.StatusUnauthorized)
				return
			}
			given++
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"t`+string(rune('0'+given))+`","expires_in":3600}`)
		})
		settings := server.settings(t)
		settings.Certificate, settings.Key = "", ""
		settings.TokenEndpoint, settings.ClientID, settings.ClientSecret = uaa.URL+"/oauth/token", "id", secret
		source := open(settings)
		good(source, "")
		good(source, "")
		Expect(given).To(Equal(1))
		server.mutex.Lock()
		server.token = "t2"
		server.mutex.Unlock()
		good(source, "")
		Expect(given).To(Equal(2))
	})
}
