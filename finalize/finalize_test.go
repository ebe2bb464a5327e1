package finalize_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cloudfoundry/libbuildpack"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/finalize"
)

func testRun(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		root   string
		log    bytes.Buffer
	)

	write := func(name, content string) {
		t.Helper()
		Expect(os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(root, name), []byte(content), 0o755)).To(Succeed())
	}

	it.Before(func() {
		root = t.TempDir()
		log.Reset()
		for _, directory := range []string{"app", "cache", "deps/0", "deps/1"} {
			Expect(os.MkdirAll(filepath.Join(root, directory), 0o755)).To(Succeed())
		}
		write("buildpack/manifest.yml", "language: sidecar\ndependencies: []\n")
		write("buildpack/VERSION", "1.2.3\n")
	})

	runAs := func(index string) error {
		t.Helper()
		logger := libbuildpack.NewLogger(&log)
		manifest, err := libbuildpack.NewManifest(filepath.Join(root, "buildpack"), logger, time.Now())
		Expect(err).NotTo(HaveOccurred())
		path := func(name string) string { return filepath.Join(root, name) }
		stager := libbuildpack.NewStager([]string{path("app"), path("cache"), path("deps"), index, path("profile.d")}, logger, manifest)
		return (&finalize.Finalizer{Stager: stager, Log: logger}).Run()
	}

	run := func() error {
		t.Helper()
		return runAs("1")
	}

	it("CF-15 has the app's port behind proxies set before any other buildpack's script uses it, also where finalize runs twice", func() {
		for name, content := range map[string]string{
			"0/profile.d/a.sh": "echo $PORT\n", "0/bin/program": "",
			"1/profile.d/sidecar-ports.sh": "PORT=$((PORT + 1))\n", "2/profile.d/sidecar-ports.sh": "PORT=$((PORT * 2))\n", "2/profile.d/a.sh": "echo $PORT\n",
		} {
			write("deps/"+name, content)
		}
		for range 2 {
			Expect(runAs("2")).To(Succeed())
			launcher := exec.Command("bash", "-c", `for env_file in ../profile.d/*; do source $env_file; done`)
			launcher.Dir, launcher.Env = filepath.Join(root, "app"), []string{"PATH=/bin", "DEPS_DIR=/deps", "PORT=1"}
			Expect(launcher.CombinedOutput()).To(BeEquivalentTo("4\n4\n"))
		}
	})

	it("CF-16 copies every buildpack's profile scripts and sets PATH and LD_LIBRARY_PATH", func() {
		write("deps/0/profile.d/a.sh", "export A=0\n")
		write("deps/1/profile.d/a.sh", "export B=1\n")
		write("deps/0/bin/first", "")
		write("deps/1/bin/second", "")
		write("deps/0/lib/library", "")
		write("app/Procfile", "web: run it\n")
		Expect(run()).To(Succeed())
		Expect(log.String()).To(Equal("-----> Finalizing the launch environment\n       Start command: run it\n"))

		Expect(os.ReadFile(filepath.Join(root, "profile.d", "0_a.sh"))).To(Equal([]byte("export A=0\n")))
		Expect(os.ReadFile(filepath.Join(root, "profile.d", "1_a.sh"))).To(Equal([]byte("export B=1\n")))

		shell := exec.Command("bash", "-c", `source "$0"; echo "$PATH $LD_LIBRARY_PATH"`, filepath.Join(root, "profile.d", "000_multi-supply.sh"))
		shell.Env = []string{"PATH=/bin", "DEPS_DIR=/deps"}
		Expect(shell.Output()).To(BeEquivalentTo("/deps/1/bin:/deps/0/bin:/bin /deps/0/lib\n"))
	})

	for _, start := range []struct{ name, zero, one, procfile, command string }{
		{"of an earlier buildpack", "processes: [{type: web, command: zero}]", "", "", "zero"},
		{"of the later buildpack", "processes: [{type: web, command: zero}]", "processes: [{type: web, command: one}]", "", "one"},
		{"of the Procfile", "processes: [{type: web, command: zero}]", "processes: [{type: web, command: one}]", "web: file\n", "file"},
		{"of the last of two lines in the Procfile", "", "", "web: first\nweb: second\n", "second"},
	} {
		it("CF-07 names the start command "+start.name, func() {
			write("deps/0/launch.yml", start.zero)
			write("deps/1/launch.yml", start.one)
			write("app/Procfile", start.procfile)
			Expect(run()).To(Succeed())
			Expect(log.String()).To(HaveSuffix("       Start command: " + start.command + "\n"))
		})
	}

	for _, start := range []struct{ name, launch, procfile string }{
		{"without any process", "", ""},
		{"with another process", "processes: [{type: worker, command: x}]", "clock: x\n"},
		{"with an empty line in the Procfile", "", "web:\n"},
		{"with a sidecar of that name", "processes: [{type: web, command: x, platforms: {cloudfoundry: {sidecar_for: [worker]}}}]", ""},
	} {
		it("CF-10 warns of an app "+start.name, func() {
			write("deps/0/launch.yml", start.launch)
			write("app/Procfile", start.procfile)
			Expect(run()).To(Succeed())
			Expect(log.String()).To(HaveSuffix("No start command found. Unless the app's manifest or cf push -c states one, the app will not start: add a Procfile with a line web: COMMAND to it.\n"))
			Expect(log.String()).To(ContainSubstring("**WARNING**"))
		})
	}

	it("CF-02 looks for launch.yml where the lifecycle does when the directories' names are padded", func() {
		const declares = "processes:\n- type: web\n  command: run %s\n"
		write("deps/00/launch.yml", fmt.Sprintf(declares, "what the lifecycle does not see"))
		write("deps/2/launch.yml", fmt.Sprintf(declares, "the second"))
		write("deps/9/launch.yml", fmt.Sprintf(declares, "the ninth"))
		write("deps/10/launch.yml", fmt.Sprintf(declares, "the tenth"))
		Expect(os.MkdirAll(filepath.Join(root, "deps/11"), 0o755)).To(Succeed())
		Expect(runAs("11")).To(Succeed())
		Expect(log.String()).To(ContainSubstring("Start command: run the tenth\n"))
	})

	it("remembers its version in the cache", func() {
		Expect(run()).To(Succeed())
		Expect(os.ReadFile(filepath.Join(root, "cache", "BUILDPACK_METADATA"))).To(MatchYAML("language: sidecar\nversion: 1.2.3\n"))
	})

	context("when links and pipes are in the way", func() {
		var outside string

		it.Before(func() {
			outside = t.TempDir()
			Expect(os.WriteFile(filepath.Join(outside, "id"), []byte("the user's"), 0o600)).To(Succeed())
			write("deps/0/profile.d/a.sh", "export A=0\n")
		})

		it.After(func() {
			Expect(os.ReadDir(outside)).To(HaveLen(1))
			Expect(os.ReadFile(filepath.Join(outside, "id"))).To(Equal([]byte("the user's")))
		})

		plant := func(target, name string) {
			t.Helper()
			Expect(os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755)).To(Succeed())
			Expect(os.RemoveAll(filepath.Join(root, name))).To(Succeed())
			Expect(os.Symlink(target, filepath.Join(root, name))).To(Succeed())
		}

		it("refuses a profile.d that leads elsewhere", func() {
			plant(outside, "profile.d")
			Expect(run()).To(MatchError("failed to write the launch environment: " + filepath.Join(root, "profile.d") + ": found a symbolic link; expected a directory, and no link to one"))
		})

		for _, name := range []string{"000_multi-supply.sh", "0_a.sh"} {
			it("writes no script through a link: "+name, func() {
				plant(filepath.Join(outside, "id"), "profile.d/"+name)
				Expect(run()).To(MatchError("failed to write the launch environment: " + filepath.Join(root, "profile.d", name) + ": found something other than a regular file; expected one, or nothing in its place"))
			})
		}

		it("leaves alone what else is in profile.d", func() {
			plant("../deps/0/profile.d/a.sh", "profile.d/a.sh")
			Expect(run()).To(Succeed())
			Expect(os.Readlink(filepath.Join(root, "profile.d", "a.sh"))).To(Equal("../deps/0/profile.d/a.sh"))
		})

		it("writes into no cache that leads elsewhere, and says so", func() {
			plant(outside, "cache")
			Expect(run()).To(Succeed())
			Expect(log.String()).To(ContainSubstring("The next staging will not know this version of the buildpack: " + filepath.Join(root, "cache") + ": found a symbolic link"))
		})

		it("puts a file into the place of what was in the cache", func() {
			for _, plant := range []func(path string) error{
				func(path string) error { return os.Symlink(filepath.Join(outside, "id"), path) },
				func(path string) error { return syscall.Mkfifo(path, 0o600) },
				func(path string) error { return os.MkdirAll(filepath.Join(path, "below"), 0o755) },
			} {
				path := filepath.Join(root, "cache", "BUILDPACK_METADATA")
				Expect(os.RemoveAll(path)).To(Succeed())
				Expect(plant(path)).To(Succeed())
				Expect(run()).To(Succeed())
				Expect(os.ReadFile(path)).To(MatchYAML("language: sidecar\nversion: 1.2.3\n"))
			}
		})

		it("refuses another buildpack's script that fills the disk, and waits for no pipe", func() {
			Expect(syscall.Mkfifo(filepath.Join(root, "deps", "1", "profile.d"), 0o600)).To(Succeed())
			Expect(run()).To(MatchError(ContainSubstring("not a directory")))
			Expect(os.Remove(filepath.Join(root, "deps", "1", "profile.d"))).To(Succeed())
			Expect(syscall.Mkfifo(filepath.Join(root, "deps", "0", "profile.d", "pipe"), 0o600)).To(Succeed())
			Expect(run()).To(Succeed())
			huge := filepath.Join(root, "deps", "0", "profile.d", "a.sh")
			Expect(os.Truncate(huge, 1<<40)).To(Succeed())
			Expect(run()).To(MatchError("failed to write the launch environment: " + huge + ": found 1048576 MB; expected a regular file of at most 1 MB"))
		})
	})

	it("CF-07 says which sidecar a later buildpack has replaced, and which two have one of its name", func() {
		write("app/Procfile", "web: run\n")
		write("deps/0/config.yml", "name: monitoring\n")
		write("deps/0/launch.yml", "processes:\n- {type: agent, command: x, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n- {type: web, command: x}\n")
		write("deps/1/launch.yml", "processes:\n- {type: agent, command: y, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n- {type: web, command: y}\n")
		Expect(run()).To(Succeed())
		Expect(log.String()).To(ContainSubstring(`sidecar "agent" of monitoring, the buildpack in position 0 of this push does not run: the buildpack in position 1 of this push declares a sidecar of the same name, ` +
			"and the platform runs only the later one. One of the two has to be given another name.\n"))
		Expect(log.String()).NotTo(ContainSubstring(`"web"`))
	})

	for _, language := range []string{"ruby", "java", "dotnet-core"} {
		it("advises to swap the two where a language's buildpack comes first, and no start command is there", func() {
			write("deps/0/config.yml", "name: "+language+"\n")
			Expect(run()).To(Succeed())
			Expect(log.String()).To(HaveSuffix("No start command found. The platform asks the last buildpack of a push for it, and " + language + ", which has one, is not: " +
				"name this buildpack first and " + language + " last, as in cf push -b sidecar_buildpack -b " + strings.ReplaceAll(language, "-", "_") + "_buildpack.\n"))
		})
	}

	context("failure cases", func() {
		it("CF-05 fails on a launch.yml on which the lifecycle would fail", func() {
			write("deps/0/launch.yml", "processes: [{type: a, limits: {memory: 256M}}]")
			Expect(run()).To(MatchError("failed to parse " + filepath.Join(root, "deps", "0", "launch.yml") + ": line 1: found the text `256M`; expected a whole number"))
		})

		it("fails on a config.yml on which the lifecycle would hang", func() {
			path := filepath.Join(root, "deps", "0", "config.yml")
			Expect(syscall.Mkfifo(path, 0o600)).To(Succeed())
			Expect(run()).To(MatchError("failed to read a buildpack's config.yml: " + path + ": found a named pipe; expected a regular file of at most 1 MB"))
		})

		it("fails on a broken Procfile", func() {
			write("app/Procfile", "run\n")
			Expect(run()).To(MatchError(MatchRegexp("^Procfile:[0-9]+: .*found .*; expected ")))
		})

		it("fails on a Procfile that is not a file", func() {
			Expect(os.Mkdir(filepath.Join(root, "app", "Procfile"), 0o755)).To(Succeed())
			Expect(run()).To(MatchError(HavePrefix("failed to read Procfile: ")))
		})

		it("fails where it cannot write the launch environment", func() {
			write("profile.d", "a file")
			Expect(run()).To(MatchError(HavePrefix("failed to write the launch environment: ")))
		})
	})
}
