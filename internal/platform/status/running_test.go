package status

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
)

func testRunning(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      struct {
			Environ []string
			TempDir string
		}
	)

	it.Before(func() {
		p.Environ, p.TempDir = nil, t.TempDir()
	})
	app := func(name string) RunningApp {
		return RunningApp{Name: name, Directory: "/here", Plan: controller.Plan{
			Processes: []controller.PlannedProcess{{Type: "web", Memory: 256, Sidecars: []controller.PlannedSidecar{}}}, Refusals: controller.Refusals{}, Warnings: []string{}}}
	}

	it("tells of an app while it runs, and leaves nothing", func() {
		announcedA, err := announceRunning(app("a"), p.Environ, p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		announcedB, err := announceRunning(app("b"), p.Environ, p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		Expect(RunningApps(p.Environ, p.TempDir)).To(Equal([]RunningApp{app("a"), app("b")}))
		announcedA.withdraw()
		Expect(RunningApps(p.Environ, p.TempDir)).To(Equal([]RunningApp{app("b")}))
		announcedB.withdraw()
		Expect(RunningApps(p.Environ, p.TempDir)).To(BeEmpty())
		Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
	})

	it("tells of apps that come and go at once", func() {
		var all sync.WaitGroup
		failed := make(chan error, 800)
		for range 8 {
			all.Go(func() {
				for range 50 {
					announced, err := announceRunning(app("a"), p.Environ, p.TempDir)
					if err != nil {
						failed <- err
						continue
					}
					_, err = RunningApps(p.Environ, p.TempDir)
					failed <- err
					failed <- announced.tell([]RunningInstance{{Type: "web"}})
					announced.withdraw()
				}
			})
		}
		all.Wait()
		close(failed)
		for err := range failed {
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
	})

	it("does not tell of an app whose run was killed, and removes what it has left", func() {
		directory := runningDirectories(nil, p.TempDir)[0]
		Expect(os.Mkdir(directory, 0o700)).To(Succeed())
		left := filepath.Join(directory, "left.json")
		Expect(os.WriteFile(left, []byte(`{"name": "a"}`), 0o600)).To(Succeed())
		Expect(RunningApps(p.Environ, p.TempDir)).To(BeEmpty())
		Expect(left).NotTo(BeAnExistingFile())
	})

	it("tells of the instances as they are now, and removes what a killed run has told of them", func() {
		announced, err := announceRunning(app("a"), p.Environ, p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		instances := []RunningInstance{{Type: "web", Health: HealthCrashed, Since: time.Unix(5, 0).UTC(), Restarts: 3, Details: "x"}, {Type: "web", Index: 1, Root: "/root", Pids: []int{4, 5}}}
		Expect(announced.tell(instances[1:])).To(Succeed())
		Expect(announced.tell(instances)).To(Succeed())
		running, err := RunningApps(p.Environ, p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		Expect(running).To(HaveLen(1))
		Expect(running[0].Instances).To(Equal(instances))

		Expect(announced.file.Close()).To(Succeed()) // as the end of its run does
		Expect(RunningApps(p.Environ, p.TempDir)).To(BeEmpty())
		Expect(os.ReadDir(runningDirectories(nil, p.TempDir)[0])).To(BeEmpty())
	})

	context("failure cases", func() {
		it("says that what is told of instances makes no sense, and knows of all other apps", func() {
			announced, err := announceRunning(app("a"), p.Environ, p.TempDir)
			Expect(err).NotTo(HaveOccurred())
			other, err := announceRunning(app("b"), p.Environ, p.TempDir)
			Expect(err).NotTo(HaveOccurred())
			platformtest.WriteFile(t, announced.path+instancesSuffix, "none", 0o600)
			running, err := RunningApps(p.Environ, p.TempDir)
			Expect(err).To(MatchError(And(HavePrefix("failed to read of a running app: failed to parse "), ContainSubstring(".instances: "))))
			Expect(running).To(Equal([]RunningApp{app("b")}))
			announced.withdraw()
			other.withdraw()
			Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
		})

		it("does not wait", func() {
			announced, err := announceRunning(app("a"), p.Environ, p.TempDir)
			Expect(err).NotTo(HaveOccurred())
			defer announced.withdraw()
			Expect(syscall.Mkfifo(filepath.Join(runningDirectories(nil, p.TempDir)[0], "b.json"), 0o600)).To(Succeed())
			running, err := RunningApps(p.Environ, p.TempDir)
			Expect(err).To(MatchError(HaveSuffix("b.json is not a regular file")))
			Expect(running).To(Equal([]RunningApp{app("a")}))
		})

		// Another user may have put something in the place of the directory; a mode that lets others
		// write replaces another owner, which only root could set.
		for _, taken := range []struct {
			by   string
			take func(path string) error
		}{
			{"a directory that others can write to", func(path string) error { return errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, 0o777)) }},
			{"a link", func(path string) error { return os.Symlink(t.TempDir(), path) }},
			{"a file", func(path string) error { return os.WriteFile(path, nil, 0o600) }},
			{"a directory that is forbidden", func(path string) error { return os.Mkdir(path, 0) }},
		} {
			it("is not stopped by "+taken.by+" where its own would be, and neither reads nor writes there", func() {
				directory := runningDirectories(nil, p.TempDir)[0]
				Expect(taken.take(directory)).To(Succeed())
				Expect(RunningApps(p.Environ, p.TempDir)).To(BeEmpty())
				first, err := announceRunning(app("a"), p.Environ, p.TempDir)
				Expect(err).NotTo(HaveOccurred())
				second, err := announceRunning(app("b"), p.Environ, p.TempDir)
				Expect(err).NotTo(HaveOccurred())
				Expect(filepath.Dir(first.path)).To(And(HavePrefix(directory+"-"), Equal(filepath.Dir(second.path))))
				Expect(RunningApps(p.Environ, p.TempDir)).To(Equal([]RunningApp{app("a"), app("b")}))
				first.withdraw()
				second.withdraw()
				Expect(os.Chmod(directory, 0o700)).To(Succeed())
				Expect(filepath.Glob(filepath.Join(p.TempDir, "*"))).To(Equal([]string{directory}))
			})
		}
	})

	it("uses XDG_RUNTIME_DIR, and knows of what does not", func() {
		without, err := announceRunning(app("without"), p.Environ, p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		runtime := t.TempDir()
		p.Environ = []string{"XDG_RUNTIME_DIR=" + runtime}
		with, err := announceRunning(app("with"), p.Environ, p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		Expect(with.path).To(HavePrefix(runtime + "/"))
		Expect(RunningApps(p.Environ, p.TempDir)).To(Equal([]RunningApp{app("with"), app("without")}))
		with.withdraw()
		without.withdraw()
		Expect(os.ReadDir(runtime)).To(BeEmpty())

		p.Environ = []string{"XDG_RUNTIME_DIR=" + filepath.Join(runtime, "none")}
		elsewhere, err := announceRunning(app("elsewhere"), p.Environ, p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		Expect(elsewhere.path).To(HavePrefix(p.TempDir + "/"))
		elsewhere.withdraw()
	})
}
