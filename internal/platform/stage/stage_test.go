package stage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/celltest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testStage(t *testing.T, c spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		p          *Stager
		log        *show.Log
		written    *platformtest.Lines
		app        push.Application
		droplet    droplets.Droplet
	)

	it.Before(func() {
		p = newStager(t)
		log, written = celltest.NewLog()
		droplet = droplets.Droplet(filepath.Join(t.TempDir(), "droplet"))
		app = push.NewApplication("app")
		app.Path, app.Stack = t.TempDir(), "cflinuxfs4"
		platformtest.WriteFile(t, filepath.Join(app.Path, "Procfile"), "worker: ./work\n", 0o644)
	})

	// buildpack makes one, each of its programs a script.
	buildpack := func(scripts map[string]string) string {
		path := t.TempDir()
		for name, script := range scripts {
			platformtest.WriteFile(t, filepath.Join(path, "bin", name), "#!/bin/bash\nset -eu\n"+script, 0o755)
		}
		return path
	}
	stage := func() error { return p.Stage(context.Background(), app, droplet, log) }

	first := func() string {
		return buildpack(map[string]string{"supply": `
echo "-----> Supplying $# arguments, index $4"
printf 'processes:\n- {type: config server, command: ./s, limits: {memory: 64}, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n' > "$3/$4/launch.yml"
`})
	}
	last := func(finalize string) string {
		return buildpack(map[string]string{
			"supply":   "echo supplying last",
			"finalize": finalize,
			"release":  `printf -- "---\ndefault_process_types: {web: ./run}\n"`,
		})
	}

	it("leaves the files with secrets that the command line names out of the app", func() {
		services := platformtest.WriteFile(t, filepath.Join(app.Path, "config", "services.json"), "{}", 0o600)
		platformtest.WriteFile(t, filepath.Join(app.Path, "config", "kept"), "x", 0o644)
		app.SecretFiles = []string{services}
		app.Buildpacks = []string{last(`find "$1" -type f -printf "%P\n"`)}
		Expect(stage()).To(Succeed())
		Expect(written.String()).To(ContainSubstring("config/kept"))
		Expect(written.String()).NotTo(ContainSubstring("services.json"))
	})

	it("CF-01, CF-12: leaves a droplet and its staging result, the builder's output in the log", func() {
		app.Buildpacks = []string{first(), last(`echo "finalizing $#"; echo "to stderr" >&2; mkdir -p "$2"; echo cached > "$2/file"`)}
		Expect(stage()).To(Succeed())
		Expect(platformtest.Tree(t, string(droplet))).To(HaveLen(3))
		Expect(droplet.Staged()).To(ConsistOf(
			launch.Process{Type: "web", Command: "./run"}, launch.Process{Type: "worker", Command: "./work"},
			launch.Process{Type: "config server", Command: "./s", Memory: 64, SidecarFor: []string{"web"}},
		))
		Expect(written.Unstamped()).To(And(
			ContainSubstring("[STG/0] OUT -----> Supplying 4 arguments, index 0\n"), ContainSubstring("[STG/0] OUT finalizing 5\n"), ContainSubstring("[STG/0] ERR to stderr\n")))

		plan, err := droplet.Plan(app)
		Expect(err).NotTo(HaveOccurred())
		Expect(plan.Running()).To(HaveLen(1))
		Expect(plan.Running()[0].Sidecars).To(HaveLen(1))
	})

	it("CF-12: leaves the user, the password and the query of a buildpack's address out of the staging result, and nothing else", func() {
		archive := platformtest.WriteZip(t, filepath.Join(t.TempDir(), "b.zip"), "",
			platformtest.Entry("bin/supply", 0o755, "#!/bin/sh\n"), platformtest.Entry("bin/finalize", 0o755, "#!/bin/sh\n"),
			platformtest.Entry("bin/release", 0o755, `#!/bin/sh
echo 'default_process_types: {web: "./run & wait"}'`))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, archive) }))
		defer server.Close()
		host := strings.TrimPrefix(server.URL, "http://")
		app.Buildpacks = []string{first(), "http://user:s3cret@" + host + "/b.zip?token=s3cret,s3cret"}
		Expect(stage()).To(Succeed())
		content, err := os.ReadFile(droplet.Result())
		Expect(err).NotTo(HaveOccurred())
		Expect(string(content)).NotTo(ContainSubstring("s3cret"))
		Expect(string(content)).To(And(
			ContainSubstring(`"buildpack_key":"http://…@`+host+`/b.zip?…"`), ContainSubstring(`{"key":"http://…@`+host+`/b.zip?…","name":""}`), ContainSubstring(`{"key":"`+buildpackKey(app.Buildpacks[0])+`"`)))
		Expect(droplet.Staged()).To(ContainElements(
			launch.Process{Type: "web", Command: "./run & wait"}, launch.Process{Type: "config server", Command: "./s", Memory: 64, SidecarFor: []string{"web"}}))
	})

	it("hands an earlier staging's cache to the buildpacks", func() {
		app.Buildpacks = []string{last(`if [ -e "$2/file" ]; then echo "found $(cat "$2/file")"; fi; echo cached > "$2/file"`)}
		Expect(stage()).To(Succeed())
		Expect(written.String()).NotTo(ContainSubstring("found cached"))
		Expect(stage()).To(Succeed())
		Expect(written.String()).To(ContainSubstring("OUT found cached\n"))
	})

	it("CF-13: tells the buildpacks the memory of the staging container, and nothing of the machine", func() {
		p.Environ = append(p.Environ, "SECRET=of the machine")
		app.Environment = map[string]string{"MINE": "is here"}
		app.Process("web").Memory = 2048
		app.Buildpacks = []string{last(`env | sed 's/^/env /'`)}
		Expect(stage()).To(Succeed())
		Expect(written.String()).To(And(
			ContainSubstring("OUT env MEMORY_LIMIT=2048m\n"), ContainSubstring(`"mem":2048`), ContainSubstring("OUT env MINE=is here\n"), ContainSubstring("OUT env CF_STACK=cflinuxfs4\n")))
		Expect(written.String()).NotTo(ContainSubstring("SECRET"))
	})

	it("leaves no process of a buildpack", func() {
		pids := t.TempDir()
		app.Buildpacks = []string{last(`(setsid bash -c 'echo $$ > ` + pids + `/pid; exec sleep 1000' &); until [ -s ` + pids + `/pid ]; do sleep 0.01; done`)}
		Expect(stage()).To(Succeed())
		Expect(platformtest.Gone(platformtest.Pid(t, filepath.Join(pids, "pid")))).To(BeTrue())
	})

	it("says where the cache of a droplet that is only run cannot be kept, and runs it all the same", func() {
		app.Buildpacks = []string{last("")}
		Expect(p.StageToRun(context.Background(), app, droplet, "/dev/null/kept", log)).To(Succeed())
		Expect(written.String()).To(ContainSubstring("ERR The next staging fetches all anew, since the cache cannot be kept: mkdir /dev/null: not a directory"))
		_, err := droplet.Staged()
		Expect(err).NotTo(HaveOccurred())
	})

	c("failure cases", func() {
		fail := "echo no luck >&2; exit 9"
		good := map[string]string{"supply": "true", "finalize": "true", "release": "echo '{}'"}
		for _, one := range []struct {
			name    string
			scripts []map[string]string
			message string
			status  int
		}{
			{"a supply of another than the last", []map[string]string{{"supply": fail}, good}, "a buildpack's supply failed", 225},
			{"the last one's supply", []map[string]string{{"supply": fail, "finalize": "true"}}, "the last buildpack failed", 223},
			{"the last one's finalize", []map[string]string{{"finalize": fail}}, "the last buildpack failed", 223},
			{"the last one's compile", []map[string]string{{"compile": fail}}, "the last buildpack failed", 223},
			{"the last one's release", []map[string]string{{"finalize": "true", "release": fail}}, "the last buildpack's release failed", 224},
		} {
			it("CF-11: passes on the builder's code where it fails for "+one.name+", and leaves the earlier droplet", func() {
				platformtest.WriteFile(t, droplet.Result(), "earlier", 0o644)
				for _, scripts := range one.scripts {
					app.Buildpacks = append(app.Buildpacks, buildpack(scripts))
				}
				err := stage()
				Expect(err).To(MatchError(fmt.Sprintf("staging failed: %s (exit status %d); the log above says why", one.message, one.status)))
				var failed *StagingError
				Expect(errors.As(err, &failed)).To(BeTrue())
				Expect(failed.Status).To(Equal(one.status))
				Expect(written.String()).To(ContainSubstring("no luck"))
				Expect(os.ReadFile(droplet.Result())).To(Equal([]byte("earlier")))
			})
		}

		it("CF-01, CF-11: says that no buildpack accepts the app where none was named", func() {
			Expect(stage()).To(MatchError("staging failed: no buildpack accepts the app (exit status 222); the log above says why"))
		})

		it("stops the builder and all that it has started when it is told to", func() {
			pids := t.TempDir()
			app.Buildpacks = []string{last(`trap '' TERM; echo $$ > ` + pids + `/pid; echo started; while :; do sleep 0.01; done`)}
			ctx, cancel := context.WithCancelCause(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- p.Stage(ctx, app, droplet, log) }()
			Eventually(written.String).Should(ContainSubstring("started"))
			cancel(errors.New("stopped by a test"))
			p.Hurry()
			Eventually(ended).Should(Receive(MatchError("staging was stopped: stopped by a test")))
			Expect(platformtest.Gone(platformtest.Pid(t, filepath.Join(pids, "pid")))).To(BeTrue())
			Expect(string(droplet)).NotTo(BeADirectory())
		})

		it("says what is wrong with the app and with a buildpack before it starts", func() {
			app.Buildpacks = []string{"none"}
			Expect(stage()).To(MatchError(HavePrefix("buildpack none: there is no such buildpack here")))
			app.Path = filepath.Join(app.Path, "none")
			Expect(stage()).To(MatchError(HavePrefix("failed to find the app: ")))
			Expect(written.String()).To(BeEmpty())
		})

		it("follows no link in the place of the droplet, which a repository may have brought", func() {
			t.Chdir(t.TempDir())
			outside := t.TempDir()
			Expect(os.Symlink(outside, ".sidecar")).To(Succeed())
			Expect(p.Stage(t.Context(), app, droplets.Droplet(".sidecar/app"), log)).
				To(MatchError("failed to open the droplet: .sidecar: found a symbolic link; expected a directory, and no link to one"))
			Expect(platformtest.Tree(t, outside)).To(BeEmpty())
		})

		it("says that the builder cannot be started", func() {
			app.Buildpacks = []string{last("true")}
			p.Lifecycle.Builder.Path = "/no/such/builder"
			Expect(stage()).To(MatchError("failed to start the builder: fork/exec /no/such/builder: no such file or directory"))
		})

		it("names a status that the builder has no word for", func() {
			Expect((&StagingError{Status: 1}).Error()).To(Equal("staging failed: the builder failed (exit status 1); the log above says why"))
		})

		it("CF-33: refuses a plan in the platform's words, with what they leave out", func() {
			app.Buildpacks = []string{first(), last("true")}
			Expect(stage()).To(Succeed())
			app.Process("web").Memory = 64
			_, err := droplet.Plan(app)
			Expect(err).To(MatchError(HavePrefix(`the platform refuses to run app: The memory allocation defined is too large to run with the dependent "web" process. The sidecars of the process web reserve `)))
			Expect(err).To(MatchError(ContainSubstring(" of the buildpack in position 0 of this push), and it has no more than 64M,")))
			_, staged := droplet.CheckStaged(app)
			Expect(staged).To(MatchError(err.Error()))
		})
	})
}
