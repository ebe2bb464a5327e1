package platform

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testDroplet(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		droplet Droplet
		p       *Platform
	)

	it.Before(func() {
		droplet = Droplet(t.TempDir())
		p = &Platform{}
	})

	it("CF-12: reads the processes and sidecars of the staging result", func() {
		platformtest.WriteFile(t, droplet.result(), `{"process_types": {"web": "./run"}, "sidecars": [{"name": "config server", "process_types": ["web"], "command": "./s", "memory": 64}, {"name": "b", "process_types": ["web", "worker"], "command": "./b"}]}`, 0o644)
		Expect(droplet.Staged()).To(Equal([]launch.Process{
			{Type: "web", Command: "./run"},
			{Type: "config server", Command: "./s", Memory: 64, SidecarFor: []string{"web"}},
			{Type: "b", Command: "./b", SidecarFor: []string{"web", "worker"}},
		}))
	})

	it("CF-51: takes what buildpacks have said besides, by a lifecycle that hands it on", func() {
		platformtest.WriteFile(t, droplet.result(), `{"process_types": {"web": "./run"}, "lifecycle_metadata": {"buildpacks": [{"key": "k", "name": "n", "output_metadata": {"sbom": ["a", {"b": 1}]}}]}}`, 0o644)
		Expect(droplet.Staged()).To(Equal([]launch.Process{{Type: "web", Command: "./run"}}))
	})

	it("takes the place of an earlier one whole", func() {
		staged := Droplet(t.TempDir())
		for _, path := range []string{staged.archive(), staged.result(), staged.cache()} {
			platformtest.WriteFile(t, path, "new", 0o644)
		}
		into := Droplet(filepath.Join(t.TempDir(), "deep", "app"))
		platformtest.WriteFile(t, into.archive(), "old", 0o644)
		Expect(into.replaceWith(staged)).To(Succeed())
		Expect(platformtest.Tree(t, string(into))).To(Equal([]string{"-rw-r--r-- cache.tgz", "-rw-r--r-- droplet.tgz", "-rw-r--r-- result.json"}))
		Expect(os.ReadFile(into.archive())).To(Equal([]byte("new")))
	})

	it("unpacks what the builder has packed", func() {
		platformtest.WriteFile(t, filepath.Join(string(droplet), "app/file"), "x", 0o755)
		output, err := exec.Command("tar", "-czf", droplet.archive(), "-C", string(droplet), "app").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))

		root := t.TempDir()
		Expect(p.untar(t.Context(), droplet.archive(), root)).To(Succeed())
		Expect(platformtest.Tree(t, root)).To(Equal([]string{"drwxr-xr-x app", "-rwxr-xr-x app/file"}))
		Expect(p.family.own).To(BeEmpty())
	})

	it("unpacks with a program whose status is not swept up with those of other containers", func() {
		gate := filepath.Join(t.TempDir(), "gate")
		Expect(syscall.Mkfifo(gate, 0o600)).To(Succeed())
		programs := t.TempDir()
		platformtest.WriteFile(t, filepath.Join(programs, "tar"), "#!/bin/sh\nread line < "+gate+"\n", 0o755)
		t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
		platformtest.WriteFile(t, droplet.archive(), "x", 0o644)
		unpacked := make(chan error, 1)
		go func() { unpacked <- p.untar(t.Context(), droplet.archive(), t.TempDir()) }()

		NewWithT(t).Eventually(func() int {
			p.family.mutex.Lock()
			defer p.family.mutex.Unlock()
			return len(p.family.own)
		}).Should(Equal(1))
		p.family.killDescendants("another container's", "/nowhere")
		Expect(os.WriteFile(gate, []byte("go\n"), 0o600)).To(Succeed())
		NewWithT(t).Eventually(unpacked).Should(Receive(BeNil()))
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
				Expect(Droplet(".sidecar/app").check()).To(refused)
				_, err := Droplet(".sidecar/app").Staged()
				Expect(err).To(refused)
				Expect((&Platform{}).Stage(t.Context(), push.Application{}, Droplet(".sidecar/app"), nil)).To(refused)
			})
		}

		it("replaces links to files", func() {
			into := Droplet(".sidecar/app")
			Expect(os.MkdirAll(string(into), 0o755)).To(Succeed())
			for _, name := range []string{"result.json", "droplet.tgz", "cache.tgz", "result.json.new", "droplet.tgz.new", "cache.tgz.new"} {
				Expect(os.Symlink(filepath.Join(outside, strings.TrimSuffix(name, ".new")), filepath.Join(string(into), name))).To(Succeed())
			}
			Expect(into.check()).To(Succeed())
			Expect(into.replaceWith(staged)).To(Succeed())
			Expect(platformtest.Tree(t, string(into))).To(Equal([]string{"-rw------- cache.tgz", "-rw------- droplet.tgz", "-rw------- result.json"}))
		})

		it("names a directory in the place of a file", func() {
			for _, name := range []string{"result.json", "droplet.tgz", "cache.tgz.new"} {
				into := Droplet(t.TempDir())
				path := filepath.Join(string(into), name)
				Expect(os.Mkdir(path, 0o755)).To(Succeed())
				Expect(into.check()).To(MatchError("failed to open the droplet: " + path + ": found a directory; expected a file, or nothing in its place"))
			}
		})

		it("follows a link that the user has named", func() {
			Expect(os.Symlink(string(staged), "named")).To(Succeed())
			Expect(Droplet("named").check()).To(Succeed())
		})
	})

	context("failure cases", func() {
		it("does not wait for a named pipe in its place", func() {
			Expect(syscall.Mkfifo(droplet.archive(), 0o600)).To(Succeed())
			Expect(p.untar(t.Context(), droplet.archive(), t.TempDir())).To(MatchError("failed to unpack the droplet: " + droplet.archive() + ": found a named pipe; expected a regular file"))
		})

		it("says that the app is to be staged first", func() {
			_, err := droplet.Staged()
			Expect(err).To(MatchError("there is no droplet in " + string(droplet) + "; stage the app first"))
			platformtest.WriteFile(t, filepath.Join(filepath.Dir(string(droplet)), "other", "result.json"), "{}", 0o644)
			_, err = Droplet(filepath.Join(filepath.Dir(string(droplet)), "othre")).Staged()
			Expect(err).To(MatchError(HaveSuffix("othre; did you mean " + filepath.Join(filepath.Dir(string(droplet)), "other") + "? Stage the app first")))
		})

		it("refuses a file in the place of its directory before anything is staged", func() {
			path := platformtest.WriteFile(t, filepath.Join(t.TempDir(), "file"), "x", 0o644)
			Expect(Droplet(path).check()).To(MatchError("failed to open the droplet: " + path + ": found a file; expected a directory, or nothing in its place"))
			_, err := Droplet(path).Staged()
			Expect(err).To(MatchError(ContainSubstring("found a file; expected a directory")))
		})

		it("names the staging result that it cannot read", func() {
			platformtest.WriteFile(t, droplet.result(), "{", 0o644)
			_, err := droplet.Staged()
			Expect(err).To(MatchError(droplet.result() + " is not what sidecar stage has left there; stage the app again"))
		})

		it("says what is wrong with an archive", func() {
			platformtest.WriteFile(t, droplet.archive(), "no archive", 0o644)
			Expect(p.untar(t.Context(), droplet.archive(), t.TempDir())).To(MatchError(And(
				HavePrefix("failed to unpack "+droplet.archive()+": exit status 2: "), ContainSubstring("not in gzip format"))))
		})

		it("says that there is no directory to put it in", func() {
			file := platformtest.WriteFile(t, filepath.Join(string(droplet), "file"), "x", 0o644)
			Expect(Droplet(filepath.Join(file, "app")).replaceWith(droplet)).To(MatchError(ContainSubstring("failed to make the droplet's directory: ")))
		})

		it("says what is missing of what was staged", func() {
			Expect(droplet.replaceWith(Droplet(t.TempDir()))).To(MatchError(And(HavePrefix("failed to place the droplet: rename "), ContainSubstring("no such file or directory"))))
		})
	})
}
