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
			"errors[404]": "nf", "errors[500]": "ise", "[br.ack.et]": 5, "x/y": 1, "x.y": 2, "nothing": nil, "dot[a.b].c": 3, "grid[0][0]": 4,
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
		{"/config/db/", "", "application/json", `{"pool":{"max":12345678901234567890.10},"url":"jdbc:<x>&y\n"}` + "\n"},
		{"/config/db/pool/max/", "", "text/plain; charset=utf-8", "12345678901234567890.10"},
		{"/config/db%2Fpool%2Fmax", "", "text/plain; charset=utf-8", "12345678901234567890.10"},
		{"/config/db%2F", "", "application/json", `{"pool":{"max":12345678901234567890.10},"url":"jdbc:<x>&y\n"}` + "\n"},
		{"/%63onfig%2Fdb/pool/max", "", "text/plain; charset=utf-8", "12345678901234567890.10"},
		{"/config/errors", "", "application/json", `{"404":"nf","500":"ise"}` + "\n"},
		{"/config/errors/404", "", "text/plain; charset=utf-8", "nf"},
		{"/config/errors.404", "", "text/plain; charset=utf-8", "nf"},
		{"/config/errors[404]", "", "text/plain; charset=utf-8", "nf"},
		{"/config/br.ack.et", "", "text/plain; charset=utf-8", "5"},
		{"/config/[br.ack.et]", "", "text/plain; charset=utf-8", "5"},
		{"/config/x%2Fy", "", "text/plain; charset=utf-8", "1"},
		{"/config/x/y", "", "text/plain; charset=utf-8", "2"},
		{"/config/path%5B%2Fa%2Fb%5D.x", "", "text/plain; charset=utf-8", "slash"},
		{"/config/path/%2Fa%2Fb/x", "", "text/plain; charset=utf-8", "slash"},
		{"/config/dot[a.b].c", "", "text/plain; charset=utf-8", "3"},
		{"/config/dot.a.b.c", "", "text/plain; charset=utf-8", "3"},
		{"/config/grid[0][0]", "", "text/plain; charset=utf-8", "4"},
		{"/config/nothing", "", "text/plain; charset=utf-8", "null"},
		{"/config/nothing", "application/json", "application/json", "null\n"},
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
		for _, path := range []string{"/config/none", "/config/db.none", "/config/users/2", "/config/users/-1", "/config/on/x", "/config//", "/config/db.", "/config/.",
			"/config/errors/0", "/config/errors[404", "/config/errors[404]x", "/config/users[0]]]", "/config/dot[a][b].c", "/config/db//url", "/config/db/url//"} {
			it("answers 404 where there is no such key: "+path, func() {
				response, body := server.get(path)
				Expect(response.StatusCode).To(Equal(http.StatusNotFound))
				Expect(body).To(Equal("404 page not found\n"))
			})
		}
	})
}
