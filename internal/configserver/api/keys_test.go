package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testKeys(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *running
	)

	it.Before(func() {
		source := &scripted{}
		source.says(map[string]any{
			"db.url": "jdbc:<x>&y\n", "db.pool.max": json.Number("12345678901234567890.10"), "on": true, "empty": "",
			"users[0].name": "a", "users[1].name": "b", "quoted": `"text"`, "path[/a/b].x": "slash",
		})
		server = start(t, source).ready()
	})

	it.After(func() { server.stop() })

	for _, one := range []struct{ path, accept, kind, body string }{
		{"/config/db.url", "", "text/plain; charset=utf-8", "jdbc:<x>&y\n"},
		{"/config/db/url", "*/*", "text/plain; charset=utf-8", "jdbc:<x>&y\n"},
		{"/config/db.url", "application/json", "application/json", `"jdbc:<x>&y\n"` + "\n"},
		{"/config/db.url", "text/plain, application/json", "text/plain; charset=utf-8", "jdbc:<x>&y\n"},
		{"/config/db.url", "Application/JSON; q=1", "application/json", `"jdbc:<x>&y\n"` + "\n"},
		{"/config/db.pool.max", "", "text/plain; charset=utf-8", "12345678901234567890.10"},
		{"/config/on", "", "text/plain; charset=utf-8", "true"},
		{"/config/on", "application/json", "application/json", "true\n"},
		{"/config/empty", "", "text/plain; charset=utf-8", ""},
		{"/config/quoted", "", "text/plain; charset=utf-8", `"text"`},
		{"/config/db/pool", "", "application/json", `{"max":12345678901234567890.10}` + "\n"},
		{"/config/users[1].name", "", "text/plain; charset=utf-8", "b"},
		{"/config/users/1/name", "", "text/plain; charset=utf-8", "b"},
		{"/config/users", "text/plain", "application/json", `[{"name":"a"},{"name":"b"}]` + "\n"},
		{"/config/users%5B0%5D", "", "application/json", `{"name":"a"}` + "\n"},
	} {
		it("answers "+one.path+" for "+one.accept, func() {
			response, body := server.get(one.path, "Accept", one.accept)
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			Expect(response.Header.Get("Content-Type")).To(Equal(one.kind))
			Expect(response.Header.Get("Cache-Control")).To(Equal("no-store"))
			Expect(body).To(Equal(one.body))
		})
	}

	context("failure cases", func() {
		for _, path := range []string{"/config/none", "/config/db.none", "/config/users/2", "/config/users/-1", "/config/on/x", "/config//", "/config/db.", "/config/."} {
			it("answers 404 where there is no such key: "+path, func() {
				response, body := server.get(path)
				Expect(response.StatusCode).To(Equal(http.StatusNotFound))
				Expect(body).To(Equal("404 page not found\n"))
			})
		}
	})
}
