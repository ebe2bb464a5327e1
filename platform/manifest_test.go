package platform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// loadManifest loads a manifest with that content, and variables given as
// NAME=VALUE.
func loadManifest(t *testing.T, content string, pairs ...string) ([]Application, error) {
	t.Helper()
	variables, err := LoadVariables(nil, pairs)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return LoadManifest(write(t, filepath.Join(t.TempDir(), "manifest.yml"), content, 0o644), variables)
}

// oneApp is the only app of such a manifest.
func oneApp(t *testing.T, content string, pairs ...string) Application {
	t.Helper()
	g := NewWithT(t)
	applications, err := loadManifest(t, content, pairs...)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(applications).To(HaveLen(1))
	return applications[0]
}

func testManifest(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("reads several apps with their order", func() {
		applications, err := loadManifest(t, "---\nversion: 1\napplications:\n- name: front\n  stack: cflinuxfs5\n- name: back end\n")
		Expect(err).NotTo(HaveOccurred())
		Expect(applications).To(HaveLen(2))
		Expect(applications[0].Name).To(Equal("front"))
		Expect(applications[0].Stack).To(Equal("cflinuxfs5"))
		Expect(applications[1].Name).To(Equal("back end"))
	})

	it("takes the platform's defaults where the app says nothing", func() {
		Expect(oneApp(t, "applications: [{name: app}]")).To(Equal(Application{
			Name:        "app",
			Environment: map[string]string{},
			Launch:      launch.App{Processes: []launch.AppProcess{{Type: "web", Instances: 1}}},
			HealthChecks: map[string]HealthCheck{"web": {
				Type: HealthCheckPort, Endpoint: "/",
				StartTimeout: time.Minute, InvocationTimeout: time.Second, Interval: 30 * time.Second,
			}},
		}))
	})

	it("turns scalars of every kind into the text of a variable", func() {
		app := oneApp(t, `
applications:
- name: app
  env:
    TEXT: a text
    QUOTED: "007"
    NUMBER: 42
    NEGATIVE: -1
    HEXADECIMAL: 0x10
    GROUPED: 1_000
    SHOUTED: True
    LARGE: 12345678901234567890
    FRACTION: 1.50
    YES: true
    NO: false
    NOTHING:
    NULL_WORD: null
    DATE: 2026-11-20
    JSON: '{"a": [1]}'
    LINES: |
      one
      two
`)
		Expect(app.Environment).To(Equal(map[string]string{
			"TEXT": "a text", "QUOTED": "007", "NUMBER": "42", "NEGATIVE": "-1", "HEXADECIMAL": "16", "GROUPED": "1000", "SHOUTED": "true", "LARGE": "12345678901234567890",
			"FRACTION": "1.50", "YES": "true", "NO": "false", "NOTHING": "", "NULL_WORD": "", "DATE": "2026-11-20",
			"JSON": `{"a": [1]}`, "LINES": "one\ntwo\n",
		}))
	})

	it("reads sidecars", func() {
		app := oneApp(t, `
applications:
- name: app
  sidecars:
  - name: config-server
    command: ./config-server
    process_types: [web, worker]
    memory: 128
  - {name: monitor, command: bin/monitor, process_types: [web], memory: 64MB, unknown: key}
`)
		for i := range app.Launch.Sidecars {
			app.Launch.Sidecars[i].At = sidecar.Position{}
		}
		Expect(app.Launch.Sidecars).To(Equal([]sidecar.Definition{
			{Name: "config-server", Command: "./config-server", ProcessTypes: []string{"web", "worker"}, Memory: 128},
			{Name: "monitor", Command: "bin/monitor", ProcessTypes: []string{"web"}, Memory: 64},
		}))
	})

	it("drops keys that it does not know", func() {
		Expect(oneApp(t, "applications:\n- {name: app, routes: [{route: a.b}], disk_quota: 1G, services: [db], random-route: true, metadata: {labels: {a: b}}}").Name).To(Equal("app"))
	})

	it("follows anchors and merge keys", func() {
		applications, err := loadManifest(t, `
common: &common
  memory: 256M
  health-check-type: process
  env: &env {A: one, B: &b two}
timeouts: &timeouts {health-check-interval: 7}
applications:
- <<: *common
  name: first
- <<: [*common, *timeouts]
  name: second
  memory: 512M
  env:
    <<: *env
    B: own
    C: *b
`)
		Expect(err).NotTo(HaveOccurred())
		Expect(applications[0].Launch.Processes[0].Memory).To(BeEquivalentTo(256))
		Expect(applications[0].HealthChecks["web"].Type).To(Equal(HealthCheckProcess))
		Expect(applications[0].Environment).To(Equal(map[string]string{"A": "one", "B": "two"}))
		Expect(applications[1].Launch.Processes[0].Memory).To(BeEquivalentTo(512))
		Expect(applications[1].HealthChecks["web"].Type).To(Equal(HealthCheckProcess))
		Expect(applications[1].HealthChecks["web"].Interval).To(Equal(7 * time.Second))
		Expect(applications[1].Environment).To(Equal(map[string]string{"A": "one", "B": "own", "C": "two"}))
	})

	it("gives each of several apps its own of what an anchor shares", func() {
		applications, err := loadManifest(t, "common: &c {env: {A: b}, buildpacks: [x]}\napplications:\n- {<<: *c, name: one}\n- {<<: *c, name: two}\n")
		Expect(err).NotTo(HaveOccurred())
		applications[0].Environment["A"] = "changed"
		applications[0].Buildpacks[0] = "changed"
		Expect(applications[1].Environment).To(Equal(map[string]string{"A": "b"}))
		Expect(applications[1].Buildpacks).To(Equal([]string{"x"}))
	})

	context("paths", func() {
		var dir string

		it.Before(func() {
			dir = t.TempDir()
			Expect(os.MkdirAll(filepath.Join(dir, "my-buildpack"), 0o755)).To(Succeed())
			Expect(os.MkdirAll(filepath.Join(dir, BuiltinBuildpack), 0o755)).To(Succeed())
		})

		load := func(app string) Application {
			t.Helper()
			applications, err := LoadManifest(write(t, filepath.Join(dir, "m.yml"), "applications:\n- {name: app, "+app+"}\n", 0o644), nil)
			Expect(err).NotTo(HaveOccurred())
			return applications[0]
		}

		it("takes the app's path from the manifest's directory", func() {
			Expect(load("path: ../other/app").Path).To(Equal(filepath.Join(filepath.Dir(dir), "other/app")))
			Expect(load("path: /srv/app").Path).To(Equal("/srv/app"))
			Expect(load("path: ").Path).To(BeEmpty())
		})

		it("takes buildpacks from there if they are, and leaves names and URLs", func() {
			Expect(load("buildpacks: [my-buildpack, go_buildpack, 'https://example.com/x.git#v1']").Buildpacks).
				To(Equal([]string{filepath.Join(dir, "my-buildpack"), "go_buildpack", "https://example.com/x.git#v1"}))
		})

		it("takes the name of the platform's own buildpack for it, whatever lies there", func() {
			Expect(load("buildpacks: [" + BuiltinBuildpack + "]").Buildpacks).To(Equal([]string{BuiltinBuildpack}))
		})

		it("reads the single buildpack of old manifests", func() {
			Expect(load("buildpack: go_buildpack").Buildpacks).To(Equal([]string{"go_buildpack"}))
			for _, none := range []string{"default", "'null'", "null", "''"} {
				Expect(load("buildpack: " + none).Buildpacks).To(BeEmpty())
			}
			Expect(load("buildpacks: []").Buildpacks).To(BeEmpty())
		})
	})

	context("failure cases", func() {
		it("says that there is no such file", func() {
			_, err := LoadManifest(filepath.Join(t.TempDir(), "none.yml"), nil)
			Expect(err).To(MatchError(ContainSubstring("failed to read manifest: open ")))
			Expect(err).To(MatchError(os.ErrNotExist))
		})

		it("names every problem of every app at once", func() {
			_, err := loadManifest(t, "applications:\n- memory: 1\n- name: b\n  env: {PORT: 1}\n  instances: -1\n- name: b\n")
			Expect(err).To(HaveOccurred())
			Expect(strings.Split(err.Error(), "\n")).To(ConsistOf(
				HaveSuffix("manifest.yml:2: the app has no name; expected the key name"),
				HaveSuffix(`manifest.yml:2: Process "web": memory: found "1"; expected a size with a unit: B, K, KB, M, MB, G, GB, T, or TB`),
				HaveSuffix("manifest.yml:4: env: cannot set PORT"),
				HaveSuffix(`manifest.yml:3: Process "web": Instances must be greater than or equal to 0`),
				HaveSuffix(`manifest.yml:6: the app "b" stands there twice; each app needs a name of its own`),
			))
		})
	})
}
