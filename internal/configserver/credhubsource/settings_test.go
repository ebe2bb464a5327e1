package credhubsource_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/credhubsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testSettings(t *testing.T, group spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	read := func(variables map[string]string, bound ...bindings.Binding) (*credhubsource.Settings, error) {
		return credhubsource.FromEnvironment(func(name string) string { return variables[name] }, bound)
	}

	it("is nothing where nothing says so", func() {
		settings, err := read(map[string]string{"CREDHUB_API": "https://credhub", "CF_INSTANCE_CERT": "/c", "CF_INSTANCE_KEY": "/k"})
		Expect(err).NotTo(HaveOccurred())
		Expect(settings).To(BeNil())
	})

	it("reads a service named config-server, and variables for what that leaves open", func() {
		settings, err := read(map[string]string{"CF_INSTANCE_CERT": "/c", "CF_INSTANCE_KEY": "/k", "CONFIG_SERVER_CREDHUB_LABEL": "main"},
			bindings.Binding{Name: "config-server", Credentials: map[string]any{"credhub_uri": "https://credhub:8844/", "credhub_path": "config/"}})
		Expect(err).NotTo(HaveOccurred())
		Expect(settings.Identity()).To(Equal("https://credhub:8844/config"))
		Expect([]string{settings.Label, settings.Certificate, settings.Key}).To(Equal([]string{"main", "/c", "/k"}))
	})

	it("reads a client of UAA, which needs no identity", func() {
		settings, err := read(map[string]string{"CONFIG_SERVER_CREDHUB_URI": "https://credhub", "CONFIG_SERVER_CREDHUB_CLIENT_ID": "id",
			"CONFIG_SERVER_CREDHUB_CLIENT_SECRET": secret, "CONFIG_SERVER_CREDHUB_ACCESS_TOKEN_URI": "https://uaa/oauth/token"})
		Expect(err).NotTo(HaveOccurred())
		Expect([]string{settings.Label, settings.ClientID, settings.ClientSecret, settings.TokenEndpoint}).To(Equal([]string{"master", "id", secret, "https://uaa/oauth/token"}))
	})

	group("failure cases, which quote no value", func() {
		for expected, variables := range testtable.Sorted(map[string]map[string]string{
			"found an address in the setting uri that cannot be CredHub's":                          {"URI": "http://s3cret"},
			"found no address in the setting uri":                                                   {"URI": secret},
			"found neither the setting client_id (CONFIG_SERVER_CREDHUB_CLIENT_ID) nor an instance": {"URI": "https://credhub"},
			"found only some of the settings access_token_uri, client_id and client_secret":         {"URI": "https://credhub", "CLIENT_ID": secret, "CLIENT_SECRET": secret},
			"found a user in the address of the setting access_token_uri":                           {"URI": "https://credhub", "CLIENT_ID": secret, "CLIENT_SECRET": secret, "ACCESS_TOKEN_URI": "https://s3cret@uaa"},
		}) {
			it(expected, func() {
				set := map[string]string{}
				for name, value := range variables {
					set["CONFIG_SERVER_CREDHUB_"+name] = value
				}
				_, err := read(set)
				Expect(err).To(MatchError(And(HavePrefix(expected), Not(ContainSubstring(secret)))))
			})
		}
	})
}
