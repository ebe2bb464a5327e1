package configserver_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

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

	context("failure cases", func() {
		for _, wrong := range []struct{ setting, message string }{
			{"CONFIG_SERVER_INTERVAL=0", `CONFIG_SERVER_INTERVAL is "0", which is not a number of seconds: set it to a whole number from 1 to 86400, for example CONFIG_SERVER_INTERVAL=60`},
			{"CONFIG_SERVER_INTERVAL=1m", `CONFIG_SERVER_INTERVAL is "1m", which is not a number of seconds: set it to a whole number from 1 to 86400, for example CONFIG_SERVER_INTERVAL=60`},
			{"CONFIG_SERVER_INTERVAL=99999999999", `CONFIG_SERVER_INTERVAL is "99999999999", which is not a number of seconds: set it to a whole number from 1 to 86400, for example CONFIG_SERVER_INTERVAL=60`},
			{"CONFIG_SERVER_START_FROM_KEPT=yes", `CONFIG_SERVER_START_FROM_KEPT is "yes": set it to true or false`},
			{"CONFIG_SERVER_SOURCES=config,none", `CONFIG_SERVER_SOURCES names "none", which is no source: expected ` + sources + `, separated by commas, the first one winning`},
			{"CONFIG_SERVER_SOURCES=spring", `CONFIG_SERVER_SOURCES names spring, which nothing configures: set its variables or bind its service, or leave it out`},
			{"CONFIG_SERVER_SOURCES=spring, spring", `CONFIG_SERVER_SOURCES names spring twice`},
			{"CONFIG_SERVER_SOURCES=,", `CONFIG_SERVER_SOURCES names no source: expected ` + sources + `, separated by commas`},
			{"CONFIG_SERVER_APPLICATION=a/b", `the application or a profile has a slash or a line break: expected names such as orders and cloud in CONFIG_SERVER_APPLICATION and CONFIG_SERVER_PROFILES`},
			{`SIDECAR_ON_CHANGE={"signal":"KILL"}`, `SIDECAR_ON_CHANGE has the signal "KILL": expected HUP, USR1 or USR2`},
		} {
			it("refuses "+wrong.setting, func() {
				Expect(fail(t, "CONFIG_SERVER_PORT="+testport.Free(t), wrong.setting)).To(MatchError(wrong.message))
			})
		}
	})
}

// sources are the kinds of sources in the order of precedence.
const sources = "config, credhub, vault, spring, git"
