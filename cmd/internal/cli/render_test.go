package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testRender(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
		environ        []string
	)

	it.Before(func() {
		t.Chdir(t.TempDir())
		t.Setenv("TMPDIR", t.TempDir())
		environ = nil
		write(t, "Procfile", "web: bin/server\n", 0o644)
		write(t, "manifest.yml", "applications:\n- name: shop\n  memory: 512M\n  buildpacks: [sidecar_buildpack]\n", 0o644)
		write(t, "sidecars.yml", `
- name: agent
  command: run
  memory: 64M
  binding: apm
  env:
    API_KEY: {binding: api_key}
    REGION: {binding: endpoint.region, default: eu}
    LEVEL: info
    URL: https://$API_KEY@example.com
  files:
    agent.yaml: |
      key: {{ binding "api_key" | json }}
      tags: {{ .App.Space }}/{{ .App.Name }}, {{ .Memory }}
      token: {{ env "TOKEN" }}
    rules/base.rego: {from: policies/base.rego}
    t.conf: {template: t.tmpl}
- {name: other, command: run}
`, 0o644)
		write(t, "policies/base.rego", "package base\n", 0o644)
		write(t, "t.tmpl", "{{ binding \"endpoint\" | yaml }}", 0o644)
		write(t, "services.json", `{"user-provided": [{"name": "apm-prod", "tags": ["apm"], "credentials": {"api_key": "s3cret", "endpoint": {"port": 4242}}}]}`, 0o644)
	})
	run := func(args ...string) int {
		stdout.Reset()
		stderr.Reset()
		return Main(carriedForTests, append([]string{"sidecar", "render"}, args...), environ, &stdout, &stderr)
	}

	it("shows variables and files, with a mask in the place of each secret", func() {
		Expect(run("agent", "--services", "services.json", "--env", "TOKEN=s3cret")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(Equal(`shop: agent

API_KEY=********
REGION=eu
LEVEL=info
URL=https://$API_KEY@example.com

==> $SIDECAR_FILES/agent.yaml <==
key: "********"
tags: local/shop, 64M
token: ********

==> $SIDECAR_FILES/rules/base.rego <==
package base

==> $SIDECAR_FILES/t.conf <==
{"port": "********"}
`))
		Expect(stderr.String()).To(BeEmpty())
	})

	it("shows them as JSON", func() {
		environ = []string{`VCAP_SERVICES={"user-provided": [{"name": "apm", "credentials": {"api_key": "s3cret", "endpoint": {"region": "us"}}}]}`}
		Expect(run("agent", "shop", "--output", "json", "--env", "TOKEN=s3cret")).To(Equal(0), stderr.String)
		var shown map[string][]renderedApp
		Expect(json.Unmarshal(stdout.Bytes(), &shown)).To(Succeed())
		Expect(shown).To(Equal(map[string][]renderedApp{"apps": {{
			Name: "shop", Sidecar: "agent",
			Env:   []renderedValue{{"API_KEY", "********"}, {"REGION", "********"}, {"LEVEL", "info"}, {"URL", "https://$API_KEY@example.com"}},
			Files: []renderedFile{{"agent.yaml", "key: \"********\"\ntags: local/shop, 64M\ntoken: ********\n"}, {"rules/base.rego", "package base\n"}, {"t.conf", `{"region": "********"}`}},
		}}}))
	})

	it("masks all that a variable states of the sidecar itself", func() {
		Expect(run("other", "--env", `SIDECAR_OTHER_ENV={A: s3cret, B: {binding: x, of: apm-prod, default: s3cret}}`, "--env", "SIDECAR_OTHER_FILES={f: s3cret}", "--services", "services.json")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(Equal("shop: other\n\nA=********\nB=********\n\n==> $SIDECAR_FILES/f <==\n********\n"))
	})

	it("says that nothing is made for a sidecar", func() {
		Expect(run("other")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(Equal("shop: other\n\nNothing is made for it: it has no files, and no variables of its own.\n"))
	})

	it("completes the names of sidecars and apps", func() {
		for args, expected := range map[string]string{"": "agent\nother\n", "agent ": "shop\n", "agent shop ": ""} {
			stdout.Reset()
			Expect(Main(carriedForTests, append([]string{"sidecar", "__complete", "render", "--services=services.json"}, strings.Split(args, " ")...), nil, &stdout, &stderr)).To(Equal(0))
			Expect(stdout.String()).To(HavePrefix(expected+":4\n"), args)
		}
	})

	context("failure cases, of which none has a secret", func() {
		it.After(func() { Expect(stdout.String() + stderr.String()).NotTo(ContainSubstring("s3cret")) })

		it("says which sidecars there are, and why one is not", func() {
			Expect(run("agnet", "--services", "services.json")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring(`shop: found no sidecar "agnet"; did you mean agent?`))
			Expect(run("agent", "--services", "services.json", "--env", "SIDECAR_AGENT_ENABLED=false")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring(`SIDECAR_AGENT_ENABLED says enabled: false`))
		})

		it("says what is missing", func() {
			write(t, "sidecars.yml", "- {name: agent, command: run, binding: apm, files: {f: '{{ binding \"nope\" }}'}}\n", 0o644)
			Expect(run("agent", "--services", "services.json")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring(`found no key "nope" in the credentials of the service "apm-prod"; expected one, or a default`))
			write(t, "sidecars.yml", "- {name: agent, command: run, files: {f: '{{ env \"NOPE\" }}'}}\n", 0o644)
			Expect(run("agent")).To(Equal(1))
			Expect(stderr.String()).To(ContainSubstring(`files: f:1:4: found no variable "NOPE" in the environment; expected it to be set, or a default`))
		})

		it("says how it is called", func() {
			for _, args := range [][]string{{}, {"a", "b", "c"}} {
				Expect(run(args...)).To(Equal(2))
				Expect(stderr.String()).To(ContainSubstring("arguments; expected the name of a sidecar, and at most that of an app"))
			}
		})
	})
}
