package springsource_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// lookup returns variables from a map.
func lookup(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func testSettings(t *testing.T, group spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	bound := func(b bindings.Binding) []bindings.Binding {
		return []bindings.Binding{{Name: "other", Label: "other"}, b}
	}
	service := bindings.Binding{Name: "my-config", Label: "p.config-server", Tags: []string{"configuration", "spring-cloud"}, Credentials: map[string]any{
		"uri": "https://config.example.com/", "access_token_uri": "https://uaa.example.com/oauth/token", "client_id": "id", "client_secret": "s3cret",
	}}

	it("returns nil without a setting", func() {
		settings, err := springsource.FromEnvironment(lookup(map[string]string{"CONFIG_SERVER_SPRING_USERNAME": "u"}), bound(bindings.Binding{Name: "db"}))
		Expect(err).NotTo(HaveOccurred())
		Expect(settings).To(BeNil())
	})

	it("reads the binding of Spring Cloud Services by label or tag", func() {
		for _, b := range []bindings.Binding{
			service,
			{Name: "c", Label: "p-config-server", Credentials: service.Credentials},
			{Name: "c", Label: "user-provided", Tags: []string{"Configuration"}, Credentials: service.Credentials},
		} {
			settings, err := springsource.FromEnvironment(lookup(map[string]string{
				"CONFIG_SERVER_SPRING_URI": "https://another.example.com", "CF_INSTANCE_CERT": "/c", "CF_INSTANCE_KEY": "/k", "CF_SYSTEM_CERT_PATH": "/a",
			}), bound(b))
			Expect(err).NotTo(HaveOccurred())
			Expect(settings.Identity()).To(Equal("https://config.example.com"))
			Expect(settings.TokenEndpoint).To(Equal("https://uaa.example.com/oauth/token"))
			Expect([]string{settings.ClientID, settings.ClientSecret, settings.Certificate, settings.Key, settings.AuthorityDirectory}).To(Equal([]string{"id", "s3cret", "/c", "/k", "/a"}))
		}
	})

	it("reads a service named config-server, and variables for what it lacks", func() {
		settings, err := springsource.FromEnvironment(lookup(map[string]string{
			"CONFIG_SERVER_SPRING_URI": "https://another.example.com", "CONFIG_SERVER_SPRING_PASSWORD": "s3cret",
			"CONFIG_SERVER_SPRING_CERTIFICATE": "c.crt", "CONFIG_SERVER_SPRING_KEY": "c.key", "CF_INSTANCE_CERT": "/c", "CF_INSTANCE_KEY": "/k",
		}), bound(bindings.Binding{Name: "config-server", Credentials: map[string]any{"spring_uri": "http://a/x, http://b:1/x/", "spring_username": "u", "git_uri": "x"}}))
		Expect(err).NotTo(HaveOccurred())
		Expect(settings.Identity()).To(Equal("http://a/x,http://b:1/x"))
		Expect([]string{settings.Username, settings.Password, settings.Certificate, settings.Key}).To(Equal([]string{"u", "s3cret", "c.crt", "c.key"}))
	})

	it("uses the user information of an address for basic authentication, and removes it from the address", func() {
		settings, err := springsource.FromEnvironment(lookup(map[string]string{"CONFIG_SERVER_SPRING_URI": "https://u:s3cret@a"}), nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(settings.Identity()).To(Equal("https://a"))
		Expect([]string{settings.Username, settings.Password}).To(Equal([]string{"u", "s3cret"}))
	})

	group("failure cases, which quote no value", func() {
		for expected, variables := range testtable.Sorted(map[string]map[string]string{
			"found no address in the setting uri (CONFIG_SERVER_SPRING_URI); expected one that starts with https:// or http://, without query and fragment (the value is not shown, it may hold secrets)": {
				"CONFIG_SERVER_SPRING_URI": "s3cret"},
			"found an address with an invalid port in the setting uri (CONFIG_SERVER_SPRING_URI); expected one from 1 to 65535, or none": {
				"CONFIG_SERVER_SPRING_URI": "https://a:99999"},
			"found the setting client_id without client_secret (CONFIG_SERVER_SPRING_CLIENT_SECRET); expected both": {
				"CONFIG_SERVER_SPRING_URI": "https://a", "CONFIG_SERVER_SPRING_CLIENT_ID": "s3cret"},
			"found only some of the settings access_token_uri, client_id and client_secret (CONFIG_SERVER_SPRING_ACCESS_TOKEN_URI and so on); expected all of them, or none": {
				"CONFIG_SERVER_SPRING_URI": "https://a", "CONFIG_SERVER_SPRING_CLIENT_ID": "s3cret", "CONFIG_SERVER_SPRING_CLIENT_SECRET": "s3cret"},
			"found the settings username and client_id (CONFIG_SERVER_SPRING_USERNAME and CONFIG_SERVER_SPRING_CLIENT_ID); expected one of them: a server takes basic authentication or a token": {
				"CONFIG_SERVER_SPRING_URI": "https://s3cret@a", "CONFIG_SERVER_SPRING_CLIENT_ID": "s3cret", "CONFIG_SERVER_SPRING_CLIENT_SECRET": "s3cret", "CONFIG_SERVER_SPRING_ACCESS_TOKEN_URI": "https://b"},
			"found the setting key without certificate (CONFIG_SERVER_SPRING_CERTIFICATE); expected both": {
				"CONFIG_SERVER_SPRING_URI": "https://a", "CONFIG_SERVER_SPRING_KEY": "s3cret"},
		}) {
			it(expected, func() {
				_, err := springsource.FromEnvironment(lookup(variables), nil)
				Expect(err).To(MatchError(expected))
			})
		}

		it("refuses two services", func() {
			_, err := springsource.FromEnvironment(lookup(nil), append(bound(service), bindings.Binding{Name: "second", Tags: []string{"configuration"}}))
			Expect(err).To(MatchError(`found the services "my-config" and "second"; expected one of them to be bound`))
		})
	})
}
