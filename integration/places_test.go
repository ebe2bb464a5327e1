package integration_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
)

// A planting is something that others have put into a place before a command writes
// there or removes from there.
type planting struct {
	what  string
	plant func(path, outside string) error
}

var plantings = []planting{
	{"a link to a directory", func(path, outside string) error { return os.Symlink(outside, path) }},
	{"a link to a file", func(path, outside string) error { return os.Symlink(filepath.Join(outside, "id"), path) }},
	{"a named pipe", func(path, _ string) error { return syscall.Mkfifo(path, 0o644) }},
	{"a directory", func(path, _ string) error { return os.MkdirAll(filepath.Join(path, "below"), 0o755) }},
}

// at puts it into each of the places below a directory, whatever is there.
func (p planting) at(t *testing.T, directory, outside string, places ...string) {
	t.Helper()
	for _, place := range places {
		path := filepath.Join(directory, place)
		NewWithT(t).Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		NewWithT(t).Expect(os.RemoveAll(path)).To(Succeed())
		NewWithT(t).Expect(p.plant(path, outside)).To(Succeed())
	}
}

// An outside is a directory of the user's that no command has anything to do in. Files
// in it are called as those that commands write.
type outside struct {
	directory string
	before    map[string]string
}

func newOutside(t *testing.T) outside {
	o := outside{directory: app(t, map[string]string{
		"id": "the user's", "archives/id": "x", "bin/id": "x", "profile.d/0_x.sh": "x", "planted/result.json": "x",
		"result.json": "x", "droplet.tgz": "x", "cache.tgz": "x", "launch.yml": "x", "config.yml": "x", "supervise.conf": "x",
		"BUILDPACK_METADATA": "x", "0.json": "x", "main": "x", "ports": "x", "000_multi-supply.sh": "x",
	})}
	o.before = o.content(t)
	return o
}

// content is all that is there, with modes and times.
func (o outside) content(t *testing.T) map[string]string {
	t.Helper()
	content := map[string]string{}
	NewWithT(t).Expect(filepath.WalkDir(o.directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content[path] = fmt.Sprint(info.Mode(), info.ModTime())
		if info.Mode().IsRegular() {
			bytes, err := os.ReadFile(path)
			content[path] += " " + string(bytes)
			return err
		}
		return nil
	})).To(Succeed())
	return content
}

func (o outside) expectUntouched(t *testing.T) {
	t.Helper()
	NewWithT(t).Expect(o.content(t)).To(Equal(o.before))
}

// expectDoneOrTold waits for a command to end by itself, and expects of one that failed
// to say what it has found where, and what it had expected.
func expectDoneOrTold(t *testing.T, s *gexec.Session, places []string) {
	t.Helper()
	printed := func() string { return string(s.Out.Contents()) + string(s.Err.Contents()) }
	NewWithT(t).Eventually(s).Should(gexec.Exit(), printed)
	if s.ExitCode() == 0 {
		return
	}
	var told []string
	for _, place := range places {
		told = append(told, filepath.Base(place))
	}
	NewWithT(t).Expect(printed()).To(MatchRegexp(`(%s).*: found .*; expected `, strings.ReplaceAll(strings.Join(told, "|"), ".", `\.`)))
}

