package vaultsource_test

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/vaultsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/vaulttest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
)

var request = environment.Request{Application: "orders", Profiles: []string{"cloud"}}

// testVault asks a real Vault.
func testVault(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		server   *vaulttest.Server
		settings vaultsource.Settings
		now      time.Time
	)

	it.Before(func() {
		server = vaulttest.Start(t, "")
		server.Write(t, "sys/mounts/secret", map[string]any{"type": "kv", "options": map[string]any{"version": "2"}})
		server.Write(t, "sys/policies/acl/orders", map[string]any{"policy": `path "secret/data/*" { capabilities = ["read"] }`})
		settings = vaultsource.Settings{Address: server.Address, Mount: "secret"}
		now = time.Now()
	})
	put := func(name string, data map[string]any) {
		t.Helper()
		server.Write(t, "secret/data/"+name, map[string]any{"data": data})
	}
	open := func() *vaultsource.Source {
		t.Helper()
		source, err := vaultsource.New(settings, vaultsource.Options{Now: func() time.Time { return now }})
		Expect(err).NotTo(HaveOccurred())
		return source
	}
	fetch := func(source *vaultsource.Source, previous string) (environment.Environment, string, error) {
		found, version, err := source.Fetch(t.Context(), request, previous)
		if err != nil {
			Expect(err).NotTo(MatchError(ContainSubstring(secret)))
		}
		return found, version, err
	}
	good := func(source *vaultsource.Source) (environment.Environment, string) {
		t.Helper()
		found, version, err := fetch(source, "")
		Expect(err).NotTo(HaveOccurred())
		return found, version
	}
	// token creates a token with the policy orders.
	token := func(options map[string]any) string {
		t.Helper()
		options["policies"] = []string{"orders"}
		options["no_parent"] = true
		answer, err := server.Root.Logical().WriteWithContext(t.Context(), "auth/token/create", options)
		Expect(err).NotTo(HaveOccurred())
		return answer.Auth.ClientToken
	}
	// renewed reports whether a token has been renewed.
	renewed := func(token string) bool {
		t.Helper()
		return server.Write(t, "auth/token/lookup", map[string]any{"token": token})["last_renewal"] != nil
	}

	it("reads the secrets of application and profile in Spring's layout, with flat keys for nested values", func() {
		settings.Token = token(map[string]any{})
		put("application", map[string]any{"a": "common", "b": "common"})
		put("orders", map[string]any{"a": "orders", "db": map[string]any{"url": secret, "ports": []any{1, 2.50}, "tls": true}})
		put("orders,cloud", map[string]any{"a": "cloud"})
		put("application,cloud", map[string]any{"a": "common of the profile"})
		put("orders,other", map[string]any{"a": "not asked for"})
		found, version := good(open())
		Expect(found.PropertySources).To(Equal([]environment.PropertySource{
			{Name: "vault:orders,cloud", Source: map[string]any{"a": "cloud"}},
			{Name: "vault:application,cloud", Source: map[string]any{"a": "common of the profile"}},
			{Name: "vault:orders", Source: map[string]any{"a": "orders", "db.url": secret, "db.ports[0]": json.Number("1"), "db.ports[1]": json.Number("2.5"), "db.tls": true}},
			{Name: "vault:application", Source: map[string]any{"a": "common", "b": "common"}},
		}))
		Expect(*found.Version).To(Equal("orders,cloud:1;application,cloud:1;orders:1;application:1"))
		Expect(version).NotTo(BeEmpty())
	})

	it("is unchanged until a secret has another version", func() {
		settings.Token, settings.Path = token(map[string]any{}), "team/apps"
		put("team/apps/orders", map[string]any{"a": "1"})
		source := open()
		_, first := good(source)
		_, _, err := fetch(source, first)
		Expect(err).To(MatchError(environment.ErrUnchanged))
		put("team/apps/orders", map[string]any{"a": "2"})
		found, second, err := fetch(source, first)
		Expect(err).NotTo(HaveOccurred())
		Expect(found.PropertySources[0].Source).To(Equal(map[string]any{"a": "2"}))
		Expect(second).NotTo(Equal(first))
		_, err = server.Root.Logical().DeleteWithContext(t.Context(), "secret/data/team/apps/orders")
		Expect(err).NotTo(HaveOccurred())
		found, _ = good(source)
		Expect(found.PropertySources).To(BeEmpty())
		_, err = server.Root.Logical().DeleteWithContext(t.Context(), "secret/metadata/team/apps/orders")
		Expect(err).NotTo(HaveOccurred())
		put("team/apps/orders", map[string]any{"a": "anew"}) // as version 1 again
		found, _, err = fetch(source, first)
		Expect(err).NotTo(HaveOccurred())
		Expect(found.PropertySources[0].Source).To(Equal(map[string]any{"a": "anew"}))
	})

	it("renews a token before its lease ends", func() {
		put("orders", map[string]any{"a": "1"})
		settings.Token = token(map[string]any{"ttl": "1h"})
		source := open()
		good(source)
		Expect(renewed(settings.Token)).To(BeFalse())
		now = now.Add(39 * time.Minute) // on the source's clock
		good(source)
		Expect(renewed(settings.Token)).To(BeFalse())
		now = now.Add(2 * time.Minute) // two thirds of the lease are over
		good(source)
		Expect(renewed(settings.Token)).To(BeTrue())
	})

	group("AppRole", func() {
		it.Before(func() {
			put("orders", map[string]any{"a": "1"})
			server.Write(t, "sys/auth/approle", map[string]any{"type": "approle"})
		})
		role := func(options map[string]any) {
			t.Helper()
			options["token_policies"] = "orders"
			server.Write(t, "auth/approle/role/orders", options)
			read, err := server.Root.Logical().ReadWithContext(t.Context(), "auth/approle/role/orders/role-id")
			Expect(err).NotTo(HaveOccurred())
			settings.RoleID, settings.LoginMount = read.Data["role_id"].(string), "approle"
			settings.SecretID = server.Write(t, "auth/approle/role/orders/secret-id", nil)["secret_id"].(string)
		}
		// tokens returns the number of tokens other than the root.
		tokens := func() int {
			list, err := server.Root.Logical().ListWithContext(t.Context(), "auth/token/accessors")
			Expect(err).NotTo(HaveOccurred())
			return len(list.Data["keys"].([]any)) - 1
		}

		it("logs in once for all fetches, even concurrent ones", func() {
			role(map[string]any{})
			source := open()
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() { _, _, _ = source.Fetch(t.Context(), request, "") })
			}
			all.Wait()
			good(source)
			Expect(tokens()).To(Equal(1))
		})

		it("logs in again if a token was revoked, reaches its maximum lifetime, or cannot be renewed", func() {
			role(map[string]any{"token_ttl": "1h", "token_max_ttl": "1h"})
			source := open()
			good(source)
			server.Write(t, "sys/leases/revoke-prefix/auth/approle", map[string]any{"sync": true})
			good(source)
			Expect(tokens()).To(Equal(1))
			now = now.Add(59 * time.Minute) // on the source's clock; on Vault's, the token has not aged
			good(source)
			Expect(tokens()).To(BeNumerically("<=", 2))
			role(map[string]any{"token_type": "batch"})
			source = open()
			good(source)
			now = now.Add(40 * 24 * time.Hour)
			good(source)
		})

		it("tries credentials that Vault refuses so seldom that it does not lock out the role", func() {
			role(map[string]any{})
			settings.SecretID = secret
			source := open()
			for range 16 { // during five minutes
				_, _, err := fetch(source, "")
				Expect(err).To(MatchError(environment.ErrUnauthorized))
				Expect(err).To(MatchError(HaveSuffix("the credentials were not accepted: expected role_id and secret_id to be valid at auth/approle")))
				now = now.Add(20 * time.Second)
			}
			locked, err := server.Root.Logical().ReadWithContext(t.Context(), "sys/locked-users")
			Expect(err).NotTo(HaveOccurred())
			Expect(locked.Data["total"]).To(Equal(json.Number("0")))
			server.Write(t, "auth/approle/role/orders/custom-secret-id", map[string]any{"secret_id": secret})
			_, _, err = fetch(source, "")
			Expect(err).To(MatchError(environment.ErrUnauthorized))
			now = now.Add(16 * time.Minute)
			good(source)
		})

		it("says what is wrong after a restart of Vault that has lost the token and the secret_id", func() {
			role(map[string]any{})
			source := open()
			good(source)
			server.Stop()
			_, _, err := fetch(source, "")
			Expect(err).To(MatchError(HaveSuffix("connection refused")))
			server = vaulttest.Start(t, server.Port())
			server.Write(t, "sys/auth/approle", map[string]any{"type": "approle"})
			_, _, err = fetch(source, "")
			Expect(err).To(MatchError(environment.ErrUnauthorized))
			Expect(err).To(MatchError("failed to log in: found the status 400 Bad Request; expected 200: the credentials were not accepted: expected role_id and secret_id to be valid at auth/approle"))
		})
	})

	group("Cloud Foundry", func() {
		var (
			directory string
			authority *identity.Authority
		)
		instance := identity.Instance{GUID: "an-instance", IP: net.IPv4(127, 0, 0, 1), App: vaulttest.AppGUID, Space: vaulttest.SpaceGUID, Organization: vaulttest.OrganizationGUID}
		issue := func(instance identity.Instance) {
			t.Helper()
			keeper := identity.Keeper{Authority: authority, Instance: instance, Directory: directory, Clock: clock.System{}}
			Expect(keeper.Renew()).To(Succeed())
		}

		it.Before(func() {
			var err error
			authority, err = identity.NewAuthority(time.Now())
			Expect(err).NotTo(HaveOccurred())
			directory = t.TempDir()
			issue(instance)
			settings.Certificate, settings.Key = filepath.Join(directory, identity.CertificateFile), filepath.Join(directory, identity.KeyFile)
			settings.Role, settings.LoginMount = "orders", "cf"
			put("orders", map[string]any{"a": "1"})
			server.Write(t, "sys/auth/cf", map[string]any{"type": "cf"})
			server.Write(t, "auth/cf/config", map[string]any{"identity_ca_certificates": string(authority.PEM()), "cf_api_addr": server.Controller,
				"cf_username": "username", "cf_password": "password"})
			server.Write(t, "auth/cf/roles/orders", map[string]any{"bound_application_ids": vaulttest.AppGUID, "token_policies": "orders", "token_ttl": "1h", "token_max_ttl": "2h"})
		})

		it("CF-43: logs in with the instance's identity, and again once it has been rotated", func() {
			source := open()
			found, _ := good(source)
			Expect(found.PropertySources[0].Source).To(Equal(map[string]any{"a": "1"}))
			issue(instance)
			server.Write(t, "sys/leases/revoke-prefix/auth/cf", map[string]any{"sync": true})
			good(source)
		})

		it("is refused for another app, and with a wrong clock", func() {
			other := instance
			other.App = "another-app"
			issue(other)
			_, _, err := fetch(open(), "")
			Expect(err).To(MatchError(environment.ErrUnauthorized))
			Expect(err).To(MatchError(HaveSuffix("expected a role at auth/cf that lets this app in, and a clock of this machine that is right")))
			issue(instance)
			now = now.Add(time.Hour)
			_, _, err = fetch(open(), "")
			Expect(err).To(MatchError(environment.ErrUnauthorized))
			now = now.Add(-time.Hour)
			good(open())
		})

		it("says that the identity is missing", func() {
			Expect(os.Remove(settings.Key)).To(Succeed())
			_, _, err := fetch(open(), "")
			Expect(err).To(MatchError("failed to read the instance's identity: " + settings.Key + ": there is no such file"))
		})
	})

	group("failure cases", func() {
		it("fails for a secret that the token may not read, instead of leaving it out", func() {
			put("orders", map[string]any{"a": "1"})
			server.Write(t, "sys/policies/acl/orders", map[string]any{"policy": `path "secret/data/orders*" { capabilities = ["read"] }`})
			settings.Token = token(map[string]any{})
			_, _, err := fetch(open(), "")
			Expect(err).To(MatchError(environment.ErrUnauthorized))
			Expect(err).To(MatchError(HavePrefix(`failed to read the secret "application,cloud" at "secret": found the status 403 Forbidden; expected 200`)))
		})

		it("refuses a token that Vault does not know", func() {
			settings.Token = secret
			_, _, err := fetch(open(), "")
			Expect(err).To(MatchError(environment.ErrUnauthorized))
		})

		it("says that the mount has no KV engine of version 2", func() {
			settings.Token = server.Root.Token()
			_, _, err := fetch(open(), "")
			Expect(err).NotTo(HaveOccurred(), "an engine without such secrets is good")
			for mount, options := range map[string]map[string]any{"one": {"version": "1"}, "none": nil} {
				if options != nil {
					server.Write(t, "sys/mounts/"+mount, map[string]any{"type": "kv", "options": options})
				}
				settings.Mount = mount
				_, _, err := fetch(open(), "")
				Expect(err).To(MatchError(Or(
					Equal(`found no KV engine of version 2 at "`+mount+`"; expected the setting mount to name one`),
					HavePrefix(`failed to find the KV engine at "`+mount+`": found the status 403 Forbidden`))), mount)
			}
		})

		it("limits the size of all secrets together", func() {
			settings.Token = token(map[string]any{})
			long := map[string]any{"a": strings.Repeat("x", 3<<19)}
			put("orders", long)
			put("application", long)
			_, _, err := fetch(open(), "")
			Expect(err).To(MatchError("the secrets are larger than 2 MB together"))
		})
	})
}
