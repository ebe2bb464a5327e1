package integration_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
)

// someOf are at least one of the names, in any order.
func someOf(random *rand.Rand, names ...string) []string {
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names[:1+random.IntN(len(names))]
}

// plantBetweenStagings stages an app eight times. Before each time, the spec puts
// something into the places of what the last one has left, or into its cache.
func plantBetweenStagings(t *testing.T, random *rand.Rand) {
	Expect := NewWithT(t).Expect
	o := newOutside(t)
	directory := app(t, map[string]string{
		"Procfile":     "web: ./run\n",
		"sidecars.yml": "- {name: a, command: ./run, restart: always}\n",
		"manifest.yml": "applications: [{name: planted, buildpacks: [sidecar_buildpack]}]",
	})
	state := filepath.Join(directory, ".sidecar")
	staged := func() *session { return sidecar(t, directory, "stage") }
	s := staged()
	NewWithT(t).Eventually(s.Session).Should(gexec.Exit(0), s.log)
	for range 8 {
		p := plantings[random.IntN(len(plantings))]
		places := []string{".sidecar"}
		switch random.IntN(4) {
		case 0:
			p.at(t, directory, o.directory, places...)
		case 1:
			places = []string{"planted"}
			p.at(t, state, o.directory, places...)
		case 2:
			places = someOf(random, "droplet.tgz", "result.json", "cache.tgz", "droplet.tgz.new", "result.json.new", "cache.tgz.new")
			p.at(t, filepath.Join(state, "planted"), o.directory, places...)
		default:
			places = someOf(random, "final/archives", "final/BUILDPACK_METADATA", "elsewhere")
			cache, archive := t.TempDir(), filepath.Join(state, "planted", "cache.tgz")
			unpacked, err := exec.Command("tar", "-xzf", archive, "-C", cache).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(unpacked))
			p.at(t, cache, o.directory, places...)
			pack(t, cache, archive)
		}
		t.Logf("%s in the place of %s", p.what, strings.Join(places, ", "))
		s := staged()
		expectDoneOrTold(t, s.Session, places)
		s.expectNothingLeft()
		o.expectUntouched(t)
		// The user has read what is wrong, and begins anew.
		Expect(os.RemoveAll(state)).To(Succeed())
		s = staged()
		NewWithT(t).Eventually(s.Session).Should(gexec.Exit(0), s.log)
	}
}

var startedAs = regexp.MustCompile(`\[APP/PROC/WEB/SIDECAR/FIRST/0\] OUT up as ([0-9]+)\n`)

// rewriteWhileRunning has a neighbor rewrite all files of a running app's buildpack,
// over and over, while a sidecar of it is killed four times.
func rewriteWhileRunning(t *testing.T, random *rand.Rand) {
	Expect, Eventually := NewWithT(t).Expect, NewWithT(t).Eventually
	o := newOutside(t)
	directory := app(t, map[string]string{
		"Procfile":     "web: echo app is up; exec sleep 1000\n",
		"sidecars.yml": "- {name: first, command: 'echo up as $$; exec sleep 1000', restart: always, stop-after-app: true, stop-timeout: 1}\n",
		"manifest.yml": "applications: [{name: rewritten, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
	})
	s := sidecar(t, directory, "push")
	s.expectLine("APP/PROC/WEB/0", "app is up")
	s.expectLine("APP/PROC/WEB/SIDECAR/FIRST/0", "up as ")

	roots, err := filepath.Glob(filepath.Join(s.tmp, "sidecar-instance-*", "root", "deps", "0"))
	Expect(err).NotTo(HaveOccurred())
	Expect(roots).To(HaveLen(1))
	end := make(chan struct{})
	var neighbor sync.WaitGroup
	neighbor.Go(func() { rewrite(random, roots[0], o.directory, end) })
	for kill := range 4 {
		started := startedAs.FindAllStringSubmatch(s.log(), -1)
		Expect(started).To(HaveLen(kill + 1))
		pid, err := strconv.Atoi(started[kill][1])
		Expect(err).NotTo(HaveOccurred())
		Expect(syscall.Kill(pid, syscall.SIGKILL)).To(Succeed())
		Eventually(func() int { return len(startedAs.FindAllString(s.log(), -1)) }).Should(Equal(kill+2), s.log)
		ps := exec.Command(built.sidecar, "ps", "rewritten")
		ps.Env = append(os.Environ(), "TMPDIR="+s.tmp)
		printed, err := ps.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(printed))
		Expect(string(printed)).To(ContainSubstring("web"))
	}
	close(end)
	neighbor.Wait()
	o.expectUntouched(t)
	Expect(s.ExitCode()).To(Equal(-1), "it runs")
	s.stop()
}

// rewrite puts anything into the places of a buildpack's files, until it is told to end.
// That it cannot, since a supervisor does the same just now, is of no matter.
func rewrite(random *rand.Rand, directory, outside string, end <-chan struct{}) {
	names := []string{"run/0.json", "run/main", "run/ports", "run/0.json.wait", "supervise.conf", "launch.yml", "config.yml", "known-sidecars.sh", "app-start.json", "profile.d/sidecars.sh"}
	for {
		select {
		case <-end:
			return
		case <-time.After(5 * time.Millisecond): // it leaves the machine to others
		}
		path := filepath.Join(directory, names[random.IntN(len(names))])
		_ = os.RemoveAll(path)
		switch kind := random.IntN(len(plantings) + 2); {
		case kind < len(plantings):
			_ = plantings[kind].plant(path, outside)
		case kind == len(plantings):
			noise := make([]byte, random.IntN(10_000))
			for i := range noise {
				noise[i] = byte(random.Uint32())
			}
			if file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); err == nil {
				_, _ = file.Write(noise)
				_ = file.Close()
			}
		}
	}
}
