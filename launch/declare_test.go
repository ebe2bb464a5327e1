package launch_test

import (
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

func testDeclare(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		catalog sidecar.Catalog
		app     fstest.MapFS
	)

	it.Before(func() {
		var err error
		catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte("[[metadata.sidecars]]\nname = \"known\"\nexecutable = \"known-program\"\nmemory = 32\n")})
		Expect(err).NotTo(HaveOccurred())
		app = fstest.MapFS{
			"sidecars.yml": {Data: []byte("- name: known\n- {name: own, command: run, memory: 64M, process_types: [worker]}\n")},
			"Procfile":     {Data: []byte("worker: work\nweb: serve\n")},
		}
	})

	it("has the sidecars of this buildpack and the processes of the Procfile", func() {
		declared, resolved, err := launch.Declared(app, sidecar.Request{Catalog: catalog, Environ: []string{"SIDECAR_OWN_MEMORY=1G", "SIDECAR_NONE_MEMORY=1G"}}, "03")
		Expect(err).NotTo(HaveOccurred())
		Expect(declared).To(Equal([]launch.Process{
			{Type: "known", Command: `"$DEPS_DIR/03/bin/known-program"`, Memory: 32, SidecarFor: []string{"web"}},
			{Type: "own", Command: "run", Memory: 1024, SidecarFor: []string{"worker"}},
			{Type: "web", Command: "serve"},
			{Type: "worker", Command: "work"},
		}))
		Expect(resolved.Warnings).To(ConsistOf(ContainSubstring("SIDECAR_NONE_MEMORY")))
	})

	it("has nothing of an app that declares nothing", func() {
		declared, _, err := launch.Declared(fstest.MapFS{}, sidecar.Request{Catalog: catalog}, "0")
		Expect(declared, err).To(BeEmpty())
	})

	context("failure cases", func() {
		it("names what is wrong with the app's declarations", func() {
			app["sidecars.yml"].Data = []byte("- {name: own}\n")
			_, _, err := launch.Declared(app, sidecar.Request{Catalog: catalog}, "0")
			Expect(err).To(MatchError(ContainSubstring(`sidecars.yml:1: sidecar "own": found no command`)))
		})

		it("PR-07 refuses a sidecar with the name of a process of the Procfile", func() {
			app["Procfile"].Data = []byte("own: x\n")
			_, _, err := launch.Declared(app, sidecar.Request{Catalog: catalog}, "0")
			Expect(err).To(MatchError(`sidecars.yml:2: sidecar "own": found a name that is taken by a process type of the app's Procfile; expected another name: the platform would run only one of the two`))
		})

		it("says that the Procfile cannot be read", func() {
			app["Procfile"].Data = []byte("- a\n")
			_, _, err := launch.Declared(app, sidecar.Request{Catalog: catalog}, "0")
			Expect(err).To(MatchError(HavePrefix("Procfile:1: ")))
		})
	})
}
