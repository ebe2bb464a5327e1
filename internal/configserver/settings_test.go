package configserver_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/cipher"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/credhubsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/vaultsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testSettings(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	served := func(path string, settings ...string) string {
		t.Helper()
		server := start(t, settings...)
		defer server.stop(t)
		_, body := server.request(t, http.MethodGet, path)
		return body
	}

	it("answers Spring's paths from CONFIG_SERVER_CONFIG", func() {
		Expect(served("/shop/cloud,eu", `CONFIG_SERVER_CONFIG={"db":{"url":"x"},"list":[1,null]}`)).To(MatchJSON(
			`{"name":"shop","profiles":["cloud,eu"],"label":null,"version":null,"state":null,"propertySources":[{"name":"config","source":{"db.url":"x","list[0]":1,"list[1]":""}}]}`))
		Expect(served("/shop-cloud.yml", `CONFIG_SERVER_CONFIG={"db":{"url":"x ${a}"},"a":"y"}`)).To(Equal("a: y\ndb:\n  url: x y\n"))
		Expect(served("/shop/cloud", `CONFIG_SERVER_CONFIG=[1]`)).To(ContainSubstring(`"document[0]":1`))
	})

	it("answers a key of CONFIG_SERVER_CONFIG, with what it has in it", func() {
		Expect(served("/config/db.url", `CONFIG_SERVER_CONFIG={"db":{"url":"x"}}`)).To(Equal("x"))
		Expect(served("/config/db.url", `CONFIG_SERVER_CONFIG={"db.url":"x"}`)).To(Equal("x"))
		Expect(served("/config/1/a", `CONFIG_SERVER_CONFIG=[0,{"a":1.50}]`)).To(Equal("1.50"))
	})

	it("leaves out what cannot be decrypted, and says which", func() {
		server := start(t, `CONFIG_SERVER_CONFIG={"db":{"password":"{cipher}s3cret","url":"x"}}`)
		defer server.stop(t)
		_, body := server.request(t, http.MethodGet, "/config")
		Expect(body).To(Equal(`{"db":{"url":"x"}}` + "\n"))
		_, body = server.request(t, http.MethodGet, "/health")
		Expect(body).To(ContainSubstring(`"undecrypted":1`))
		Expect(string(server.logs.Contents())).To(HavePrefix("1 value cannot be decrypted, and is left out: db.password.\n"))
	})

	logged := func(settings ...string) string {
		t.Helper()
		server := start(t, settings...)
		server.stop(t)
		return string(server.logs.Contents())
	}

	it("says that it serves an example if no source is configured", func() {
		Expect(logged()).To(MatchRegexp(`^No source is configured: /config answers with an example\.\nListening on .*\nStopping\.\n$`))
		Expect(logged("CONFIG_SERVER_CONFIG={}")).To(HavePrefix("Listening on "))
	})

	it("warns of variables and credentials that it does not know, without their values", func() {
		Expect(logged("CONFIG_SERVER_CONFIG={}", "CONFIG_SERVER_INTERVALL=s3cret", "CONFIG_SERVER_SOMETHING_ELSE=s3cret", "CONFIG_SERVER_EMPTY=",
			`VCAP_SERVICES={"x":[{"name":"config-server","credentials":{"encrypt_sallt":"s3cret","region":"eu"}}]}`)).To(HavePrefix(
			"The variable CONFIG_SERVER_INTERVALL is not known and has no effect; did you mean CONFIG_SERVER_INTERVAL?\n" +
				"The variable CONFIG_SERVER_SOMETHING_ELSE is not known and has no effect.\n" +
				"The credential encrypt_sallt of the service config-server is not known and has no effect; did you mean encrypt_salt?\nListening on "))
	})

	it("knows all variables that the sources and the decryption read, and lists them in its help", func() {
		var help bytes.Buffer
		Expect(configserver.Main([]string{"config-server", "--help"}, nil, &help, io.Discard)).To(Equal(0))
		asked := askedVariables(t)
		Expect(len(asked)).To(BeNumerically(">", 30))
		for _, name := range asked {
			Expect(help.String()).To(MatchRegexp(`\b` + name + `\b`))
			Expect(logged("CONFIG_SERVER_CONFIG={}", "CONFIG_SERVER_SOURCES=config", name+"X=1")).To(ContainSubstring("did you mean "+name+"?"), name)
		}
	})

	context("failure cases", func() {
		bound := func(service string) string { return `VCAP_SERVICES={"x":[` + service + `]}` }
		for _, incomplete := range []struct{ setting, message string }{
			{bound(`{"name":"config-server","credentials":{"git_url":"https://s3cret"}}`),
				"the service config-server has the credential git_url, but the credential git_uri is missing: expected it to have the address of the source, or these settings to be removed; did you mean git_uri?"},
			{bound(`{"name":"config-server","credentials":{"vault_token":"s3cret"}}`),
				"the service config-server has the credential vault_token, but the credential vault_uri is missing: expected it to have the address of the source, or these settings to be removed"},
			{bound(`{"name":"config-server","credentials":null}`),
				"the service config-server is bound, and has the address of no source: expected a credential credhub_uri, git_uri, spring_uri, vault_uri"},
			{bound(`{"name":"config-server","credentials":{"giturl":"s3cret"}}`),
				"the service config-server is bound, and has the address of no source: expected a credential credhub_uri, git_uri, spring_uri, vault_uri; did you mean git_uri?"},
			{bound(`{"name":"mine","label":"p.config-server","credentials":{"url":"s3cret"}}`),
				"the service mine is bound, but its credential uri is missing: expected it to have the address of the source, or these settings to be removed; did you mean uri?"},
			{bound(`{"name":"mine","tags":["configuration"],"credentials":{}}`),
				"the service mine is bound, and has the address of no source: expected a credential uri"},
			{"CONFIG_SERVER_GIT_TOKEN=s3cret", "CONFIG_SERVER_GIT_TOKEN is set, but CONFIG_SERVER_GIT_URI is missing: expected it to have the address of the source, or these settings to be removed"},
			{"CONFIG_SERVER_VAULT_TOKEN=s3cret", "CONFIG_SERVER_VAULT_TOKEN is set, but CONFIG_SERVER_VAULT_URI is missing: expected it to have the address of the source, or these settings to be removed"},
		} {
			it("refuses settings without the address of their source: "+incomplete.setting, func() {
				Expect(fail(t, "CONFIG_SERVER_PORT="+testport.Free(t), incomplete.setting)).To(MatchError(incomplete.message))
			})
		}

		for _, wrong := range []struct{ setting, message string }{
			{"CONFIG_SERVER_INTERVAL=0", `CONFIG_SERVER_INTERVAL is "0", which is not a number of seconds: set it to a whole number from 1 to 86400, for example CONFIG_SERVER_INTERVAL=60`},
			{"CONFIG_SERVER_INTERVAL=1m", `CONFIG_SERVER_INTERVAL is "1m", which is not a number of seconds: set it to a whole number from 1 to 86400, for example CONFIG_SERVER_INTERVAL=60`},
			{"CONFIG_SERVER_INTERVAL=99999999999", `CONFIG_SERVER_INTERVAL is "99999999999", which is not a number of seconds: set it to a whole number from 1 to 86400, for example CONFIG_SERVER_INTERVAL=60`},
			{"CONFIG_SERVER_KEEP=kept", `CONFIG_SERVER_KEEP is "kept": set it to the absolute path of a directory, or to off`},
			{"CONFIG_SERVER_START_FROM_KEPT=yes", `CONFIG_SERVER_START_FROM_KEPT is "yes": set it to true or false`},
			{"CONFIG_SERVER_SOURCES=config,none", `CONFIG_SERVER_SOURCES names "none", which is not a source: expected ` + sources + `, separated by commas, the first one winning`},
			{"CONFIG_SERVER_SOURCES=spring", `CONFIG_SERVER_SOURCES names spring, which nothing configures: set its variables or bind its service, or leave it out`},
			{"CONFIG_SERVER_SOURCES=spring, spring", `CONFIG_SERVER_SOURCES names spring twice`},
			{"CONFIG_SERVER_SOURCES=,", `CONFIG_SERVER_SOURCES names no source: expected ` + sources + `, separated by commas`},
			{"CONFIG_SERVER_APPLICATION=a/b", `the application's name in CONFIG_SERVER_APPLICATION has a slash or a line break, which no source can find: set CONFIG_SERVER_APPLICATION to a name such as orders`},
			{`VCAP_APPLICATION={"application_name":"my/app"}`, `the application's name in VCAP_APPLICATION has a slash or a line break, which no source can find: set CONFIG_SERVER_APPLICATION to a name such as orders`},
			{"CONFIG_SERVER_PROFILES=a/b", `a profile in CONFIG_SERVER_PROFILES has a slash or a line break, which no source can find: set CONFIG_SERVER_PROFILES to names such as cloud,eu`},
			{"SPRING_PROFILES_ACTIVE=a/b", `a profile in SPRING_PROFILES_ACTIVE has a slash or a line break, which no source can find: set CONFIG_SERVER_PROFILES to names such as cloud,eu`},
			{bound(`{"name":"config-server","credentials":{"vault_token":["s3cret"]}}`), `the credential vault_token of the service config-server is a list; expected text`},
			{bound(`{"name":"config-server","credentials":{"encrypt_key":{"s3cret":1}}}`), `the credential encrypt_key of the service config-server is an object; expected text`},
			{bound(`{"name":"c","label":"p.config-server","credentials":{"uri":["s3cret"]}}`), `the credential uri of the service c is a list; expected text`},
			{`SIDECAR_ON_CHANGE={"signal":"KILL"}`, `SIDECAR_ON_CHANGE has the signal "KILL": expected HUP, USR1 or USR2`},
		} {
			it("refuses "+wrong.setting, func() {
				Expect(fail(t, "CONFIG_SERVER_PORT="+testport.Free(t), wrong.setting)).To(MatchError(wrong.message))
			})
		}
	})
}

