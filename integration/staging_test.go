package integration_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"code.cloudfoundry.org/buildpackapplifecycle"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// forever is a start command that logs a word and stays.
const forever = `echo "app MEMORY_LIMIT=$MEMORY_LIMIT"; exec sleep 1000`

func testStaging(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("makes a droplet of an app with this buildpack alone (CF-01, CF-04, CF-05, CF-09, CF-12)", func() {
		staged := stage(t, app(t, map[string]string{
			"Procfile": "web: ./start\nworker: ./work\n",
			"sidecars.yml": "sidecars:\n" +
				"- name: config-server\n" +
				"- name: performance monitor\n  command: bin/monitor --port \"$MONITOR_PORT\"\n  process_types: [web, worker]\n  memory: 128M\n",
		}), "-b", "sidecar_buildpack")

		Expect(staged.ProcessTypes).To(Equal(map[string]string{"web": "./start", "worker": "./work"}))
		Expect(staged.Sidecars).To(HaveLen(2))
		Expect(staged.Sidecars[0].Name).To(Equal("config-server"))
		Expect(staged.Sidecars[0].Command).To(Equal(`"$DEPS_DIR/0/bin/config-server"`))
		Expect(staged.Sidecars[0].ProcessTypes).To(Equal([]string{"web"}))
		Expect(staged.Sidecars[0].Memory).To(Equal(32))
		Expect(staged.Sidecars[1].Name).To(Equal("performance monitor"))
		Expect(staged.Sidecars[1].Command).To(Equal(`bin/monitor --port "$MONITOR_PORT"`))
		Expect(staged.Sidecars[1].ProcessTypes).To(Equal([]string{"web", "worker"}))
		Expect(staged.Sidecars[1].Memory).To(Equal(128))

		version, err := os.ReadFile(filepath.Join(built.root, "VERSION"))
		Expect(err).NotTo(HaveOccurred())
		Expect(staged.Lifecycle.Buildpacks).To(HaveLen(1))
		Expect(staged.Lifecycle.Buildpacks[0].Key).To(Equal("sidecar_buildpack"))
		Expect(staged.Lifecycle.Buildpacks[0].Name).To(Equal(built.id))
		Expect(staged.Lifecycle.Buildpacks[0].Version + "\n").To(Equal(string(version)))

		Expect(staged.log).To(MatchRegexp(`(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d[+-]\d{4} \[STG/0\] OUT -----> ` + regexp.QuoteMeta(built.title) + ` version `))
		Expect(staged.files(t)).To(ContainElement("./deps/0/bin/config-server"))
		Expect(staged.file(t, "profile.d/000_multi-supply.sh")).To(ContainSubstring("export PATH=$DEPS_DIR/0/bin"))
	})

	it("asks bin/release where there is nothing to launch (CF-09), and leaves the droplet that the platform refuses for having no start command (CF-10)", func() {
		staged := stageRefused(t, "Staging error: Start command not specified. Add a line \"web: COMMAND\" to the app's Procfile, or state a command in the manifest or with -c.\n",
			app(t, map[string]string{"index.html": "hello"}), "-b", "sidecar_buildpack")

		Expect(staged.ProcessTypes).To(BeEmpty())
		Expect(staged.Sidecars).To(BeEmpty())
		Expect(staged.log).To(ContainSubstring("No sidecars: neither a sidecars.yml in the app nor SIDECARS names one"))
		Expect(staged.log).To(ContainSubstring("No start command found. Unless the app's manifest or cf push -c states one, the app will not start: add a Procfile"))
		Expect(staged.log).To(ContainSubstring("No start command specified by buildpack or via Procfile."))
		Expect(staged.files(t)).To(ContainElement("./deps/0/config.yml"))
		Expect(staged.files(t)).NotTo(ContainElement("./deps/0/launch.yml"))
	})

	it("detects an app that it can run alone (CF-01)", func() {
		staged := stage(t, app(t, map[string]string{"Procfile": "web: ./start", "sidecars.yml": "- name: config-server"}))

		Expect(staged.Sidecars).To(HaveLen(1))
		Expect(staged.Lifecycle.Buildpacks[0].Name).To(Equal(built.id))
		Expect(staged.log).To(ContainSubstring("Note: No buildpack is named, and the sidecar buildpack accepts the app. " +
			"If the platform tries several buildpacks, it loses the sidecars of the buildpack that accepts the app: name that buildpack with -b.\n"))
	})

	it("takes an app with sidecars whose command its manifest states, and says how to push it to the platform, whose buildpacks do not accept it (CF-01)", func() {
		staged := stage(t, app(t, map[string]string{
			"sidecars.yml": "- name: config-server", "manifest.yml": "applications: [{name: a, command: ./start}]", ".cfignore": "manifest.yml",
		}))

		Expect(staged.Sidecars).To(HaveLen(1))
		Expect(staged.log).To(ContainSubstring("Note: no buildpack is named, and none of the platform's accepts this app: there, push it with -b sidecar_buildpack\n"))
	})

	it("warns where the platform asks several buildpacks, so that it loses the sidecars of this one (CF-09)", func() {
		directory := app(t, map[string]string{"app/Procfile": "web: ./start", "app/sidecars.yml": "- {name: beside, command: sleep 1000}", "tmp/x": "", "out/x": ""})
		own, other := []string{"sidecar_buildpack"}, []string{"sidecar_buildpack", "other_buildpack"}
		for _, asked := range [][]string{own, other} {
			config := buildpackapplifecycle.NewLifecycleBuilderConfig(asked, false, false)
			for flag, name := range map[string]string{
				"buildDir": "app", "buildpacksDir": "buildpacks", "buildpacksDownloadDir": "downloads", "buildArtifactsCacheDir": "cache",
				"outputDroplet": "out/droplet.tgz", "outputMetadata": "out/result.json", "outputBuildArtifactsCache": "out/cache.tgz",
			} {
				Expect(config.Set(flag, filepath.Join(directory, name))).To(Succeed())
			}
			for _, name := range asked {
				placeOwnBuildpack(t, config.BuildpackPath(name))
			}
			builder := exec.Command(filepath.Join(built.lifecycle, "builder"), config.Args()...)
			builder.Env = append(os.Environ(), "TMPDIR="+filepath.Join(directory, "tmp"))
			output, err := builder.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			result, err := os.ReadFile(filepath.Join(directory, "out", "result.json"))
			Expect(err).NotTo(HaveOccurred())
			if len(asked) == 1 {
				Expect(string(result)).To(ContainSubstring(`"name":"beside"`))
				Expect(string(output)).NotTo(ContainSubstring("The sidecars will not run"))
			} else {
				Expect(string(result)).NotTo(ContainSubstring(`"name":"beside"`))
				Expect(string(output)).To(ContainSubstring("The sidecars will not run: no buildpack was named, and if the platform tries several (here 2), it loses the sidecars that the accepting buildpack declares. Name the buildpack, as in cf push -b sidecar_buildpack."))
			}
		}
	})

	it("tells buildpacks the staging container's memory (CF-13)", func() {
		bp := app(t, map[string]string{
			"bin/supply.sh": "",
		})
		Expect(os.Symlink("supply.sh", filepath.Join(bp, "bin", "supply"))).To(Succeed())
		Expect(os.WriteFile(filepath.Join(bp, "bin", "supply.sh"), []byte("#!/bin/sh\necho \"limit=$MEMORY_LIMIT stack=$CF_STACK app=$VCAP_APPLICATION\"\n"), 0o755)).To(Succeed())
		directory := app(t, map[string]string{"Procfile": "web: ./start"})

		small := stage(t, directory, "-b", bp, "-b", buildpack("plain"), "-m", "256M", "-s", "cflinuxfs4")
		Expect(small.log).To(ContainSubstring("limit=1024m stack=cflinuxfs4 app={"))
		Expect(small.log).To(ContainSubstring(`"mem":1024`))

		large := stage(t, directory, "-b", bp, "-b", buildpack("plain"), "-m", "2G")
		Expect(large.log).To(ContainSubstring("limit=2048m"))
	})

	it("hands a later staging the cache of an earlier one", func() {
		bp := app(t, map[string]string{"bin/run.sh": "#!/bin/sh\nls \"$2\"\ntouch \"$2/seen-before\"\n"})
		Expect(os.Symlink("run.sh", filepath.Join(bp, "bin", "supply"))).To(Succeed())
		directory := app(t, map[string]string{"Procfile": "web: ./start"})
		staged := stage(t, directory, "-b", bp, "-b", buildpack("plain"))
		Expect(staged.log).NotTo(ContainSubstring("seen-before"))

		again := sidecar(t, directory, "stage", "-o", staged.droplet, "-b", bp, "-b", buildpack("plain"))
		again.await()
		Expect(again.log()).To(ContainSubstring("seen-before"))
	})

	it("fetches nothing a second time for a buildpack that is named three times, so that two of them have one cache", func() {
		const program = "#!/bin/sh\n"
		var fetched atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fetched.Add(1)
			fmt.Fprint(w, program)
		}))
		defer server.Close()
		directory := app(t, map[string]string{"Procfile": "web: ./start", "sidecars.yml": fmt.Sprintf("- {name: agent, artifact: {uri: %s/agent, sha256: %x}}\n", server.URL, sha256.Sum256([]byte(program)))})
		for range 2 {
			s := sidecar(t, directory, "stage", "-b", "sidecar_buildpack", "-b", "sidecar_buildpack", "-b", "sidecar_buildpack")
			s.await()
			Expect(s.ExitCode()).To(Equal(0), s.log)
		}
		Expect(fetched.Load()).To(BeEquivalentTo(1))
	})

	it("hands a later push the cache of an earlier one, or of a staging, and keeps nothing else", func() {
		bp := app(t, map[string]string{"bin/run.sh": "#!/bin/sh\nls \"$2\"\ntouch \"$2/seen-before\"\n"})
		Expect(os.Symlink("run.sh", filepath.Join(bp, "bin", "supply"))).To(Succeed())
		directory := app(t, map[string]string{"Procfile": "web: " + forever, "manifest.yml": "applications: [{name: kept, health-check-type: process}]"})
		for _, seen := range []int{0, 1, 2} {
			s := sidecar(t, directory, "push", "-b", bp, "-b", buildpack("plain"))
			s.expectLine("APP/PROC/WEB/0", "app MEMORY_LIMIT")
			Expect(strings.Count(s.log(), "OUT seen-before\n")).To(Equal(min(seen, 1)))
			s.stop()
			left, err := filepath.Glob(filepath.Join(directory, ".sidecar", "kept", "*"))
			Expect(err).NotTo(HaveOccurred())
			Expect(left).To(Equal([]string{filepath.Join(directory, ".sidecar", "kept", "cache.tgz")}))
		}
		staged := sidecar(t, directory, "stage", "-b", bp, "-b", buildpack("plain"))
		staged.await()
		Expect(staged.log()).To(ContainSubstring("OUT seen-before\n"))
	})

	it("refuses to push where something else is in the place of the cache", func() {
		directory := app(t, map[string]string{"Procfile": "web: " + forever, "manifest.yml": "applications: [{name: kept, health-check-type: process}]", ".sidecar": "a file"})
		s := sidecar(t, directory, "push", "-b", "sidecar_buildpack")
		s.await()
		Expect(s.ExitCode()).To(Equal(1))
		Expect(string(s.Err.Contents())).To(ContainSubstring(".sidecar: found a regular file; expected a directory"))
	})

	context("failure cases", func() {
		it("exits with the builder's status when no buildpack accepts the app (CF-11)", func() {
			log, message := failToStage(t, 222, app(t, map[string]string{"index.html": "hello"}))
			Expect(log).To(ContainSubstring("No: the app names no sidecars"))
			Expect(message).To(ContainSubstring("FAILED\nstaging failed: no buildpack accepts the app (exit status 222)"))
		})

		it("exits with the builder's status when supply fails (CF-11), and shows every problem", func() {
			log, message := failToStage(t, 225, app(t, map[string]string{
				"Procfile": "web: ./start\nworker: ./work", "sidecars.yml": "sidecars:\n- name: a\n- name: b\n  command: x\n  memory: 256X\n",
			}), "-b", "sidecar_buildpack", "-b", buildpack("plain"))
			Expect(log).To(ContainSubstring(`sidecars.yml:2: sidecar "a": found no command`))
			Expect(log).To(ContainSubstring(`sidecars.yml:5: sidecar "b": memory: found "256X"`))
			Expect(message).To(ContainSubstring("a buildpack's supply failed (exit status 225)"))
		})

		it("exits with the status of a failed compile when the last buildpack's supply or finalize fails (CF-11), whatever their own is", func() {
			log, message := failToStage(t, 223, app(t, map[string]string{"Procfile": "web: ./start", "sidecars.yml": "- name: web"}), "-b", "sidecar_buildpack")
			Expect(log).To(ContainSubstring("Failed to compile droplet: Failed to run all supply scripts: exit status 225"))
			Expect(message).To(ContainSubstring("the last buildpack failed (exit status 223)"))

			log, _ = failToStage(t, 223, app(t, map[string]string{"Procfile": "web: ["}), "-b", "sidecar_buildpack")
			Expect(log).To(ContainSubstring("Failed to compile droplet: Failed to run finalize script: exit status 226"))
		})

		it("refuses a sidecar with the name of a process (CF-07)", func() {
			log, _ := failToStage(t, 225, app(t, map[string]string{
				"Procfile": "web: ./start\nworker: ./work", "sidecars.yml": "- {name: worker, command: x}",
			}), "-b", "sidecar_buildpack", "-b", buildpack("plain"))
			Expect(log).To(ContainSubstring(`sidecar "worker": found a name that is taken by a process type of the app's Procfile`))
		})

		it("refuses two sidecars of one name (CF-08, CF-32)", func() {
			log, _ := failToStage(t, 225, app(t, map[string]string{
				"Procfile": "web: ./start", "sidecars.yml": "- {name: a, command: x}\n- {name: a, command: y}",
			}), "-b", "sidecar_buildpack", "-b", buildpack("plain"))
			Expect(log).To(ContainSubstring(`sidecars.yml:2: sidecar "a": found the name a second time, first at sidecars.yml:1`))
		})

		it("refuses a name that an earlier buildpack's launch.yml has (CF-07)", func() {
			log, _ := failToStage(t, 225, app(t, map[string]string{
				"Procfile": "web: ./start", "sidecars.yml": "- name: config-server",
			}), "-b", buildpack("taken"), "-b", "sidecar_buildpack", "-b", buildpack("plain"))
			Expect(log).To(ContainSubstring("found a name that is taken by the launch.yml of taken, the buildpack in position 0 of this push"))
		})

		it("refuses sidecars that take all that the staging container has (CF-13, CF-36)", func() {
			directory := app(t, map[string]string{"Procfile": "web: ./start", "sidecars.yml": "- {name: large, command: x, memory: 1G}"})
			log, _ := failToStage(t, 225, directory, "-b", "sidecar_buildpack", "-b", buildpack("plain"))
			Expect(log).To(ContainSubstring("the sidecars of the process web reserve 1G (large 1G), and it has no more than 1G"))

			stage(t, directory, "-b", "sidecar_buildpack", "-b", buildpack("plain"), "-m", "1025M")
		})

		it("says what buildpacks there are when one is not", func() {
			_, message := failToStage(t, 1, app(t, map[string]string{"Procfile": "web: ./start"}), "-b", "nonsense")
			Expect(message).To(ContainSubstring("buildpack nonsense: there is no such buildpack here; expected a directory, a zip, a URL that starts with https://, http:// or file://, the name sidecar_buildpack, or that of a language"))
		})

		it("leaves an earlier droplet as it was", func() {
			directory := app(t, map[string]string{"Procfile": "web: ./start"})
			staged := stage(t, directory, "-b", "sidecar_buildpack")
			before, err := os.ReadFile(filepath.Join(staged.droplet, "droplet.tgz"))
			Expect(err).NotTo(HaveOccurred())

			again := sidecar(t, directory, "stage", "-o", staged.droplet, "-b", "nothing")
			again.await()
			Expect(again.ExitCode()).To(Equal(1))
			Expect(os.ReadFile(filepath.Join(staged.droplet, "droplet.tgz"))).To(Equal(before))
		})
	})
}

// ownPrograms are the programs in bin of this buildpack, and the files that they are.
func ownPrograms() map[string]string {
	programs := map[string]string{"config-server": filepath.Join(filepath.Dir(built.sidecar), "config-server")}
	for _, name := range []string{"detect", "supply", "finalize", "release", "supervise", "sidecar-env", "sidecar-render"} {
		programs[name] = built.sidecar
	}
	return programs
}

// placeOwnBuildpack puts this buildpack where the platform's builder looks for it. It may be
// there already.
func placeOwnBuildpack(t *testing.T, directory string) {
	t.Helper()
	Expect := NewWithT(t).Expect
	bin := filepath.Join(directory, "bin")
	Expect(os.MkdirAll(bin, 0o755)).To(Succeed())
	for program, file := range ownPrograms() {
		_ = os.Symlink(file, filepath.Join(bin, program)) // it may be there
	}
	for _, description := range []string{"buildpack.toml", "manifest.yml", "VERSION"} {
		content, err := os.ReadFile(filepath.Join(built.root, description))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(filepath.Join(directory, description), content, 0o644)).To(Succeed())
	}
}
