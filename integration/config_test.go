package integration_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testConfig runs sidecars that ask the app's config-server when they start.
func testConfig(t *testing.T, context spec.G, it spec.S) {
	const configuration = `{"db": {"url": "postgres://db", "pool": 5}, "hosts": ["a", "b"]}`

	it("gives sidecars values of the configuration, as variables and in files", func() {
		directory := app(t, map[string]string{
			"Procfile": "web: " + forever, "config.json": configuration,
			"sidecars.yml": `
- name: reader
  memory: 16M
  env: {URL: {config: db.url}, MISSING: {config: db.ulr, default: none}, POOL: '$PREFIX', PREFIX: {config: db.pool}}
  files: {conf: '{{ config "hosts" | json }} {{ config "db.pool" }}'}
  command: 'echo "url $URL missing $MISSING file $(cat "$SIDECAR_FILES/conf") pool $PREFIX"; exec sleep 1000'
- {name: config-server, env: {CONFIG_SERVER_CONFIG: config.json}}
`,
			"manifest.yml": "applications: [{name: app, health-check-type: process, env: {CONFIG_SERVER_PORT: " + testport.Free(t) + "}}]",
		})
		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
		s.expectLine(sidecarSource("reader"), `url postgres://db missing none file ["a","b"] 5 pool 5`)
		s.stop()
	})

	it("gives the app values of the configuration, and waits for them, unless it has set them itself", func() {
		directory := app(t, map[string]string{
			"Procfile": `web: sleep 0; echo "url $URL region $REGION own $OWN"; exec sleep 1000`,
			"sidecars.yml": `
- name: config-server
  command: sleep 3; exec config-server
  app-env: {URL: {config: db.url}, REGION: {config: region, default: eu}, OWN: {config: db.nothing}}
`,
			"manifest.yml": "applications: [{name: app, health-check-type: process, env: {OWN: set, CONFIG_SERVER_PORT: " + testport.Free(t) + ", CONFIG_SERVER_CONFIG: '{\"db\": {\"url\": \"x$HOME\"}}'}}]",
		})
		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
		s.expectLine("APP/PROC/WEB/0", "url x$HOME region eu own set")
		s.stop()
	})

	it("fails a sidecar that asks for what there is not, and says what may be meant", func() {
		directory := app(t, map[string]string{
			"Procfile": "web: " + forever, "config.json": configuration,
			"sidecars.yml": "- {name: reader, memory: 16M, env: {URL: {config: db.ulr}}, command: exec sleep 1000}\n- {name: config-server, env: {CONFIG_SERVER_CONFIG: config.json}}\n",
			"manifest.yml": "applications: [{name: app, health-check-type: process, env: {CONFIG_SERVER_PORT: " + testport.Free(t) + "}}]",
		})
		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
		NewWithT(t).Eventually(s.log).Should(ContainSubstring("[" + sidecarSource("reader") + `] ERR [sidecar-render] reader: env: URL: found no key "db.ulr" in the configuration; expected one, or a default; did you mean "db.url"?`))
	})
}
