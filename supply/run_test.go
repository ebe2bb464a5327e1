package supply_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testRun(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.write("app/sidecars.yml", "- name: config-server\n- {name: performance monitor, command: 'watch\n\n    it', process_types: [web, worker], memory: 64M}\n- {name: idle, command: wait, memory: 1}\n")
	})

	it("CF-05 declares the sidecars, with commands that do not depend on PATH (CF-16)", func() {
		Expect(s.run()).To(Succeed())
		Expect(s.launched("0")).To(Equal([]launch.Process{
			{Type: "config-server", Command: `"$DEPS_DIR/0/bin/config-server"`, Memory: 32, SidecarFor: []string{"web"}},
			{Type: "performance monitor", Command: "watch\nit", Memory: 64, SidecarFor: []string{"web", "worker"}},
			{Type: "idle", Command: "wait", Memory: 1, SidecarFor: []string{"web"}},
		}))
	})

	it("CF-04 names itself in config.yml", func() {
		Expect(s.run()).To(Succeed())
		content, err := os.ReadFile(s.path("deps/0/config.yml"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(content)).To(MatchYAML("name: sidecar\nversion: 1.2.3\nconfig: {}\n"))
	})

	it("CF-51 names the SBOM of the package, which it leaves in the droplet", func() {
		s.write("buildpack/sbom.cdx.json", "{}\n")
		Expect(s.run()).To(Succeed())
		Expect(os.ReadFile(s.path("deps/0/sbom.cdx.json"))).To(BeEquivalentTo("{}\n"))
		content, err := os.ReadFile(s.path("deps/0/config.yml"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(content)).To(MatchYAML("name: sidecar\nversion: 1.2.3\nconfig: {}\noutput_metadata:\n  sbom:\n    format: application/vnd.cyclonedx+json\n    path: deps/0/sbom.cdx.json\n" +
			"    sha256: ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356\n"))
		Expect(os.Remove(s.path("buildpack/sbom.cdx.json"))).To(Succeed())
		Expect(os.Mkdir(s.path("buildpack/sbom.cdx.json"), 0o755)).To(Succeed())
		Expect(s.run()).To(MatchError(ContainSubstring("failed to copy sbom.cdx.json: ")))
	})

	it("installs the programs that are asked for", func() {
		Expect(s.run()).To(Succeed())
		Expect(s.tree()).To(HaveKeyWithValue("/deps/0/bin/config-server", "-rwxr-xr-x the program"))

		s.write("app/sidecars.yml", "- {name: idle, command: wait}")
		Expect(s.run()).To(Succeed())
		Expect(s.path("deps/0/bin")).NotTo(BeADirectory())
	})

	it("CF-03 writes below its own deps directory and nowhere else", func() {
		s.write("deps/1/config.yml", "name: other")
		before := s.tree()
		Expect(s.run()).To(Succeed())
		Expect(outside(s.tree(), "/deps/0")).To(Equal(outside(before, "/deps/0")))
	})

	it("leaves the same tree where it runs twice", func() {
		Expect(s.run()).To(Succeed())
		first := s.tree()
		Expect(s.run()).To(Succeed())
		Expect(s.tree()).To(Equal(first))
	})

	it("says what it does in the platform's staging style", func() {
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(Equal(`-----> Sidecar Buildpack version 1.2.3
-----> Installing config-server
-----> Sidecar config-server
       processes:   web
       memory:      32M
       command:     "$DEPS_DIR/0/bin/config-server"
-----> Sidecar performance monitor
       processes:   web, worker
       memory:      64M
       command:     "watch\nit"
-----> Sidecar idle
       processes:   web
       memory:      1M
       command:     wait
`))
	})

	it("warns of variables that set nothing", func() {
		s.environ = []string{"SIDECAR_CONFIG_SERVR_MEMORY=1"}
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring(`SIDECAR_CONFIG_SERVR_MEMORY sets nothing: did you mean SIDECAR_CONFIG_SERVER_MEMORY? This app's sidecars are "config-server", "performance monitor", "idle"`))
	})

	it("does not read what is in its cache directory whatever it is, and says so", func() {
		s.write("app/sidecars.yml", "- {name: config-server}\n")
		Expect(syscall.Mkfifo(s.path("cache/BUILDPACK_METADATA"), 0o600)).To(Succeed())
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("It is not known which version has staged the app before: " + s.path("cache/BUILDPACK_METADATA") + ": found a named pipe; expected a regular file of at most 64 KB"))
		Expect(os.Remove(s.path("cache/BUILDPACK_METADATA"))).To(Succeed())
		s.write("cache/BUILDPACK_METADATA", "language: sidecar\nversion: 1.0.0\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("buildpack version changed from 1.0.0 to 1.2.3"))
	})

	it("creates its deps directory if it does not exist", func() {
		Expect(os.RemoveAll(s.path("deps/0"))).To(Succeed())
		Expect(s.run()).To(Succeed())
		Expect(s.launched("0")).To(HaveLen(3))
	})

	it("CF-09 writes config.yml alone where there are no sidecars, and says so", func() {
		Expect(s.run()).To(Succeed())
		Expect(os.Remove(s.path("app/sidecars.yml"))).To(Succeed())
		Expect(s.run()).To(Succeed())
		Expect(os.ReadDir(s.path("deps/0"))).To(HaveExactElements(HaveField("Name()", "config.yml")))
		Expect(s.log.String()).To(Equal("-----> Sidecar Buildpack version 1.2.3\n-----> No sidecars: neither a sidecars.yml in the app nor SIDECARS names one\n"))
	})

	context("when another buildpack has planted links", func() {
		var outside string

		it.Before(func() {
			outside = t.TempDir()
			Expect(os.WriteFile(filepath.Join(outside, "id"), []byte("the user's"), 0o600)).To(Succeed())
			s.write("app/sidecars.yml", "- name: config-server\n")
		})

		it.After(func() {
			Expect(os.ReadDir(outside)).To(HaveLen(1))
			Expect(os.ReadFile(filepath.Join(outside, "id"))).To(Equal([]byte("the user's")))
		})

		plant := func(target, name string) {
			t.Helper()
			Expect(os.RemoveAll(s.path(name))).To(Succeed())
			Expect(os.MkdirAll(filepath.Dir(s.path(name)), 0o755)).To(Succeed())
			Expect(os.Symlink(target, s.path(name))).To(Succeed())
		}

		it("refuses a directory of its own that leads elsewhere, and empties nothing", func() {
			plant(outside, "deps/0")
			Expect(s.run()).To(MatchError("failed to clear " + s.path("deps/0") + ": " + s.path("deps/0") + ": found a symbolic link; expected a directory, and no link to one"))
		})

		it("CF-02 refuses the place of the copy of launch.yml, too", func() {
			s = stage(t, "00")
			s.write("app/sidecars.yml", "- name: config-server\n")
			plant(outside, "deps/0")
			Expect(s.run()).To(MatchError(ContainSubstring(s.path("deps/0") + ": found a symbolic link; expected a directory, and no link to one")))
		})

		it("refuses a deps directory that leads elsewhere", func() {
			plant(outside, "deps")
			Expect(s.run()).To(MatchError(ContainSubstring(s.path("deps") + ": found a symbolic link; expected a directory")))
		})

		it("writes through no link below its own directory", func() {
			for _, name := range []string{"bin", "profile.d", "packages", "run"} {
				plant(outside, "deps/0/"+name)
			}
			for _, name := range []string{"config.yml", "launch.yml", "supervise.conf", "known-sidecars.sh", "app-start.json"} {
				plant(filepath.Join(outside, "id"), "deps/0/"+name)
			}
			Expect(s.run()).To(Succeed())
			for _, name := range []string{"bin/config-server", "config.yml", "launch.yml"} {
				info, err := os.Lstat(s.path("deps/0/" + name))
				Expect(err).NotTo(HaveOccurred())
				Expect(info.Mode().IsRegular()).To(BeTrue(), name)
			}
		})
	})

	context("failure cases", func() {
		for _, broken := range []struct {
			content string
			environ []string
			problem string
		}{
			{"- a", nil, `sidecars.yml:1: sidecar: found "a"; expected a mapping with the key name`},
			{"[]", []string{"SIDECARS=- name: web"}, "SIDECARS:1: sidecar \"web\": found no command; expected the key command, or a name of the catalog: config-server\nSIDECARS:1: sidecar \"web\": found the name of a process type; expected another name, such as \"web-sidecar\": the platform would mix up the two"},
			{"[]", []string{"SIDECARS_CONFIG=../sidecars.yml"}, `SIDECARS_CONFIG: path: found "../sidecars.yml"; expected a path below the app's root, such as config/sidecars.yml`},
			{"- name: config-server", []string{"SIDECAR_CONFIG_SERVER_MEMORY=512K"}, `SIDECAR_CONFIG_SERVER_MEMORY: sidecar "config-server": memory: found "512K", which is 0 whole MB; expected a whole number of MB above 0, such as 128 or 128M`},
		} {
			it("leaves the tree as it is: "+broken.problem, func() {
				Expect(s.run()).To(Succeed())
				s.write("app/sidecars.yml", broken.content)
				s.environ = broken.environ
				before := s.tree()

				err := s.run()
				Expect(err).To(MatchError(broken.problem))
				Expect(err).To(BeAssignableToTypeOf(sidecar.Problems{}))
				Expect(s.tree()).To(Equal(before))
			})
		}

		it("says which program it does not have, and declares nothing", func() {
			Expect(os.Remove(s.path("buildpack/bin/config-server"))).To(Succeed())
			Expect(s.run()).To(MatchError(`failed to install sidecar "config-server": failed to open program: ` + s.path("buildpack/bin/config-server") + ": there is no such file"))
			Expect(s.path("deps/0/launch.yml")).NotTo(BeAnExistingFile())
		})

		it("says that the app is missing", func() {
			Expect(os.RemoveAll(s.path("app"))).To(Succeed())
			Expect(s.run()).To(MatchError(HavePrefix("failed to open the app: ")))
		})

		it("refuses a stack that it was not packaged for", func() {
			s.write("buildpack/manifest.yml", "language: sidecar\nstack: cflinuxfs4\ndependencies: []\n")
			Expect(s.run()).To(Succeed())
			s.stack = "cflinuxfs3"
			Expect(s.run()).To(MatchError("failed to check the buildpack: found the stack cflinuxfs3; expected cflinuxfs4, for which this buildpack was packaged"))
		})

		it("says that the buildpack has no version", func() {
			Expect(os.Remove(s.path("buildpack/VERSION"))).To(Succeed())
			before := s.tree()
			Expect(s.run()).To(MatchError(HavePrefix("failed to check the buildpack: ")))
			Expect(s.tree()).To(Equal(before))
		})
	})
}
