package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
)

func testApp(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("reads several apps with their order", func() {
		apps, err := parseManifest(t, "---\nversion: 1\napplications:\n- name: front\n  stack: cflinuxfs5\n- name: back end\n")
		Expect(err).NotTo(HaveOccurred())
		Expect(apps).To(HaveLen(2))
		Expect(apps[0].Name).To(Equal("front"))
		Expect(apps[0].Stack).To(Equal("cflinuxfs5"))
		Expect(apps[1].Name).To(Equal("back end"))
	})

	it("states nothing where the app says nothing", func() {
		Expect(oneApp(t, "applications: [{name: app}]")).To(Equal(App{
			Name: "app", Environment: map[string]string{}, Launch: controller.App{Processes: []controller.AppProcess{{Type: "web"}}},
		}))
	})

	it("takes a path, a stack and buildpacks as they are written", func() {
		app := oneApp(t, "applications: [{name: app, path: ../x, stack: s, buildpacks: [./b, go_buildpack]}]")
		Expect(app.Path).To(Equal("../x"))
		Expect(app.Stack).To(Equal("s"))
		Expect(app.Buildpacks).To(Equal([]string{"./b", "go_buildpack"}))
	})

	it("reads the single buildpack of old manifests", func() {
		Expect(oneApp(t, "applications: [{name: app, buildpack: go_buildpack}]").Buildpacks).To(Equal([]string{"go_buildpack"}))
		for _, none := range []string{"buildpack: default", "buildpack: 'null'", "buildpack: null", "buildpacks: []", "buildpacks: null"} {
			Expect(oneApp(t, "applications: [{name: app, "+none+"}]").Buildpacks).To(BeEmpty(), none)
		}
	})

	it("follows anchors and merge keys", func() {
		apps, err := parseManifest(t, `
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
		Expect(apps[0].Launch.Processes[0].Memory).To(BeEquivalentTo(256))
		Expect(apps[0].Launch.Processes[0].Check.Type).To(Equal(controller.CheckProcess))
		Expect(apps[0].Environment).To(Equal(map[string]string{"A": "one", "B": "two"}))
		Expect(apps[1].Launch.Processes[0].Memory).To(BeEquivalentTo(512))
		Expect(apps[1].Launch.Processes[0].Check.Type).To(Equal(controller.CheckProcess))
		Expect(*apps[1].Launch.Processes[0].Check.Interval).To(Equal(7))
		Expect(apps[1].Environment).To(Equal(map[string]string{"A": "one", "B": "own", "C": "two"}))
		Expect(apps[0].Notes).To(BeEmpty(), "what only holds an anchor is meant so")
	})

	it("gives each of several apps its own of what an anchor shares", func() {
		apps, err := parseManifest(t, "common: &c {env: {A: b}, buildpacks: [x]}\napplications:\n- {<<: *c, name: one}\n- {<<: *c, name: two}\n")
		Expect(err).NotTo(HaveOccurred())
		apps[0].Environment["A"] = "changed"
		apps[0].Buildpacks[0] = "changed"
		Expect(apps[1].Environment).To(Equal(map[string]string{"A": "b"}))
		Expect(apps[1].Buildpacks).To(Equal([]string{"x"}))
	})

	it("takes the last of a key that is written twice, as the cf CLI does", func() {
		Expect(oneApp(t, "applications:\n- name: a\n  name: b\n").Name).To(Equal("b"))
	})

	context("failure cases", func() {
		it("says that there is no such file", func() {
			_, err := Read(filepath.Join(t.TempDir(), "none.yml"), nil)
			Expect(err).To(MatchError(HavePrefix("failed to read manifest: /")))
			Expect(err).To(MatchError(os.ErrNotExist))
		})

		it("names every problem of every app at once", func() {
			_, err := parseManifest(t, "applications:\n- memory: 1\n- name: b\n  env: {PORT: 1}\n  instances: -1\n- name: b\n")
			Expect(err).To(HaveOccurred())
			Expect(strings.Split(err.Error(), "\n")).To(ConsistOf(
				"manifest.yml:2: Name must not be empty; found no name; expected the key name",
				`manifest.yml:2: Process "web": Memory must use a supported unit: B, K, KB, M, MB, G, GB, T, or TB; found "1"; expected a size such as 256M, without blanks`,
				`manifest.yml:4: Env cannot set PORT; found "PORT"; expected another name: the platform sets it`,
				`manifest.yml:5: Process "web": Instances must be greater than or equal to 0; found the number -1`,
				`manifest.yml:6: the app "b" is here twice; expected a name of its own for each app, as each is run here`,
			))
		})
	})
}
