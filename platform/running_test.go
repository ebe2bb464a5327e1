package platform

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testRunning(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *Platform
	)

	it.Before(func() {
		p = &Platform{TempDir: t.TempDir()}
	})
	app := func(name string) RunningApp {
		return RunningApp{Name: name, Directory: "/here", Plan: launch.Plan{
			Processes: []launch.PlannedProcess{{Type: "web", Memory: 256, Sidecars: []launch.PlannedSidecar{}}}, Refusals: launch.Refusals{}, Warnings: []string{}}}
	}

	it("tells of an app while it runs, and leaves nothing", func() {
		announcedA, err := p.announceRunning(app("a"))
		Expect(err).NotTo(HaveOccurred())
		announcedB, err := p.announceRunning(app("b"))
		Expect(err).NotTo(HaveOccurred())
		Expect(RunningApps(p.TempDir)).To(Equal([]RunningApp{app("a"), app("b")}))
		announcedA.withdraw()
		Expect(RunningApps(p.TempDir)).To(Equal([]RunningApp{app("b")}))
		announcedB.withdraw()
		Expect(RunningApps(p.TempDir)).To(BeEmpty())
		Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
	})

	it("tells of apps that come and go at once", func() {
		var all sync.WaitGroup
		failed := make(chan error, 800)
		for range 8 {
			all.Go(func() {
				for range 50 {
					announced, err := p.announceRunning(app("a"))
					if err != nil {
						failed <- err
						continue
					}
					_, err = RunningApps(p.TempDir)
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
		directory := runningDirectory(p.TempDir)
		Expect(os.Mkdir(directory, 0o700)).To(Succeed())
		left := filepath.Join(directory, "left.json")
		Expect(os.WriteFile(left, []byte(`{"name": "a"}`), 0o600)).To(Succeed())
		Expect(RunningApps(p.TempDir)).To(BeEmpty())
		Expect(left).NotTo(BeAnExistingFile())
	})

	it("tells of the instances as they are now, and removes what a killed run has told of them", func() {
		announced, err := p.announceRunning(app("a"))
		Expect(err).NotTo(HaveOccurred())
		instances := []RunningInstance{{Type: "web", Health: HealthCrashed, Since: time.Unix(5, 0).UTC(), Restarts: 3, Details: "x"}, {Type: "web", Index: 1, Root: "/root", Pids: []int{4, 5}}}
		Expect(announced.tell(instances[1:])).To(Succeed())
		Expect(announced.tell(instances)).To(Succeed())
		running, err := RunningApps(p.TempDir)
		Expect(err).NotTo(HaveOccurred())
		Expect(running).To(HaveLen(1))
		Expect(running[0].Instances).To(Equal(instances))

		Expect(announced.file.Close()).To(Succeed()) // as the end of its run does
		Expect(RunningApps(p.TempDir)).To(BeEmpty())
		Expect(os.ReadDir(runningDirectory(p.TempDir))).To(BeEmpty())
	})

	context("failure cases", func() {
		it("says that what is told of instances makes no sense", func() {
			announced, err := p.announceRunning(app("a"))
			Expect(err).NotTo(HaveOccurred())
			write(t, announced.path+instancesSuffix, "none", 0o600)
			_, err = RunningApps(p.TempDir)
			Expect(err).To(MatchError(And(HavePrefix("failed to read of a running app: failed to parse "), ContainSubstring(".instances: "))))
			announced.withdraw()
			Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
		})

		it("reads from no directory that others can write to, and waits for nobody", func() {
			directory := runningDirectory(p.TempDir)
			Expect(os.Mkdir(directory, 0o700)).To(Succeed())
			Expect(syscall.Mkfifo(filepath.Join(directory, "a.json"), 0o600)).To(Succeed())
			_, err := RunningApps(p.TempDir)
			Expect(err).To(MatchError(HaveSuffix("a.json is not a regular file")))
			Expect(os.Chmod(directory, 0o755)).To(Succeed())
			_, err = RunningApps(p.TempDir)
			Expect(err).To(MatchError(HaveSuffix("is not a directory of this user alone")))
		})

		it("writes into no directory that others can write to", func() {
			Expect(os.Mkdir(runningDirectory(p.TempDir), 0o777)).To(Succeed())
			Expect(os.Chmod(runningDirectory(p.TempDir), 0o777)).To(Succeed())
			_, err := p.announceRunning(app("a"))
			Expect(err).To(MatchError(ContainSubstring("is not a directory of this user alone")))
		})

		it("follows no link", func() {
			Expect(os.Symlink(t.TempDir(), runningDirectory(p.TempDir))).To(Succeed())
			_, err := p.announceRunning(app("a"))
			Expect(err).To(MatchError(ContainSubstring("is not a directory of this user alone")))
		})
	})
}
