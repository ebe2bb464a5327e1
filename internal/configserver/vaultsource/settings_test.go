package vaultsource_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/vaultsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

const secret = "s3cret"

func testSettings(t *testing.T, group spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	read := func(variables map[string]string, bound ...bindings.Binding) (*vaultsource.Settings, error) {
		return vaultsource.FromEnvironment(func(name string) string { return variables[name] }, bound)
	}

	it("returns nil without a setting", func() {
		settings, err := read(map[string]string{"CONFIG_SERVER_VAULT_TOKEN": secret, "VAULT_ADDR": "https://vault"}, bindings.Binding{Name: "config-server"})
		Expect(err).NotTo(HaveOccurred())
		Expect(settings).To(BeNil())
	})

	it("reads a service named config-server, and variables for what it lacks", func() {
		settings, err := read(map[string]string{"CONFIG_SERVER_VAULT_SECRET_ID": secret, "CONFIG_SERVER_VAULT_URI": "https://other", "CONFIG_SERVER_VAULT_NAMESPACE": "team/a"},
			bindings.Binding{Name: "config-server", Credentials: map[string]any{"vault_uri": "https://vault:8200/", "vault_role_id": "r", "vault_path": "/apps/"}})
		Expect(err).NotTo(HaveOccurred())
		Expect(settings.Identity()).To(Equal("https://vault:8200/team/a/secret/apps"))
		Expect([]string{settings.RoleID, settings.SecretID, settings.LoginMount}).To(Equal([]string{"r", secret, "approle"}))
	})

	it("uses the instance's identity to log in with a role", func() {
		settings, err := read(map[string]string{"CONFIG_SERVER_VAULT_URI": "https://vault", "CONFIG_SERVER_VAULT_ROLE": "r", "CONFIG_SERVER_VAULT_MOUNT": "kv/team",
			"CF_INSTANCE_CERT": "/c", "CF_INSTANCE_KEY": "/k"})
		Expect(err).NotTo(HaveOccurred())
		Expect([]string{settings.Role, settings.LoginMount, settings.Mount, settings.Certificate, settings.Key}).To(Equal([]string{"r", "cf", "kv/team", "/c", "/k"}))
	})

	group("failure cases, which quote no value", func() {
		for expected, variables := range testtable.Sorted(map[string]map[string]string{
			"found no address in the setting uri (CONFIG_SERVER_VAULT_URI)": {"URI": "vault:s3cret"},
			"found a user in the address of the setting uri":                {"URI": "https://s3cret@vault", "TOKEN": secret},
			"found 0 of the settings token, role_id and role":               {"URI": "https://vault", "SECRET_ID": secret},
			"found 2 of the settings token, role_id and role":               {"URI": "https://vault", "TOKEN": secret, "ROLE": secret},
			"found the setting role (CONFIG_SERVER_VAULT_ROLE), and no instance identity to log in with; expected CF_INSTANCE_CERT and CF_INSTANCE_KEY to be set": {"URI": "https://vault", "ROLE": secret},
			"found the setting secret_id without role_id":                                                  {"URI": "https://vault", "TOKEN": secret, "SECRET_ID": secret},
			"found an invalid setting mount or path (CONFIG_SERVER_VAULT_MOUNT, CONFIG_SERVER_VAULT_PATH)": {"URI": "https://vault", "TOKEN": secret, "MOUNT": "../s3cret"},
			"found an invalid setting login_mount (CONFIG_SERVER_VAULT_LOGIN_MOUNT)":                       {"URI": "https://vault", "ROLE_ID": secret, "LOGIN_MOUNT": "s3cret?"},
		}) {
			it(expected, func() {
				set := map[string]string{}
				for name, value := range variables {
					set["CONFIG_SERVER_VAULT_"+name] = value
				}
				_, err := read(set)
				Expect(err).To(MatchError(And(HavePrefix(expected), Not(ContainSubstring(secret)))))
			})
		}
	})
}