// testPlaces walks all places that supply, finalize, stage, run, push and ps write to or
// remove from.
func testPlaces(t *testing.T, context spec.G, it spec.S) {
	each := func(places []string, command func(t *testing.T, p planting, o outside, places []string)) {
		for _, p := range plantings {
			it("touches nothing outside and does not wait where "+p.what+" is in the place of "+strings.Join(places, ", "), func() {
				o := newOutside(t)
				command(t, p, o, places)
				o.expectUntouched(t)
			})
		}
	}

	context("supply and finalize", func() {
		for _, places := range [][]string{
			{"deps"}, {"deps/0"}, {"deps/0/config.yml"}, {"cache"}, {"cache/archives"}, {"cache/BUILDPACK_METADATA"},
			{"deps/0/bin", "deps/0/packages", "deps/0/profile.d", "deps/0/run"},
			{"deps/0/bin/config-server", "deps/0/profile.d/sidecars.sh", "deps/0/launch.yml", "deps/0/supervise.conf", "deps/0/known-sidecars.sh", "deps/0/app-start.json"},
		} {
			each(places, func(t *testing.T, p planting, o outside, places []string) {
				s := newPhases(t)
				p.at(t, s.directory, o.directory, places...)
				expectDoneOrTold(t, s.run("supply"), places)
			})
		}
		for _, places := range [][]string{{"profile.d"}, {"profile.d/000_multi-supply.sh"}, {"profile.d/0_sidecars.sh"}, {"cache"}, {"cache/BUILDPACK_METADATA"}} {
			each(append(places, "(finalize)"), func(t *testing.T, p planting, o outside, _ []string) {
				s := newPhases(t)
				NewWithT(t).Eventually(s.run("supply")).Should(gexec.Exit(0))
				p.at(t, s.directory, o.directory, places...)
				expectDoneOrTold(t, s.run("finalize"), places)
			})
		}
	})

	files := map[string]string{
		"Procfile":     "web: echo app is up; exec sleep 1000\n",
		"sidecars.yml": "- {name: front, command: exec sleep 1000, restart: always, stop-after-app: true, stop-timeout: 1, proxy: true}\n",
		"manifest.yml": "applications: [{name: planted, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
	}

	context("stage", func() {
		for _, places := range [][]string{
			{".sidecar"}, {".sidecar/planted"}, {".sidecar/planted/cache.tgz"},
			{".sidecar/planted/result.json", ".sidecar/planted/droplet.tgz", ".sidecar/planted/result.json.new", ".sidecar/planted/droplet.tgz.new", ".sidecar/planted/cache.tgz.new"},
		} {
			each(places, func(t *testing.T, p planting, o outside, places []string) {
				directory := app(t, files)
				p.at(t, directory, o.directory, places...)
				s := sidecar(t, directory, "stage")
				expectDoneOrTold(t, s.Session, places)
				s.expectNothingLeft()
			})
		}
		for _, places := range [][]string{{"final"}, {"final/archives", "final/BUILDPACK_METADATA"}} {
			each(append(places, "(in cache.tgz)"), func(t *testing.T, p planting, o outside, _ []string) {
				directory, cache := app(t, files), t.TempDir()
				p.at(t, cache, o.directory, places...)
				pack(t, cache, filepath.Join(directory, ".sidecar", "planted", "cache.tgz"))
				s := sidecar(t, directory, "stage")
				s.await()
				NewWithT(t).Expect(s.ExitCode()).To(Equal(0), "a cache is no need: %s", s.log())
				s.expectNothingLeft()
			})
		}
	})

	context("run", func() {
		for _, places := range [][]string{{"deps/0/run"}, {"deps/0/run/0.json", "deps/0/run/main", "deps/0/run/ports"}} {
			each(append(places, "(in droplet.tgz)"), func(t *testing.T, p planting, o outside, _ []string) {
				directory := app(t, files)
				staged, root := stage(t, directory), t.TempDir()
				archive := filepath.Join(staged.droplet, "droplet.tgz")
				unpacked, err := exec.Command("tar", "-xzf", archive, "-C", root).CombinedOutput()
				NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(unpacked))
				p.at(t, root, o.directory, places...)
				pack(t, root, archive)
				s := sidecar(t, directory, "run", "-d", staged.droplet)
				s.expectLine("APP/PROC/WEB/0", "app is up")
				s.stop()
			})
		}
		each([]string{"droplet.tgz", "result.json"}, func(t *testing.T, p planting, o outside, places []string) {
			directory := app(t, files)
			for _, place := range places {
				staged := stage(t, directory)
				p.at(t, staged.droplet, o.directory, place)
				s := sidecar(t, directory, "run", "-d", staged.droplet)
				NewWithT(t).Eventually(s.Session).Should(gexec.Exit(1))
				s.expectNothingLeft()
			}
		})
	})

	context("push and ps", func() {
		each([]string{fmt.Sprintf("sidecar-running-%d", os.Getuid())}, func(t *testing.T, p planting, o outside, places []string) {
			directory := app(t, files)
			tmp := t.TempDir()
			p.at(t, tmp, o.directory, places...)
			ps := startSidecar(t, directory, []string{"TMPDIR=" + tmp}, "ps")
			ps.await()
			s := startSidecar(t, directory, []string{"TMPDIR=" + tmp}, "push", "--lifecycle", built.lifecycle)
			s.expectLine("APP/PROC/WEB/0", "app is up")
			s.stop()
		})
	})
}

// pack packs a directory as the builder does.
func pack(t *testing.T, directory, archive string) {
	t.Helper()
	NewWithT(t).Expect(os.MkdirAll(filepath.Dir(archive), 0o755)).To(Succeed())
	printed, err := exec.Command("tar", "-czf", archive, "-C", directory, ".").CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(printed))
}

// A phases is a push's directories, and the buildpack whose phases are run in them.
type phases struct {
	t         *testing.T
	directory string
}

func newPhases(t *testing.T) *phases {
	t.Helper()
	Expect := NewWithT(t).Expect
	program := "#!/bin/sh\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, program) }))
	t.Cleanup(server.Close)
	sum := sha256.Sum256([]byte(program))
	s := &phases{t, app(t, map[string]string{
		"app/Procfile": "web: ./run\n",
		"app/sidecars.yml": fmt.Sprintf("- name: config-server\n- {name: agent, memory: 8, artifact: {uri: '%s/agent', sha256: %s, executable: agent}, restart: always, app-env: {A: b}}\n",
			server.URL, hex.EncodeToString(sum[:])),
		"cache/.keep": "", "deps/0/.keep": "", "profile.d/.keep": "",
		"buildpack/bin/config-server": program, "buildpack/bin/supervise": program, "buildpack/bin/sidecar-env": program, "buildpack/bin/sidecar-render": program,
	})}
	for _, name := range []string{"buildpack.toml", "manifest.yml", "VERSION"} {
		Expect(os.Symlink(filepath.Join(built.root, name), filepath.Join(s.directory, "buildpack", name))).To(Succeed())
	}
	for _, phase := range []string{"supply", "finalize"} {
		Expect(os.Symlink(built.sidecar, filepath.Join(s.directory, "buildpack", "bin", phase))).To(Succeed())
	}
	return s
}

// run runs a phase as the builder does.
func (s *phases) run(phase string) *gexec.Session {
	s.t.Helper()
	path := func(name string) string { return filepath.Join(s.directory, name) }
	arguments := []string{path("app"), path("cache"), path("deps"), "0"}
	if phase == "finalize" {
		arguments = append(arguments, path("profile.d"))
	}
	return start(s.t, s.directory, nil, exec.Command(path("buildpack/bin/"+phase), arguments...)).Session
}
