package sidecar_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testSupervision(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// last is the last sidecar of a document.
	last := func(content string, environ ...string) sidecar.Definition {
		t.Helper()
		definitions, err := read(content, environ...)
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).NotTo(BeEmpty())
		return definitions[len(definitions)-1]
	}
	warnings := func(content string) []string {
		t.Helper()
		_, warnings, err := sidecar.Resolve(sidecar.Request{Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}}})
		Expect(err).NotTo(HaveOccurred())
		return warnings
	}

	it("reads every key", func() {
		d := last(`
- {name: first, command: run}
- name: all of it
  command: run
  memory: 64M
  env: {A: 1, B: $A}
  work-dir: agent
  port: 8082
  readiness-health-check-type: http
  readiness-health-check-http-endpoint: /ready?now=1
  readiness-health-check-interval: 2
  readiness-health-check-invocation-timeout: 3
  hold-app: true
  timeout: 90
  depends-on: [first]
  health-check-type: port
  health-check-interval: 4
  health-check-invocation-timeout: 5
  restart: on-failure
  restart-limit: 6
  enforce-memory: true
  stop-after-app: true
  stop-timeout: 7
  proxy: true
`)
		Expect(d).To(And(HaveField("HoldApp", true), HaveField("EnforceMemory", true), HaveField("Proxy", true)))
		Expect(d.Supervision).To(Equal(supervision.Spec{
			Env: []supervision.Variable{{Name: "A", Value: "1"}, {Name: "B", Value: "$A"}}, WorkDir: "agent",
			Readiness: &supervision.Check{Type: "http", Port: "8082", Endpoint: "/ready?now=1", Interval: 2, InvocationTimeout: 3},
			Health:    &supervision.Check{Type: "port", Port: "8082", Interval: 4, InvocationTimeout: 5},
			Timeout:   90, DependsOn: []string{"first"}, Restart: "on-failure", RestartLimit: 6,
			StopAfterApp: true, StopTimeout: 7,
		}))
	})

	it("reads every key from a variable of its own", func() {
		d := last("- {name: first, command: run}\n- {name: a, command: run, memory: 1M}",
			"SIDECAR_A_ENV={A: 1}", "SIDECAR_A_WORK_DIR=agent", "SIDECAR_A_PORT=$P", "SIDECAR_A_READINESS_HEALTH_CHECK_TYPE=http",
			"SIDECAR_A_READINESS_HEALTH_CHECK_HTTP_ENDPOINT=/r", "SIDECAR_A_HOLD_APP=true", "SIDECAR_A_TIMEOUT=9", "SIDECAR_A_DEPENDS_ON=first",
			"SIDECAR_A_HEALTH_CHECK_TYPE=process", "SIDECAR_A_RESTART=always", "SIDECAR_A_RESTART_LIMIT=2", "SIDECAR_A_ENFORCE_MEMORY=true",
			"SIDECAR_A_STOP_AFTER_APP=true", "SIDECAR_A_STOP_TIMEOUT=3", "SIDECAR_A_PROXY=false")
		Expect(d).To(And(HaveField("HoldApp", true), HaveField("EnforceMemory", true), HaveField("Proxy", false)))
		Expect(d.Supervision).To(Equal(supervision.Spec{
			Env: []supervision.Variable{{Name: "A", Value: "1"}}, EnvFrom: "SIDECAR_A_ENV", WorkDir: "agent", Readiness: &supervision.Check{Type: "http", Port: "$P", Endpoint: "/r"},
			Health: &supervision.Check{Type: "process"}, Timeout: 9, DependsOn: []string{"first"}, Restart: "always", RestartLimit: 2,
			StopAfterApp: true, StopTimeout: 3,
		}))
	})

	it("names the variable that states headers, for the supervisor to read them from", func() {
		const a = "- {name: a, command: run, port: 1, hold-app: true, health-check-http-headers: {A: file}}"
		d := last(a)
		Expect(d.Supervision.Health.HeadersFrom).To(BeEmpty())
		Expect(d.Supervision.Readiness).To(Equal(d.Supervision.Health), "the readiness is by the same request")
		d = last(a, "SIDECAR_A_HEALTH_CHECK_HTTP_HEADERS={B: s3cret}")
		Expect(d.Supervision.Health).To(HaveValue(Equal(supervision.Check{
			Type: "http", Port: "1", Endpoint: "/", Headers: []supervision.Variable{{Name: "B", Value: "s3cret"}}, HeadersFrom: "health-check-http-headers SIDECAR_A_HEALTH_CHECK_HTTP_HEADERS",
		})))
		Expect(d.Supervision.Readiness).To(Equal(d.Supervision.Health))
		Expect(restated([]string{"SIDECAR_A_HEALTH_CHECK_HTTP_HEADERS={B: s3cret}"}, "SIDECAR_A_HEALTH_CHECK_HTTP_HEADERS", "a", "health-check-http-headers")).
			To(Equal([]supervision.Variable{{Name: "B", Value: "s3cret"}}))
		Expect(restated([]string{"SIDECARS=- {name: a, readiness-health-check-http-headers: {C: d}}"}, "SIDECARS", "a", "readiness-health-check-http-headers")).
			To(Equal([]supervision.Variable{{Name: "C", Value: "d"}}))
		Expect(strings.Join(d.Summary(), " ")).NotTo(ContainSubstring("s3cret"))
	})

	it("reads what is watched, and what is done then, from a file and from a variable", func() {
		d := last("- {name: a, command: run, reload: {on: [$CF_INSTANCE_CERT, bindings, bindings, conf/], signal: SIGHUP, restart: false}}")
		Expect(d.Supervision.Reload).To(Equal(&supervision.Reload{On: []string{"$CF_INSTANCE_CERT", "bindings", "conf/"}, Signal: "HUP"}))
		Expect(d.Summary()).To(Equal([]string{"SIGHUP on changes of $CF_INSTANCE_CERT, bindings, conf/"}))
		d = last("- {name: a, command: run, reload: {on: x, signal: HUP}}", "SIDECAR_A_RELOAD={on: bindings, restart: true, signal: }")
		Expect(d.Supervision.Reload).To(Equal(&supervision.Reload{On: []string{"bindings"}, Restart: true}))
		Expect(d.Summary()).To(Equal([]string{"restart on changes of bindings"}))
	})

	it("reads how the app is told of changes, from a file and from a variable", func() {
		d := last("- {name: a, command: run, on-change: {signal: SIGHUP}}")
		Expect(d.Supervision.OnChange).To(Equal(&supervision.OnChange{Signal: "HUP"}))
		Expect(d.Summary()).To(Equal([]string{"SIGHUP to the app on changes"}))
		d = last("- {name: a, command: run, on-change: {signal: HUP}}", "SIDECAR_A_ON_CHANGE={post: /actuator/refresh, port: $MANAGEMENT_PORT, signal: }")
		Expect(d.Supervision.OnChange).To(Equal(&supervision.OnChange{Post: "/actuator/refresh", Port: "$MANAGEMENT_PORT"}))
		Expect(d.Summary()).To(Equal([]string{"POST /actuator/refresh at port $MANAGEMENT_PORT to the app on changes"}))
		Expect(last("- {name: a, command: run, on-change: {post: /a}}").Summary()).To(Equal([]string{"POST /a to the app on changes"}))
	})

	it("reads which lines need not reach the log, from a file and from a variable", func() {
		d := last("- {name: a, command: run, log: {level: warn, prefix: false, drop: \"^healthcheck\"}}")
		Expect(d.Supervision.Log).To(Equal(&supervision.Log{Level: "warn", Drop: "^healthcheck"}))
		Expect(d.Summary()).To(Equal([]string{"log from level warn on", `log without "^healthcheck"`}))
		d = last("- {name: a, command: run, log: {level: warn}}", "SIDECAR_A_LOG={prefix: true}")
		Expect(d.Supervision.Log).To(Equal(&supervision.Log{Prefix: true}))
		Expect(last("- {name: a, command: run, log: {level: warn}}", "SIDECAR_A_LOG={prefix: false}").NeedsSupervisor()).To(BeFalse())
	})

	it("asks for nothing where nothing is said", func() {
		for _, content := range []string{
			"- {name: a, command: run}",
			"- {name: a, command: run, restart: never, hold-app: false, port: 1, enforce-memory: false, proxy: false, env: {}, depends-on: []}",
		} {
			Expect(last(content).NeedsSupervisor()).To(BeFalse(), content)
		}
	})

	for _, asked := range []string{
		"env: {A: 1}", "work-dir: a", "hold-app: true", "health-check-type: process", "readiness-health-check-type: process",
		"restart: always", "restart: on-failure", "reload: {on: a, signal: HUP}", "on-change: {signal: HUP}", "log: {level: warn}", "log: {drop: a}", "log: {prefix: true}", "memory: 1, enforce-memory: true", "stop-after-app: true", "proxy: true",
	} {
		it("asks for a supervisor where there is "+asked, func() {
			Expect(last("- {name: a, command: run, " + asked + "}").NeedsSupervisor()).To(BeTrue())
		})
	}

	for _, inferred := range []struct {
		stated string
		check  supervision.Check
	}{
		{"", supervision.Check{Type: "process"}},
		{", port: 80", supervision.Check{Type: "port", Port: "80"}},
		{", port: '${P}'", supervision.Check{Type: "port", Port: "${P}"}},
		{", port: 80, readiness-health-check-http-endpoint: /x", supervision.Check{Type: "http", Port: "80", Endpoint: "/x"}},
		{", port: 80, readiness-health-check-type: http", supervision.Check{Type: "http", Port: "80", Endpoint: "/"}},
		{", port: 80, readiness-health-check-type: process", supervision.Check{Type: "process"}},
		{", port: 80, health-check-type: http, health-check-http-endpoint: /h", supervision.Check{Type: "http", Port: "80", Endpoint: "/h"}},
		{", readiness-health-check-command: pg_isready", supervision.Check{Type: "exec", Command: "pg_isready"}},
		{", socket: $HOME/a.sock", supervision.Check{Type: "port", Socket: "$HOME/a.sock"}},
		{", proxy: true, socket: a, readiness-health-check-http-status: [200-299, 401]", supervision.Check{Type: "http", Socket: "a", Endpoint: "/", Status: "200-299,401"}},
		{", port: 80, readiness-health-check-http-headers: {A: $B}", supervision.Check{Type: "http", Port: "80", Endpoint: "/", Headers: []supervision.Variable{{Name: "A", Value: "$B"}}}},
		{", port: 80, readiness-health-check-http-status: 204", supervision.Check{Type: "http", Port: "80", Endpoint: "/", Status: "204"}},
		{", proxy: true, readiness-health-check-type: port", supervision.Check{Type: "port", Port: "$PORT"}},
	} {
		it("is ready by what is known of it"+inferred.stated, func() {
			Expect(last("- {name: a, command: run, hold-app: true" + inferred.stated + "}").Supervision.Readiness).To(HaveValue(Equal(inferred.check)))
		})
	}

	it("has a readiness where others depend on it", func() {
		definitions, err := read("- {name: a, command: run, port: 80}\n- {name: b, command: run, depends-on: [a]}")
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions[0].Supervision).To(Equal(supervision.Spec{Readiness: &supervision.Check{Type: "port", Port: "80"}}))
	})

	context("with a catalog", func() {
		known := func(content string) sidecar.Definition {
			t.Helper()
			definitions, _, err := sidecar.Resolve(sidecar.Request{
				Catalog: catalog(t, "[[metadata.sidecars]]\nname = \"a\"\ncommand = \"run\"\nport = 80\nreadiness-health-check-http-endpoint = \"/ready\"\n"+
					"[[metadata.sidecars]]\nname = \"b\"\ncommand = \"run\"\nrestart = \"always\"\nproxy = true\n[metadata.sidecars.env]\nZ = \"1\"\nA = \"$Z\"\n"),
				Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}},
			})
			Expect(err).NotTo(HaveOccurred())
			return definitions[0]
		}

		it("uses its readiness if others wait for it, and otherwise not", func() {
			Expect(known("- name: a").NeedsSupervisor()).To(BeFalse())
			Expect(known("- {name: a, hold-app: true}").Supervision.Readiness).To(HaveValue(Equal(supervision.Check{Type: "http", Port: "80", Endpoint: "/ready"})))
			Expect(known("- {name: a, readiness-health-check-interval: 3}").Supervision.Readiness).To(HaveValue(Equal(supervision.Check{Type: "http", Port: "80", Endpoint: "/ready", Interval: 3})))
			Expect(known("- {name: a, health-check-type: http}").Supervision.Health).To(HaveValue(Equal(supervision.Check{Type: "http", Port: "80", Endpoint: "/ready"})))
		})

		it("lets the app ask at a socket in the place of the port, and by a command in the place of a request", func() {
			Expect(known("- {name: a, hold-app: true, socket: /a}").Supervision.Readiness).To(HaveValue(Equal(supervision.Check{Type: "http", Socket: "/a", Endpoint: "/ready"})))
			Expect(known("- {name: a, hold-app: true, readiness-health-check-type: exec, readiness-health-check-command: x}").Supervision.Readiness).To(HaveValue(Equal(supervision.Check{Type: "exec", Command: "x"})))
		})

		it("lets the app replace it, field by field", func() {
			Expect(known("- {name: a, hold-app: true, readiness-health-check-type: port}").Supervision.Readiness).To(HaveValue(Equal(supervision.Check{Type: "port", Port: "80"})))
			Expect(known("- name: b").Proxy).To(BeTrue())
			Expect(known("- name: b").Supervision).To(Equal(supervision.Spec{Env: []supervision.Variable{{Name: "Z", Value: "1"}, {Name: "A", Value: "$Z"}}, Restart: "always"}))
			Expect(known("- {name: b, restart: never, proxy: false, env: {}}").NeedsSupervisor()).To(BeFalse())
		})
	})

	it("takes names of variables that Spring and Elasticsearch read, and no shell can export", func() {
		asked := last("- {name: a, command: run, env: {spring.application.name: orders, discovery-type.x: single-node}}")
		Expect(asked.Supervision.Env).To(Equal([]supervision.Variable{{Name: "spring.application.name", Value: "orders"}, {Name: "discovery-type.x", Value: "single-node"}}))
	})

	it("adds to variables of the app, with the separator that fits the name, or with its own", func() {
		definition := last("- {name: a, command: run, app-env: {PLAIN: x, NODE_OPTIONS: {append: --require ./a.js}, PATH: {prepend: $HOME/a}, MINE: {append: b, separator: ';'}, MAVEN_OPTS: {append: -Da=b, separator: '  '}}}")
		Expect(definition.AppEnv).To(Equal([]appstart.Variable{
			{Name: "PLAIN", Value: "x"},
			{Name: "NODE_OPTIONS", Value: "--require ./a.js", Join: "append", Separator: " "},
			{Name: "PATH", Value: "$HOME/a", Join: "prepend", Separator: ":"},
			{Name: "MINE", Value: "b", Join: "append", Separator: ";"},
			{Name: "MAVEN_OPTS", Value: "-Da=b", Join: "append", Separator: "  "},
		}))
		Expect(definition.Summary()).To(Equal([]string{"appends to NODE_OPTIONS of the app", "prepends to PATH of the app", "appends to MINE of the app", "appends to MAVEN_OPTS of the app"}))
		Expect(definition.NeedsSupervisor()).To(BeFalse())
	})

	it("takes a variable with a default for a port, and has app-env follow the sidecar's own env", func() {
		const agent = "- {name: a, command: run, port: '${AGENT_PORT:-8126}', hold-app: true, app-env: {URL: 'http://127.0.0.1:${AGENT_PORT:-8126}/${OTHER:-x}$AGENT_PORT'}"
		Expect(last(agent + "}").Supervision.Readiness.Port).To(Equal("${AGENT_PORT:-8126}"))
		for env, url := range map[string]string{
			"}":                               "http://127.0.0.1:${AGENT_PORT:-8126}/${OTHER:-x}$AGENT_PORT",
			", env: {AGENT_PORT: 9126}}":      "http://127.0.0.1:9126/${OTHER:-x}$AGENT_PORT",
			", env: {AGENT_PORT: $AN_OTHER}}": "http://127.0.0.1:${AGENT_PORT:-8126}/${OTHER:-x}$AGENT_PORT",
		} {
			definitions, err := read(agent + env)
			Expect(err).NotTo(HaveOccurred())
			Expect(definitions[0].AppEnv).To(Equal([]appstart.Variable{{Name: "URL", Value: url}}), env)
		}
	})

	it("warns of what does nothing by itself", func() {
		Expect(warnings("- {name: a, command: run, restart-limit: 3, timeout: 4, stop-timeout: 5}")).To(Equal([]string{
			`sidecars.yml:1: sidecar "a": restart-limit does nothing without restart: on-failure, or always`,
			`sidecars.yml:1: sidecar "a": stop-timeout does nothing without stop-after-app: true`,
			`sidecars.yml:1: sidecar "a": timeout does nothing without hold-app: true, a health-check, or a sidecar that depends on this one`,
		}))
		Expect(warnings("- {name: a, command: run, restart: always, restart-limit: 3, hold-app: true, timeout: 4, stop-after-app: true, stop-timeout: 5}")).To(BeEmpty())
		Expect(warnings("- {name: a, command: run, reload: {on: a, restart: true}, stop-timeout: 5}")).To(BeEmpty())
	})

	context("failure cases", func() {
		const a = `sidecars.yml:1: sidecar "a"`
		for _, broken := range []struct{ stated, problem string }{
			{"env: [a]", a + `: env: found no mapping; expected a mapping of names to values`},
			{"env: {A/B: 1}", a + `: env: found the name "A…"; expected letters, digits, underscores, dots and hyphens, then a colon and a blank`},
			{"env: {'A:b': }", a + `: env: found the name "A…"; expected letters, digits, underscores, dots and hyphens, then a colon and a blank`},
			{"env: {.a: 1}", a + `: env: found the name ".a"; expected letters, digits, underscores, dots and hyphens, then a colon and a blank`},
			{"app-env: {spring.application.name: 1}", a + `: app-env: found the name "spring.application.name"; expected letters, digits and underscores, of which alone the app's shell makes variables, then a colon and a blank`},
			{"work-dir: ''", a + `: work-dir: found blank text ""; expected text that is not blank`},
			{"port: 0", a + `: port: found the number 0; expected a number from 1 to 65535, or the variable that holds it, such as $CONFIG_SERVER_PORT`},
			{"port: 65536", a + `: port: found the number 65536; expected a number from 1 to 65535, or the variable that holds it, such as $CONFIG_SERVER_PORT`},
			{"port: $A$B", a + `: port: found "$A$B"; expected a number from 1 to 65535, or the variable that holds it, such as $CONFIG_SERVER_PORT`},
			{"port: [1]", a + `: port: found a list; expected a number from 1 to 65535, or the variable that holds it, such as $CONFIG_SERVER_PORT`},
			{"hold-app: 1", a + `: hold-app: found the number 1; expected true or false`},
			{"hold-app: t", a + `: hold-app: found "t"; expected true or false`},
			{"stop-after-app: 'yes'", a + `: stop-after-app: found "yes"; expected true or false`},
			{"timeout: 0", a + `: timeout: found the number 0; expected a whole number of seconds from 1 to 86400`},
			{"timeout: 1s", a + `: timeout: found "1s"; expected a whole number of seconds from 1 to 86400`},
			{"restart: sometimes", a + `: restart: found "sometimes"; expected never, on-failure or always`},
			{"restart: true", a + `: restart: found the boolean true; expected never, on-failure or always`},
			{"restart: always, restart-limit: -1", a + `: restart-limit: found the number -1; expected a whole number of restarts from 1 to 1000000`},
			{"stop-after-app: true, stop-timeout: 10", a + `: stop-timeout: found the number 10; expected a whole number of seconds, of the ten that the platform gives in all, from 1 to 9`},
			{"health-check-type: tcp", a + `: health-check-type: found "tcp"; expected http, port, process or exec`},
			{"health-check-type: port", a + `: found a health-check of type port without a port; expected the key port: a number, or the variable that holds it, such as $CONFIG_SERVER_PORT; or the key socket`},
			{"readiness-health-check-type: http", a + `: found a readiness-health-check of type http without a port; expected the key port: a number, or the variable that holds it, such as $CONFIG_SERVER_PORT; or the key socket`},
			{"port: 1, health-check-type: port, health-check-http-endpoint: /x", a + `: found a health-check-http-endpoint with a health-check of type port; expected the type http, or no endpoint`},
			{"port: 1, health-check-http-endpoint: x", a + `: health-check-http-endpoint: found "x"; expected a path such as /health, without blanks`},
			{`port: 1, health-check-http-endpoint: "/x\r\nHost: y"`, a + `: health-check-http-endpoint: found "/x\r\nHost: y"; expected a path such as /health, without blanks`},
			{"socket: /a, port: 1, health-check-type: port", a + `: found both a port and a socket; expected one of them: where the checks ask`},
			{"health-check-type: exec", a + `: found a health-check of type exec without a command; expected the key health-check-command: what bash runs, and ends with 0 if all is well`},
			{"health-check-type: process, health-check-command: x", a + `: found a health-check-command with a health-check of type process; expected the type exec, or no command`},
			{"port: 1, readiness-health-check-type: port, readiness-health-check-http-status: 204", a + `: found a readiness-health-check-http-status with a readiness-health-check of type port; expected the type http, or no statuses`},
			{"health-check-type: exec, health-check-command: x, health-check-http-headers: {A: s3cret}", a + `: found a health-check-http-headers with a health-check of type exec; expected the type http, or no headers`},
			{"health-check-http-status: 199", a + `: health-check-http-status: found the number 199; expected a status from 200 to 599, a range such as 200-399, or a list of both`},
			{"health-check-http-status: 399-200", a + `: health-check-http-status: found "399-200"; expected a status from 200 to 599, a range such as 200-399, or a list of both`},
			{"health-check-http-status: [200, 2xx]", a + `: health-check-http-status: found "2xx"; expected a status from 200 to 599, a range such as 200-399, or a list of both`},
			{"health-check-http-status: [[200]]", a + `: health-check-http-status: found a list; expected a status from 200 to 599, a range such as 200-399, or a list of both`},
			{"health-check-http-status: []", a + `: health-check-http-status: found an empty list; expected a status from 200 to 599, a range such as 200-399, or a list of both`},
			{"health-check-http-headers: [A]", a + `: health-check-http-headers: found no mapping; expected a mapping of names to values`},
			{"health-check-http-headers: {'A b': s3cret}", a + `: health-check-http-headers: found the name "A…"; expected the name of a header, such as Authorization, then a colon and a blank`},
			{"env: {SIDECAR_FILES: /tmp/evil}", a + `: env: found the name "SIDECAR_FILES"; expected another name: the buildpack sets this variable to the directory of the sidecar's files`},
			{"files: {f: x}, env: {SIDECAR_FILES: {binding: path, of: x}}", a + `: env: found the name "SIDECAR_FILES"; expected another name: the buildpack sets this variable to the directory of the sidecar's files`},
			{"health-check-http-headers: {Content-Length: 1}", a + `: health-check-http-headers: found the name "Content-Length"; expected another header: the probe sets this one itself`},
			{"port: 1, health-check-http-headers: {A: 1, a: 2}", a + `: health-check-http-headers: found the name "a" a second time; expected each header once, in capitals or not`},
			{"health-check-http-headers: {A: \"s3cret\\r\\nB: c\"}", a + `: health-check-http-headers: A: found more than one line; expected a value of one line`},
			{"log: warn", a + `: log: found no mapping; expected a mapping such as {level: warn, drop: ^healthcheck}`},
			{"log: {level: warning}", a + `: log: level: found "warning"; expected debug, info, warn or error`},
			{"log: {levels: warn}", a + `: log: found the key "levels"; did you mean level? Expected one of the keys level, prefix, drop`},
			{"log: {prefix: 1}", a + `: log: prefix: found the number 1; expected true or false`},
			{"log: {drop: 'é(a'}", a + `: log: drop: found missing closing ) in "é(a", at character 1; expected a regular expression in the syntax of RE2, as Go has it`},
			{"log: {drop: 'é[b-a]'}", a + `: log: drop: found invalid character class range in "é[b-a]", at character 3; expected a regular expression in the syntax of RE2, as Go has it`},
			{"log: {drop: '(?=a)'}", a + `: log: drop: found invalid or unsupported Perl syntax in "(?=a)", at character 1; expected a regular expression in the syntax of RE2, as Go has it`},
			{"on-change: HUP", a + `: on-change: found no mapping; expected a mapping such as {signal: HUP} or {post: /actuator/refresh}`},
			{"on-change: {}", a + `: on-change: found neither a signal nor post; expected one of them: how the app is told of changes`},
			{"on-change: {signal: HUP, post: /a}", a + `: on-change: found both a signal and post; expected one of them`},
			{"on-change: {signal: HUP, port: 1}", a + `: on-change: found a port without post; expected the key post with the path of a URL, such as /actuator/refresh`},
			{"on-change: {signal: KILL}", a + `: on-change: signal: found "KILL"; expected HUP, USR1 or USR2; or the key post in its place`},
			{"on-change: {post: http://x}", a + `: on-change: post: found "http://x"; expected a path such as /health, without blanks`},
			{"on-change: {post: /a, port: b}", a + `: on-change: port: found "b"; expected a number from 1 to 65535, or the variable that holds it, such as $CONFIG_SERVER_PORT`},
			{"on-change: {sginal: HUP}", a + `: on-change: found the key "sginal"; did you mean signal? Expected one of the keys signal, post, port`},
			{"reload: [a]", a + `: reload: found no mapping; expected a mapping such as {on: [$CF_INSTANCE_CERT], signal: HUP}`},
			{"reload: {signal: HUP}", a + `: reload: found no on; expected the key on: which files are watched, such as [$CF_INSTANCE_CERT, bindings]`},
			{"reload: {on: [], signal: HUP}", a + `: reload: on: found an empty list; expected paths of files, variables that hold one, such as $CF_INSTANCE_CERT, or bindings`},
			{"reload: {on: [1], signal: HUP}", a + `: reload: on: found the number 1; expected text, which here needs quotes: "1"`},
			{"reload: {on: [./binding, bind, Bindings], signal: HUP}", a + `: reload: on: found "Bindings"; did you mean bindings? Expected that, or ./Bindings for a file of this name`},
			{"reload: {on: binding, signal: HUP}", a + `: reload: on: found "binding"; did you mean bindings? Expected that, or ./binding for a file of this name`},
			{"reload: {on: CF_INSTANCE_CERT, signal: HUP}", a + `: reload: on: found "CF_INSTANCE_CERT"; did you mean $CF_INSTANCE_CERT? Expected that, or ./CF_INSTANCE_CERT for a file of this name`},
			{"reload: {on: a}", a + `: reload: found neither a signal nor restart: true; expected one of them: what is done when a file changes`},
			{"reload: {on: a, restart: false}", a + `: reload: found neither a signal nor restart: true; expected one of them: what is done when a file changes`},
			{"reload: {on: a, restart: true, signal: HUP}", a + `: reload: found both a signal and restart: true; expected one of them`},
			{"reload: {on: a, signal: TERM}", a + `: reload: signal: found "TERM"; expected HUP, USR1 or USR2; or restart: true in its place`},
			{"reload: {on: a, signal: 1}", a + `: reload: signal: found the number 1; expected HUP, USR1 or USR2; or restart: true in its place`},
			{"reload: {on: a, signal: HUP, when: now}", a + `: reload: found the key "when"; expected one of the keys on, signal, restart`},
			{"enforce-memory: true", a + `: found enforce-memory without memory; expected the key memory: how much it may use`},
			{"app-env: {A: [b]}", a + `: app-env: A: found a list; expected text, or a mapping with the key append or prepend with text, such as {append: --require ./agent.js}`},
			{"app-env: {MINE: {append: b}}", a + `: app-env: MINE: found no separator; expected the key separator with the text between its items: MINE is not named like a list of paths (PATH, …_PATH, RUBYLIB) or of options (…_OPTIONS, …_OPTS, …_FLAGS)`},
			{"app-env: {PATH: {append: b, prepend: c}}", a + `: app-env: PATH: found both append and prepend; expected one of them`},
			{"app-env: {PATH: {}}", a + `: app-env: PATH: found neither append nor prepend; expected the key append or prepend with text, such as {append: --require ./agent.js}`},
			{"app-env: {PATH: {separator: ':'}}", a + `: app-env: PATH: found neither append nor prepend; expected the key append or prepend with text, such as {append: --require ./agent.js}`},
			{"app-env: {PATH: {apend: b}}", a + `: app-env: PATH: found the key "apend"; did you mean append? Expected one of the keys append, prepend, separator, config, default`},
			{"app-env: {PATH: {append: ''}}", a + `: app-env: PATH: append: found blank text ""; expected text that is not blank`},
			{"app-env: {PATH: {append: b, separator: ''}}", a + `: app-env: PATH: separator: found 0 characters; expected from 1 to 16, such as ","`},
			{"depends-on: b", a + `: depends-on: found "b"; expected a list of names of sidecars, such as [config-server]`},
			{"depends-on: [b]", a + `: depends-on: found "b"; expected a sidecar that this buildpack gives the app: "a"`},
			{"depends-on: [a]", a + `: depends-on: found a cycle, "a" → "a"; expected an order in which they can start`},
		} {
			it("refuses "+broken.stated, func() {
				_, err := read("- {name: a, command: b, " + broken.stated + "}")
				Expect(err).To(MatchError(broken.problem))
			})
		}

		it("refuses a cycle with its path", func() {
			_, err := read(strings.Join([]string{
				"- {name: other, command: x, depends-on: [a]}", "- {name: a, command: x, depends-on: [fine, b]}", "- {name: fine, command: x}",
				"- {name: b, command: x, depends-on: ['c d']}", "- {name: c d, command: x, depends-on: [fine, a]}",
			}, "\n"))
			Expect(err).To(MatchError(`sidecars.yml:2: sidecar "a": depends-on: found a cycle, "a" → "b" → "c d" → "a"; expected an order in which they can start`))
		})

		it("refuses to wait for what does not run there", func() {
			_, err := read("- {name: a, command: x, process_types: [worker]}\n- {name: b, command: x, process_types: [web, worker, clock], depends-on: [a]}")
			Expect(err).To(MatchError(`sidecars.yml:2: sidecar "b": depends-on: found "a", which does not run with web, clock; expected its process_types to include all of web, worker, clock`))
		})

		it("takes a thousand sidecars in a row, and refuses them in a circle", func() {
			var chain strings.Builder
			for i := range 1000 {
				fmt.Fprintf(&chain, "- {name: s%d, command: c, depends-on: [s%d]}\n", i, i+1)
			}
			_, err := read(chain.String() + "- {name: s1000, command: c}")
			Expect(err).NotTo(HaveOccurred())
			_, err = read(chain.String() + "- {name: s1000, command: c, depends-on: [s0]}")
			Expect(err).To(MatchError(HaveSuffix(`"s999" → "s1000" → "s0"; expected an order in which they can start`)))
		})
	})
}