// askedVariables are the variables with config-server's prefix that the sources and the decryption look up.
func askedVariables(t *testing.T) []string {
	t.Helper()
	asked := map[string]bool{}
	for _, variables := range []map[string]string{
		{"CONFIG_SERVER_GIT_URI": "/x", "CONFIG_SERVER_SPRING_URI": "https://a", "CONFIG_SERVER_VAULT_URI": "https://a", "CONFIG_SERVER_VAULT_TOKEN": "t",
			"CONFIG_SERVER_CREDHUB_URI": "https://a", "CF_INSTANCE_CERT": "c", "CF_INSTANCE_KEY": "k"},
		{},
	} {
		lookup := func(name string) string {
			if strings.HasPrefix(name, "CONFIG_SERVER_") {
				asked[name] = true
			}
			return variables[name]
		}
		var errs [5]error
		_, errs[0] = gitsource.FromEnvironment(lookup, nil)
		_, errs[1] = springsource.FromEnvironment(lookup, nil)
		_, errs[2] = vaultsource.FromEnvironment(lookup, nil)
		_, errs[3] = credhubsource.FromEnvironment(lookup, nil)
		_, errs[4] = cipher.FromEnvironment(lookup, nil)
		NewWithT(t).Expect(errors.Join(errs[:]...)).To(Succeed())
	}
	return slices.Sorted(maps.Keys(asked))
}

// sources are the kinds of sources in the order of precedence.
const sources = "config, credhub, vault, spring, git"
