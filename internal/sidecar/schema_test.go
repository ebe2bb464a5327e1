package sidecar_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/sclevine/spec"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testSchema(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect
	sum := strings.Repeat("0a", 32)

	compiled := func(content []byte, err error) *jsonschema.Schema {
		t.Helper()
		Expect(err).NotTo(HaveOccurred())
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		Expect(err).NotTo(HaveOccurred())
		compiler := jsonschema.NewCompiler()
		Expect(compiler.AddResource("schema.json", document)).To(Succeed())
		schema, err := compiler.Compile("schema.json")
		Expect(err).NotTo(HaveOccurred())
		return schema
	}
	// validate has the schema look at a value as JSON has it.
	validate := func(schema *jsonschema.Schema, value any) error {
		t.Helper()
		content, err := json.Marshal(value)
		Expect(err).NotTo(HaveOccurred())
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		Expect(err).NotTo(HaveOccurred())
		return schema.Validate(document)
	}
	document := func(content string) (value any) {
		t.Helper()
		Expect(yaml.Unmarshal([]byte(content), &value)).To(Succeed())
		return value
	}

	const all = `
sidecars:
- {name: first, command: run, process_types: [web, worker]}
- name: all of it
  command: run
  process_types: [web, worker]
  memory: 64M
  artifact: {uri: https://example.com/a.tgz, sha256: "0000000000000000000000000000000000000000000000000000000000000000", executable: bin/a, strip: 1}
  env: {A: 1, spring.b: $A, C: true, D: , KEY: {binding: a.b, of: {label: vault, tag: t}, default: 1}, OTHER: {binding: c, of: vault}}
  enabled: true
  files:
    conf/agent.yaml: "key: {{ binding 'k' 'vault' }}"
    ..rules/a b: {from: policies/base.rego}
    c: {template: c.tmpl}
    empty: ""
  app-env: {A: x, PATH: {prepend: /a}, MINE: {append: b, separator: ";"}}
  otel-identity: true
  work-dir: agent
  port: ${PORT:-8082}
  readiness-health-check-type: http
  readiness-health-check-http-endpoint: /ready?now=1
  readiness-health-check-interval: 2
  readiness-health-check-invocation-timeout: 3
  hold-app: true
  timeout: 90
  depends-on: [first]
  health-check-type: port
  health-check-interval: 4
  restart: on-failure
  restart-limit: 6
  enforce-memory: true
  stop-after-app: true
  stop-timeout: 7
  proxy: false
`

	for _, right := range []string{
		all, "", "sidecars:", "- {name: a, command: b}", "- {name: a, dependency: b, version: 1.2, executable: c/d, strip: 0}", "- {name: a, command: b, memory: 128, port: 80}", "- {name: a, command: b, memory: 1.5GB}", "- {name: a, command: b, hold-app: 'true', proxy: False, port: , restart: null}",
		"- {name: a, command: b, env: {A: {config: a.b, default: c}}, app-env: {A: {config: a.b}, PATH: {config: c, default: 5}}}", "- {name: a, command: b, on-change: {signal: HUP}}", "- {name: a, command: b, on-change: {post: /a, port: 8081}}", "- {name: a, command: b, binding: apm}", "- {name: a, command: b, restart: always, reload: {on: a, signal: HUP}}", "- {name: a, command: b, restart: always, reload: {on: [a, bindings], restart: true}}",
		"- {name: a, command: b, app-env: {MY_PATH: {append: a}, JAVA_OPTS: {prepend: a}, CFLAGS: {append: a}, RUBYLIB: {append: a}, RUBYOPT: {append: a}, OTEL_RESOURCE_ATTRIBUTES: {append: a=b}, X: {append: a, separator: ','}}}", "- {name: a, command: b, binding: {name: a, label: b, tag: c}, enabled: 'False'}", "- {name: a, command: b, binding: , files: , enabled: }",
	} {
		it("takes what is right: "+strings.TrimSpace(right), func() {
			_, err := read(right)
			Expect(err).NotTo(HaveOccurred())
			Expect(validate(compiled(sidecar.Schema()), document(right))).To(Succeed())
		})
	}

	for _, stated := range []string{
		"x: 1", "command: ''", "command: '  '", "command: [a]", "process_types: web", "process_types: []", "process_types: [a, a]", "memory: 1Q", "memory: 0", "memory: true", "strip: -1", "strip: 33", "executable: a/",
		"artifact: {uri: x}", "artifact: {uri: 'ftp://a/b', sha256: '" + sum + "'}", "artifact: {uri: 'https://a/b', sha256: x}", "artifact: {uri: 'https://a/b', sha256: '" + sum + "', x: 1}",
		"env: [a]", "env: {A/B: 1}", "env: {A: [b]}", "app-env: {a.b: 1}", "app-env: {PATH: {append: a, prepend: b}}", "app-env: {PATH: {}}", "app-env: {X: {append: a}}", "app-env: {X: {prepend: a}}", "app-env: {PATHS: {append: a}}", "app-env: {MY_RUBYLIB: {append: a}}", "app-env: {PATH: {append: a, x: b}}", "app-env: {PATH: [a]}", "app-env: {PATH: {append: a, separator: ''}}", "port: 0", "port: 65536", "port: $A$B", "hold-app: 1", "timeout: 0", "timeout: 1s", "restart: sometimes",
		"on-change: HUP", "on-change: {}", "on-change: {signal: KILL}", "on-change: {signal: HUP, post: /a}", "on-change: {signal: HUP, port: 1}", "on-change: {post: a}", "on-change: {post: /a, x: b}", "stop-timeout: 10", "health-check-type: tcp", "health-check-http-endpoint: x", "depends-on: b", "default: true",
		"binding: [a]", "binding: {}", "binding: {plan: a}", "binding: {name: 5}", "binding: ' '", "enabled: 1", "enabled: no thanks",
		"env: {A: {config: a, of: b}}", "env: {A: {config: a, binding: b}}", "app-env: {A: {config: [a]}}", "app-env: {A: {config: a, append: b}}", "app-env: {PATH: {append: a, default: b}}", "env: {A: {}}", "env: {A: {binding: [a], of: b}}", "env: {A: {binding: a, of: b, x: c}}", "env: {A: {binding: a, of: {}}}", "env: {A: {binding: a, of: b, default: [c]}}", "app-env: {A: {binding: a, of: b}}",
		"files: [a]", "files: {/a: b}", "files: {../a: b}", "files: {a//b: c}", "files: {a/: b}", "files: {.: b}", "files: {'a$': b}", "files: {a: 5}", "files: {a: [b]}", "files: {a: {}}", "files: {a: {from: b, template: c}}", "files: {a: {from: ../b}}", "files: {a: {template: /b}}", "files: {a: {form: b}}",
	} {
		it("refuses, as staging does, "+stated, func() {
			const before = "- {name: a, command: b, restart: always, stop-after-app: true, hold-app: true, port: 80, "
			content := before + stated + "}"
			if key, _, _ := strings.Cut(stated, ":"); strings.Contains(before, " "+key+":") {
				content = "- {name: a, " + stated + "}"
			}
			_, err := read(content)
			Expect(err).To(HaveOccurred())
			Expect(validate(compiled(sidecar.Schema()), document(content))).NotTo(Succeed())
		})
	}

	for _, broken := range []string{"a", "1", "sidecars: a", "other: []", "- a", "- {command: b}", "- {name: web, command: b}"} {
		it("refuses, as staging does, the document "+broken, func() {
			_, err := read(broken)
			Expect(err).To(HaveOccurred())
			Expect(validate(compiled(sidecar.Schema()), document(broken))).NotTo(Succeed())
		})
	}

	it("takes the catalog of this buildpack, and knows what a catalog has alone", func() {
		schema := compiled(sidecar.CatalogSchema())
		content, err := os.ReadFile("../../buildpack.toml")
		Expect(err).NotTo(HaveOccurred())
		var buildpack map[string]any
		Expect(toml.Unmarshal(content, &buildpack)).To(Succeed())
		Expect(validate(schema, buildpack)).To(Succeed())
		known := func(key string, value any) map[string]any {
			return map[string]any{"metadata": map[string]any{"sidecars": []any{map[string]any{"name": "a", "executable": "a", key: value}}}}
		}
		Expect(validate(schema, known("default", true))).To(Succeed())
		Expect(validate(schema, known("default", "yes"))).NotTo(Succeed())
		Expect(validate(schema, known("artifact", map[string]any{}))).NotTo(Succeed())
	})
}
