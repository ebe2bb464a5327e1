package render_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

const configuration = `{"db": {"url": "postgres://s3cret$HOME\"'", "pool": 5, "tls": true, "hosts": ["a", "b"], "none": null, "empty": ""}, "a.b": "dotted", "list": [{"name": "first"}],
	"br[ack]": "brackets", "x/y": "slash", "errors": {"404": "nf"}, "loggers": {"org.app": "DEBUG"}, "#a b?%2F": "special", "..": "dots", "end/": "end"}`

// testConfig has the program ask the real config-server.
func testConfig(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *place
		port   string
		text   = func(text string) *string { return &text }
	)

	// serve runs config-server in this process until the test ends.
	serve := func() {
		t.Helper()
		ctx, stop := context.WithCancel(context.Background())
		ended, log := make(chan error, 1), gbytes.NewBuffer()
		environ := []string{"CONFIG_SERVER_PORT=" + port, "CONFIG_SERVER_CONFIG=" + configuration, "CONFIG_SERVER_KEEP=off"}
		go func() { ended <- configserver.Run(ctx, environ, log) }()
		t.Cleanup(func() {
			stop()
			<-ended
		})
	}

	it.Before(func() {
		p, port = newPlace(t), testport.Free(t)
		p.environ = append(p.environ, "CONFIG_SERVER_PORT="+port)
	})

	it("prints values of the configuration, in which nothing is special", func() {
		serve()
		Expect(p.start(render.Spec{Env: []render.Variable{
			{Name: "URL", Config: "db.url"}, {Name: "POOL", Config: "db.pool"}, {Name: "TLS", Config: "db.tls"}, {Name: "HOSTS", Config: "db.hosts"},
			{Name: "DOT", Config: "a.b"}, {Name: "FIRST", Config: "list[0].name"}, {Name: "AGAIN", Value: "$POOL"},
			{Name: "MISSING", Config: "db.nothing", Default: text("d$HOME")}, {Name: "NULL", Config: "db.none", Default: text("n")}, {Name: "EMPTY", Config: "db.empty", Default: text("e")},
		}})).To(Equal([]string{"URL=postgres://s3cret$HOME\"'", "POOL=5", "TLS=true", `HOSTS=["a","b"]`, "DOT=dotted", "FIRST=first", "AGAIN=5",
			"MISSING=d$HOME", "NULL=n", "EMPTY=e"}))
	})

	it("names each key as the path /config/KEY does", func() {
		serve()
		var variables []render.Variable
		var expected []string
		for i, one := range []struct{ key, value string }{
			{"br[ack]", "brackets"}, {"x/y", "slash"}, {"errors.404", "nf"}, {"errors/404", "nf"}, {"errors[404]", "nf"}, {"loggers[org.app]", "DEBUG"}, {"loggers.org.app", "DEBUG"},
			{"#a b?%2F", "special"}, {"..", "dots"}, {"end/", "end"}, {"db/pool", "5"}, {"db/pool/", "5"}, {"list/0/name", "first"}, {"a/b", "dotted"},
		} {
			name := "V" + string(rune('A'+i))
			variables, expected = append(variables, render.Variable{Name: name, Config: one.key}), append(expected, name+"="+one.value)
		}
		Expect(p.start(render.Spec{Env: variables})).To(Equal(expected)) // once config-server is ready
		for i, variable := range variables {
			response, err := http.Get("http://127.0.0.1:" + port + "/config/" + url.PathEscape(variable.Config))
			Expect(err).NotTo(HaveOccurred())
			body, err := io.ReadAll(response.Body)
			Expect(err).NotTo(HaveOccurred())
			Expect(response.Body.Close()).To(Succeed())
			Expect(variable.Name + "=" + string(body)).To(Equal(expected[i]))
		}
	})

	it("has them in templates", func() {
		serve()
		Expect(p.render(`{{ config "db.url" | json }} {{ config "db.pool" }} {{ range config "db.hosts" }}{{ . }};{{ end }} {{ config "db.x" | default "y" }} {{ (config "db").tls }}`)).
			To(Equal(`"postgres://s3cret$HOME\"'" 5 a;b; y true`))
	})

	it("prints values for the app, by the number of their keys, and leaves out what may be missing", func() {
		serve()
		Expect(p.call("config", "db.url", "optional:db.nothing", "optional:db.pool", "db.hosts", "optional:db.empty")).To(Equal(result{0,
			"0=postgres://s3cret$HOME\"'\x002=5\x003=[\"a\",\"b\"]\x00", ""}))
		Expect(p.call("config", "db.url", "db.ulr")).To(Equal(result{1, "",
			"[sidecar-render] app: found no key \"db.ulr\" in the configuration; expected one, or a default; did you mean \"db.url\"?\n"}))
	})

	it("waits until config-server has an answer", func() {
		release := make(chan struct{})
		asked := make(chan struct{}, 100)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked <- struct{}{}
			select {
			case <-release:
				_, _ = io.WriteString(w, `"now"`)
			default:
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		defer server.Close()
		p.environ = append(p.environ, "CONFIG_SERVER_PORT="+server.URL[strings.LastIndex(server.URL, ":")+1:])
		go func() {
			<-asked
			<-asked
			close(release)
		}()
		Expect(p.start(render.Spec{Env: []render.Variable{{Name: "A", Config: "a"}}})).To(Equal([]string{"A=now"}))
	})

	it("asks at a socket", func() {
		socket := p.path("config.sock")
		listener, err := net.Listen("unix", socket)
		Expect(err).NotTo(HaveOccurred())
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `"`+r.Host+r.URL.Path+r.Header.Get("Accept")+`"`)
		})}
		go func() { _ = server.Serve(listener) }() // until it is closed
		defer server.Close()
		p.environ = append(p.environ, "CONFIG_SERVER_PORT=", "CONFIG_SERVER_SOCKET="+socket)
		Expect(p.start(render.Spec{Env: []render.Variable{{Name: "A", Config: "a/b"}}})).To(Equal([]string{"A=localhost/config/a/bapplication/json"}))
	})

	group("failure cases, a line each, which quote no value", func() {
		it("says that a key is missing, and which one may be meant", func() {
			serve()
			r := p.run("start", render.Spec{Env: []render.Variable{{Name: "A", Config: "db.ulr"}, {Name: "B", Config: "db.none"}}})
			Expect(r).To(Equal(result{1, "", "[sidecar-render] agent: env: A: found no key \"db.ulr\" in the configuration; expected one, or a default; did you mean \"db.url\"?\n" +
				"[sidecar-render] agent: env: B: found null at the key \"db.none\" in the configuration; expected a value, or a default\n"}))
			Expect(p.refuse(`{{ config "db.ulr" }}`)).To(Equal(`sidecars.yml:4: files: file:1:4: found no key "db.ulr" in the configuration; expected one, or a default; did you mean "db.url"?`))
			Expect(p.refuse(`{{ $k := "s3cret" }}{{ config $k }}`)).NotTo(ContainSubstring("s3cret"))
		})

		it("says that nothing tells where config-server is", func() {
			p.environ = append(p.environ, "CONFIG_SERVER_PORT=")
			Expect(p.run("start", render.Spec{Env: []render.Variable{{Name: "A", Config: "a"}}}).stderr).To(Equal(
				"[sidecar-render] agent: env: A: found neither CONFIG_SERVER_PORT nor CONFIG_SERVER_SOCKET in the environment; expected the app's config-server there: cf set-env APP CONFIG_SERVER_PORT 8082\n"))
		})

		for name, answer := range testtable.Sorted(map[string]func(http.ResponseWriter){
			"config-server has answered with the status 500; expected 200":            func(w http.ResponseWriter) { w.WriteHeader(500) },
			"config-server's answer is not JSON; expected the app's config-server at": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "s3cret") },
			"found more than 4 MB; expected a file of at most that":                   func(w http.ResponseWriter) { _, _ = io.WriteString(w, `"`+strings.Repeat("s3cret", 1<<20)+`"`) },
			"config-server has answered with the status 302; expected 200":            func(w http.ResponseWriter) { w.Header().Set("Location", "/other"); w.WriteHeader(302) },
		}) {
			it("refuses an answer that is none: "+name, func() {
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
				defer server.Close()
				p.environ = append(p.environ, "CONFIG_SERVER_PORT="+server.URL[strings.LastIndex(server.URL, ":")+1:])
				r := p.run("start", render.Spec{Env: []render.Variable{{Name: "A", Config: "a", Default: text("d")}}})
				Expect(r.status).To(Equal(1))
				Expect(r.stderr).To(And(ContainSubstring(name), Not(ContainSubstring("s3cret"))))
			})
		}
	})
}
