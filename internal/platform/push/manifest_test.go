package push

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

// oneApp is the only app of a manifest with that content.
func oneApp(t *testing.T, content string) Application {
	t.Helper()
	g := NewWithT(t)
	applications, err := LoadManifest(platformtest.WriteFile(t, filepath.Join(t.TempDir(), "manifest.yml"), content, 0o644), nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(applications).To(HaveLen(1))
	return applications[0]
}

func testManifest(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("takes the platform's defaults where the app says nothing", func() {
		Expect(oneApp(t, "applications: [{name: app}]")).To(Equal(Application{
			Name:        "app",
			Environment: map[string]string{},
			Launch:      controller.App{Processes: []controller.AppProcess{{Type: "web"}}},
			HealthChecks: map[string]HealthCheck{"web": {
				Type: HealthCheckPort, Endpoint: "/",
				StartTimeout: time.Minute, InvocationTimeout: time.Second, Interval: 30 * time.Second,
			}},
		}))
	})

	it("takes what the manifest says of each process's check", func() {
		app := oneApp(t, "applications:\n- name: app\n  timeout: 4\n  processes:\n"+
			"  - {type: worker, health-check-type: http, health-check-http-endpoint: /ok, health-check-invocation-timeout: 2, health-check-interval: 3}\n  - {type: clock}\n")
		Expect(app.HealthChecks["web"].StartTimeout).To(Equal(4 * time.Second))
		Expect(app.HealthChecks["worker"]).To(Equal(HealthCheck{
			Type: HealthCheckHTTP, Endpoint: "/ok", StartTimeout: time.Minute, InvocationTimeout: 2 * time.Second, Interval: 3 * time.Second,
		}))
		Expect(app.HealthChecks["clock"].Type).To(Equal(HealthCheckProcess))
	})

	it("CF-50 has the environment and the notes of what the platform would make of the manifest", func() {
		app := oneApp(t, "applications:\n- {name: app, env: {V: 1.10}}\n")
		Expect(app.Environment).To(Equal(map[string]string{"V": "1.1"}))
		Expect(app.Notes).To(ConsistOf(HaveSuffix("manifest.yml:2: env: V: 1.10 arrives as 1.1; put it in quotes to keep it")))
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
			applications, err := LoadManifest(platformtest.WriteFile(t, filepath.Join(dir, "m.yml"), "applications:\n- {name: app, "+app+"}\n", 0o644), nil)
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
			Expect(load("buildpack: my-buildpack").Buildpacks).To(Equal([]string{filepath.Join(dir, "my-buildpack")}))
		})

		it("takes the name of the platform's own buildpack for it, whatever lies there", func() {
			Expect(load("buildpacks: [" + BuiltinBuildpack + "]").Buildpacks).To(Equal([]string{BuiltinBuildpack}))
		})
	})

	context("failure cases", func() {
		it("names everything that is wrong", func() {
			_, err := LoadManifest(platformtest.WriteFile(t, filepath.Join(t.TempDir(), "m.yml"), "applications:\n- {name: app, memory: 1, instances: -1}\n", 0o644), manifest.Variables{})
			Expect(err).To(MatchError(And(ContainSubstring("m.yml:2: Process \"web\": Memory must use a supported unit"), ContainSubstring("\n"), ContainSubstring("m.yml:2: Process \"web\": Instances must be"))))
		})
	})
}
