package droplets

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testDroplet(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		droplet Droplet
	)

	it.Before(func() {
		droplet = Droplet(t.TempDir())
	})

	it("CF-12: reads the processes and sidecars of the staging result", func() {
		platformtest.WriteFile(t, droplet.Result(), `{"process_types": {"web": "./run"}, "sidecars": [{"name": "config server", "process_types": ["web"], "command": "./s", "memory": 64}, {"name": "b", "process_types": ["web", "worker"], "command": "./b"}]}`, 0o644)
		Expect(droplet.Staged()).To(Equal([]launch.Process{
			{Type: "web", Command: "./run"},
			{Type: "config server", Command: "./s", Memory: 64, SidecarFor: []string{"web"}},
			{Type: "b", Command: "./b", SidecarFor: []string{"web", "worker"}},
		}))
	})

	it("CF-51: takes what buildpacks have said besides, by a lifecycle that hands it on", func() {
		platformtest.WriteFile(t, droplet.Result(), `{"process_types": {"web": "./run"}, "lifecycle_metadata": {"buildpacks": [{"key": "k", "name": "n", "output_metadata": {"sbom": ["a", {"b": 1}]}}]}}`, 0o644)
		Expect(droplet.Staged()).To(Equal([]launch.Process{{Type: "web", Command: "./run"}}))
	})

	it("takes the place of an earlier one whole", func() {
		staged := Droplet(t.TempDir())
		for _, path := range []string{staged.Archive(), staged.Result(), staged.Cache()} {
			platformtest.WriteFile(t, path, "new", 0o644)
		}
		into := Droplet(filepath.Join(t.TempDir(), "deep", "app"))
		platformtest.WriteFile(t, into.Archive(), "old", 0o644)
		Expect(into.ReplaceWith(staged)).To(Succeed())
		Expect(platformtest.Tree(t, string(into))).To(Equal([]string{"-rw-r--r-- cache.tgz", "-rw-r--r-- droplet.tgz", "-rw-r--r-- result.json"}))
		Expect(os.ReadFile(into.Archive())).To(Equal([]byte("new")))
	})

	context("when a repository has brought its place", func() {
		var outside string
		var staged Droplet

		it.Before(func() {
			t.Chdir(t.TempDir())
			outside, staged = t.TempDir(), Droplet(t.TempDir())
			for _, name := range []string{"result.json", "droplet.tgz", "cache.tgz"} {
				platformtest.WriteFile(t, filepath.Join(outside, name), "the user's", 0o600)
				platformtest.WriteFile(t, filepath.Join(string(staged), name), "{}", 0o600)
			}
		})

		it.After(func() {
			for _, name := range []string{"result.json", "droplet.tgz", "cache.tgz"} {
				Expect(os.ReadFile(filepath.Join(outside, name))).To(Equal([]byte("the user's")))
			}
			Expect(platformtest.Tree(t, outside)).To(HaveLen(3))
		})

		for _, link := range []string{".sidecar", ".sidecar/app"} {
			it("follows no link to another directory: "+link, func() {
				Expect(os.MkdirAll(filepath.Dir(link), 0o755)).To(Succeed())
				Expect(os.Symlink(outside, link)).To(Succeed())
				Expect(os.MkdirAll(filepath.Join(".sidecar", "app"), 0o755)).To(Or(Succeed(), MatchError(syscall.EEXIST)))
				defer os.Remove(filepath.Join(outside, "app"))
				refused := MatchError("failed to open the droplet: " + link + ": found a symbolic link; expected a directory, and no link to one")
				Expect(Droplet(".sidecar/app").Check()).To(refused)
				_, err := Droplet(".sidecar/app").Staged()
				Expect(err).To(refused)
			})
		}

		it("replaces links to files", func() {
			into := Droplet(".sidecar/app")
			Expect(os.MkdirAll(string(into), 0o755)).To(Succeed())
			for _, name := range []string{"result.json", "droplet.tgz", "cache.tgz", "result.json.new", "droplet.tgz.new", "cache.tgz.new"} {
				Expect(os.Symlink(filepath.Join(outside, strings.TrimSuffix(name, ".new")), filepath.Join(string(into), name))).To(Succeed())
			}
			Expect(into.Check()).To(Succeed())
			Expect(into.ReplaceWith(staged)).To(Succeed())
			Expect(platformtest.Tree(t, string(into))).To(Equal([]string{"-rw------- cache.tgz", "-rw------- droplet.tgz", "-rw------- result.json"}))
		})

		it("names a directory in the place of a file", func() {
			for _, name := range []string{"result.json", "droplet.tgz", "cache.tgz.new"} {
				into := Droplet(t.TempDir())
				path := filepath.Join(string(into), name)
				Expect(os.Mkdir(path, 0o755)).To(Succeed())
				Expect(into.Check()).To(MatchError("failed to open the droplet: " + path + ": found a directory; expected a file, or nothing in its place"))
			}
		})

		it("follows a link that the user has named", func() {
			Expect(os.Symlink(string(staged), "named")).To(Succeed())
			Expect(Droplet("named").Check()).To(Succeed())
		})
	})

	context("failure cases", func() {
		it("says that the app is to be staged first", func() {
			_, err := droplet.Staged()
			Expect(err).To(MatchError("there is no droplet in " + string(droplet) + "; stage the app first"))
			platformtest.WriteFile(t, filepath.Join(filepath.Dir(string(droplet)), "other", "result.json"), "{}", 0o644)
			_, err = Droplet(filepath.Join(filepath.Dir(string(droplet)), "othre")).Staged()
			Expect(err).To(MatchError(HaveSuffix("othre; did you mean " + filepath.Join(filepath.Dir(string(droplet)), "other") + "? Stage the app first")))
		})

		it("refuses a file in the place of its directory before anything is staged", func() {
			path := platformtest.WriteFile(t, filepath.Join(t.TempDir(), "file"), "x", 0o644)
			Expect(Droplet(path).Check()).To(MatchError("failed to open the droplet: " + path + ": found a file; expected a directory, or nothing in its place"))
			_, err := Droplet(path).Staged()
			Expect(err).To(MatchError(ContainSubstring("found a file; expected a directory")))
		})

		it("names the staging result that it cannot read", func() {
			platformtest.WriteFile(t, droplet.Result(), "{", 0o644)
			_, err := droplet.Staged()
			Expect(err).To(MatchError(droplet.Result() + " is not what sidecar stage has left there; stage the app again"))
		})

		it("says that there is no directory to put it in", func() {
			file := platformtest.WriteFile(t, filepath.Join(string(droplet), "file"), "x", 0o644)
			Expect(Droplet(filepath.Join(file, "app")).ReplaceWith(droplet)).To(MatchError(ContainSubstring("failed to make the droplet's directory: ")))
		})

		it("says what is missing of what was staged", func() {
			Expect(droplet.ReplaceWith(Droplet(t.TempDir()))).To(MatchError(And(HavePrefix("failed to place the droplet: rename "), ContainSubstring("no such file or directory"))))
		})
	})
}
