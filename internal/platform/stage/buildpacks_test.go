package stage

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"

	"code.cloudfoundry.org/buildpackapplifecycle"
)

func testBuildpacks(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		dir    string
		p      *Stager
		config buildpackapplifecycle.LifecycleBuilderConfig
	)

	it.Before(func() {
		dir = t.TempDir()
		p = &Stager{Builtin: Builtin{
			Files:      fstest.MapFS{"manifest.yml": {Data: []byte("language: sidecar\n")}},
			Executable: "/opt/sidecar",
			Programs:   []string{"detect", "supply", "finalize", "release"},
		}}
		config = buildpackapplifecycle.NewLifecycleBuilderConfig(nil, true, false)
		Expect(config.Set("buildpacksDir", filepath.Join(dir, "placed"))).To(Succeed())
		Expect(os.Mkdir(filepath.Join(dir, "placed"), 0o755)).To(Succeed())
	})

	place := func(names ...string) error { return p.placeBuildpacks(t.Context(), config, push.Application{}, names) }
	placed := func(name string) []string { return platformtest.Tree(t, config.BuildpackPath(buildpackKey(name))) }

	// directory makes a buildpack with those programs.
	directory := func(name string, mode fs.FileMode, programs ...string) string {
		path := filepath.Join(dir, name)
		Expect(os.MkdirAll(filepath.Join(path, "bin"), 0o755)).To(Succeed())
		for _, program := range programs {
			platformtest.WriteFile(t, filepath.Join(path, "bin", program), "#!/bin/sh\n", mode)
		}
		return path
	}

	it("places the platform's own", func() {
		Expect(place(push.BuiltinBuildpack)).To(Succeed())
		Expect(placed(push.BuiltinBuildpack)).To(Equal([]string{
			"drwxr-xr-x bin", "Lrwxrwxrwx bin/detect -> /opt/sidecar", "Lrwxrwxrwx bin/finalize -> /opt/sidecar",
			"Lrwxrwxrwx bin/release -> /opt/sidecar", "Lrwxrwxrwx bin/supply -> /opt/sidecar", "-rw-r--r-- manifest.yml",
		}))
	})

	it("places a copy of a directory, with its links and modes, and without what no package has", func() {
		name := directory("my buildpack", 0o755, "supply", "finalize")
		platformtest.WriteFile(t, filepath.Join(name, "lib/data"), "x", 0o640)
		Expect(os.Mkdir(filepath.Join(name, "empty"), 0o755)).To(Succeed())
		Expect(os.Symlink("../lib/data", filepath.Join(name, "bin/link"))).To(Succeed())
		for _, never := range []string{".git/objects/pack", ".hg/store", ".svn/wc.db", ".sidecar/app/droplet.tgz"} {
			platformtest.WriteFile(t, filepath.Join(name, never), "x", 0o644)
		}
		platformtest.WriteFile(t, filepath.Join(name, "lib/.git/kept"), "x", 0o644)
		t.Chdir(dir)
		Expect(place("my buildpack", name)).To(Succeed())
		for _, key := range []string{"my buildpack", name} {
			Expect(placed(key)).To(Equal([]string{
				"drwxr-xr-x bin", "-rwxr-xr-x bin/finalize", "Lrwxrwxrwx bin/link -> ../lib/data", "-rwxr-xr-x bin/supply", "drwxr-xr-x empty",
				"drwxr-xr-x lib", "drwxr-xr-x lib/.git", "-rw-r--r-- lib/.git/kept", "-rw-r----- lib/data",
			}))
		}
		platformtest.WriteFile(t, filepath.Join(config.BuildpackPath(buildpackKey(name)), "lib/data"), "written in place", 0o640)
		Expect(os.ReadFile(filepath.Join(name, "lib/data"))).To(Equal([]byte("x")))
	})

	it("leaves out the staging's own directory where it is below the buildpack", func() {
		Expect(os.MkdirAll(filepath.Join(dir, "bin"), 0o755)).To(Succeed())
		platformtest.WriteFile(t, filepath.Join(dir, "bin/supply"), "x", 0o755)
		platformtest.WriteFile(t, filepath.Join(dir, "bin/finalize"), "x", 0o755)
		staging := filepath.Join(dir, "tmp/sidecar-staging-1/tmp")
		Expect(config.Set("buildpacksDir", filepath.Join(staging, "buildpacks"))).To(Succeed())
		Expect(os.MkdirAll(filepath.Join(staging, "buildpacks"), 0o755)).To(Succeed())
		Expect(place(dir)).To(Succeed())
		Expect(placed(dir)).To(ContainElements("-rwxr-xr-x bin/supply", "drwxr-xr-x tmp/sidecar-staging-1"))
		Expect(placed(dir)).NotTo(ContainElement("drwxr-xr-x tmp/sidecar-staging-1/tmp"))
	})

	it("unpacks a zip", func() {
		name := platformtest.WriteZip(t, filepath.Join(dir, "b.zip"), "", platformtest.Entry("bin/supply", 0o755, "x"), platformtest.Entry("bin/finalize", 0o750, "x"), platformtest.Entry("manifest.yml", 0o644, "x"))
		Expect(place(name)).To(Succeed())
		Expect(placed(name)).To(Equal([]string{"drwxr-xr-x bin", "-rwxr-x--- bin/finalize", "-rwxr-xr-x bin/supply", "-rw-r--r-- manifest.yml"}))
	})

	it("takes a zip with one directory in it, as the builder does", func() {
		name := platformtest.WriteZip(t, filepath.Join(dir, "b.zip"), "", platformtest.Entry("buildpack-1.0/bin/compile", 0o755, "x"))
		Expect(place(name)).To(Succeed())
	})

	it("takes the same one twice", func() {
		name := directory("b", 0o755, "supply", "finalize")
		Expect(place(name, push.BuiltinBuildpack, name, push.BuiltinBuildpack)).To(Succeed())
	})

	for _, url := range []string{"https://example.com/b.zip", "http://127.0.0.1:1/b.git#v1", "file:///srv/b.git"} {
		it("leaves "+url+" to the builder", func() {
			Expect(place(url)).To(Succeed())
			Expect(config.BuildpackPath(url)).NotTo(BeADirectory())
		})
	}

	it("tells the builder of a comma in another way, at which it takes the list of names apart", func() {
		Expect(buildpackKey("/a,b")).To(Equal("/a%2Cb"))
		name := directory("a,b", 0o755, "supply", "finalize")
		Expect(place(name)).To(Succeed())
		Expect(placed(name)).To(ContainElement("-rwxr-xr-x bin/supply"))
	})

	context("failure cases", func() {
		for _, name := range []string{"golang_pack", "./none", "", "git@example.com:b.git"} {
			it("says of '"+name+"' that there is none, and what is expected", func() {
				Expect(place(name)).To(MatchError("buildpack " + name + ": there is no such buildpack here; expected a directory, a zip, a URL that starts with https://, http:// or file://, the name sidecar_buildpack, or that of a language's buildpack such as ruby_buildpack"))
			})
		}

		it("asks whether another one in the same directory was meant, or the built-in one", func() {
			name := directory("my-buildpack", 0o755, "supply", "finalize")
			Expect(place(strings.TrimSuffix(name, "ck") + "kc")).To(MatchError(ContainSubstring("there is no such buildpack here; did you mean " + name + "? Expected a directory")))
			t.Chdir(filepath.Dir(name))
			Expect(place("my-bildpack")).To(MatchError(ContainSubstring("; did you mean my-buildpack? Expected")))
			Expect(place("sidecar-buildpak")).To(MatchError(ContainSubstring("; did you mean sidecar_buildpack? Expected")))
		})

		it("refuses a file that is not a zip", func() {
			name := platformtest.WriteFile(t, filepath.Join(dir, "b.tgz"), "x", 0o644)
			Expect(place(name)).To(MatchError("buildpack " + name + ": it is neither a directory nor a zip archive"))
		})

		it("refuses a zip that has lost the permissions, and says what helps", func() {
			name := platformtest.WriteZip(t, filepath.Join(dir, "b.zip"), "", platformtest.Entry("bin/supply", 0o644, "x"), platformtest.Entry("bin/finalize", 0o644, "x"))
			Expect(place(name)).To(MatchError("buildpack " + name + ": bin/finalize is not executable, and the platform could not run it; run chmod +x on it, and pack a zip with a tool that keeps permissions"))
		})

		it("refuses a directory with a program that cannot be run, and does not mind other files", func() {
			name := directory("b", 0o755, "supply", "finalize")
			platformtest.WriteFile(t, filepath.Join(name, "bin/README"), "x", 0o644)
			Expect(place(name)).To(Succeed())
			Expect(os.RemoveAll(config.BuildpackPath(name))).To(Succeed())
			platformtest.WriteFile(t, filepath.Join(name, "bin/detect"), "x", 0o644)
			Expect(place(name)).To(MatchError(ContainSubstring("bin/detect is not executable")))
		})

		it("refuses a directory without programs", func() {
			name := filepath.Join(dir, "b")
			platformtest.WriteFile(t, filepath.Join(name, "README"), "x", 0o644)
			Expect(place(name)).To(MatchError("buildpack " + name + ": it has no directory bin, so it is not a buildpack"))
		})

		it("CF-01: refuses one behind which another follows, but which has no supply", func() {
			name := directory("b", 0o755, "detect", "compile", "release")
			Expect(place(name, push.BuiltinBuildpack)).To(MatchError("buildpack " + name + ": it has no bin/supply, so it can only be the last buildpack"))
			Expect(os.RemoveAll(config.BuildpackPath(name))).To(Succeed())
			Expect(place(push.BuiltinBuildpack, name)).To(Succeed())
		})

		it("CF-01: refuses one in last place that has neither finalize nor compile", func() {
			name := directory("b", 0o755, "supply")
			Expect(place(name)).To(MatchError("buildpack " + name + ": it has neither bin/finalize nor bin/compile, so it cannot be the last buildpack; name another one behind it"))
		})

		it("refuses files that cannot be packed, without waiting for a writer", func() {
			name := directory("b", 0o755, "supply", "finalize")
			Expect(syscall.Mkfifo(filepath.Join(name, "fifo"), 0o600)).To(Succeed())
			Expect(place(name)).To(MatchError("buildpack " + name + ": failed to copy it: " + filepath.Join(name, "fifo") + " is neither a file, a directory nor a symbolic link; a push takes no other"))
		})

		it("refuses a program that leads nowhere", func() {
			name := directory("b", 0o755, "finalize")
			Expect(os.Symlink("none", filepath.Join(name, "bin/supply"))).To(Succeed())
			Expect(place(name)).To(MatchError(ContainSubstring("bin/supply: there is no such file")))
		})

		it("refuses a buildpack that no staging container has room for", func() {
			path, destination := platformtest.ClaimZip(t, filepath.Join(dir, "buildpack.zip"), 1<<32, 1), t.TempDir()
			Expect(unzipBuildpack(t.Context(), path, destination)).To(MatchError("found more than 4096 MB in the archive; expected what fits into a staging container"))
			Expect(platformtest.Tree(t, destination)).To(BeEmpty())
		})

		it("refuses a zip that writes outside", func() {
			name := platformtest.WriteZip(t, filepath.Join(dir, "b.zip"), "", platformtest.Entry("../../evil", 0o755, "x"))
			Expect(place(name)).To(MatchError(ContainSubstring("path escapes from parent")))
			Expect(filepath.Join(dir, "evil")).NotTo(BeAnExistingFile())
		})
	})
}
