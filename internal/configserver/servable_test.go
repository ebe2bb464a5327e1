package configserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// testServable commits to a real git repository what /config cannot serve, as a whole or in part.
func testServable(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		repository springtest.Repository
		large      string // YAML with placeholders that come to more than may be served
	)

	it.Before(func() {
		repository = springtest.NewRepository(t)
		var lines strings.Builder
		for i := range 40 {
			fmt.Fprintf(&lines, "k%d: ${k%d}${k%d}\n", i, i+1, i+1)
		}
		large = lines.String() + "k40: s3cret-s3cret\n"
	})

	run := func(settings ...string) *running {
		t.Helper()
		return start(t, append([]string{"CONFIG_SERVER_GIT_URI=file://" + repository.Directory, "CONFIG_SERVER_INTERVAL=1", "CONFIG_SERVER_KEEP=" + t.TempDir()}, settings...)...)
	}
	answer := func(server *running, path string) func() string {
		return func() string {
			response, body := server.request(t, http.MethodGet, path)
			Expect(string(server.logs.Contents()) + body).NotTo(ContainSubstring("s3cret"))
			return fmt.Sprint(response.StatusCode, " ", strings.TrimSpace(body))
		}
	}

	it("serves the last good answer while there is one that cannot be served, and says so", func() {
		repository.Commit(map[string]string{"application.yml": "a: 1\nok: fine\n"})
		server := run()
		defer server.stop(t)
		Eventually(answer(server, "/config"), "1m").Should(Equal(`200 {"a":1,"ok":"fine"}`))
		repository.Commit(map[string]string{"application.yml": large})
		Eventually(answer(server, "/health"), "1m").Should(MatchRegexp(`^200 {"status":"UP","sources":\[{"name":"git","state":"outdated","age":\d+,"error":"its answer cannot be served: k0: `))
		Eventually(server.logs, "1m").Should(gbytes.Say(`The source "git" cannot be read: its answer cannot be served: k0: `))
		Expect(answer(server, "/config")()).To(Equal(`200 {"a":1,"ok":"fine"}`))
		repository.Commit(map[string]string{"application.yml": "ok: better\n"})
		Eventually(answer(server, "/config"), "1m").Should(Equal(`200 {"ok":"better"}`))
	})

	it("is not ready with a first answer that cannot be served, and says why", func() {
		repository.Commit(map[string]string{"application.yml": large})
		server := run()
		defer server.stop(t)
		Eventually(answer(server, "/health"), "1m").Should(HavePrefix(`503 {"status":"STARTING","sources":[{"name":"git","state":"waiting","age":0,"error":"its answer cannot be served: k0: `))
		Expect(answer(server, "/config")()).To(HavePrefix("503 "))
	})

	it("leaves out what alone cannot be served, serves all else, and says so", func() {
		repository.Commit(map[string]string{"application.yml": "a: ${b}\nb: ${a}\nok: fine\n"})
		server := run()
		defer server.stop(t)
		Eventually(answer(server, "/config"), "1m").Should(Equal(`200 {"ok":"fine"}`))
		Expect(answer(server, "/config/a")()).To(HavePrefix("404 "))
		Expect(answer(server, "/health")()).To(ContainSubstring(`"omitted":[{"key":"a","reason":"its placeholder ${…} refers to itself"},{"key":"b",`))
		Expect(server.logs).To(gbytes.Say(`2 keys cannot be served by /config, and are left out: a \(its placeholder`))
		repository.Commit(map[string]string{"application.yml": "\".\": s3cret\nok: fine\n"})
		Eventually(answer(server, "/health"), "1m").Should(ContainSubstring(`"omitted":[{"key":".","reason":"it is neither a name nor an item of a list"}]`))
		Expect(answer(server, "/config")()).To(Equal(`200 {"ok":"fine"}`))
	})

	for order, expected := range testtable.Sorted(map[string]string{"config,git": `200 {"l":{"x":1},"ok":"fine"}`, "git,config": `200 {"l":[1,2],"ok":"fine"}`}) {
		it("lets the first source win where two make different things of a key: "+order, func() {
			repository.Commit(map[string]string{"application.yml": "l: [1, 2]\nok: fine\n"})
			server := run(`CONFIG_SERVER_CONFIG={"l":{"x":1}}`, "CONFIG_SERVER_SOURCES="+order)
			defer server.stop(t)
			Eventually(answer(server, "/config"), "1m").Should(Equal(expected))
		})
	}
}
