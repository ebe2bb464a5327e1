package cli

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

// applications returns the apps that a command line selects.
func applications(args ...string) ([]push.Application, error) {
	var flags appFlags
	var found []push.Application
	c := &cobra.Command{
		Use: "sidecar", SilenceErrors: true, SilenceUsage: true,
		RunE: func(_ *cobra.Command, args []string) (err error) {
			found, err = flags.applications(args)
			return err
		},
	}
	flags.add(c, forStaging|forRunning)
	c.SetFlagErrorFunc(flagError)
	c.SetArgs(args)
	return found, c.Execute()
}

func testFlags(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		dir    string
	)

	it.Before(func() {
		dir = filepath.Join(t.TempDir(), "my-app")
		write(t, filepath.Join(dir, "file"), "x", 0o644)
		t.Chdir(dir)
	})

	one := func(args ...string) push.Application {
		t.Helper()
		found, err := applications(args...)
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(HaveLen(1))
		return found[0]
	}

	it("means the app in this directory, called by its name", func() {
		app := one()
		Expect(app.Name).To(Equal("my-app"))
		Expect(app.Path).To(Equal("."))
		Expect(app.Stack).To(Equal("cflinuxfs4"))
		Expect(app.Buildpacks).To(BeEmpty())
		Expect(app.Launch.Processes).To(Equal([]controller.AppProcess{{Type: "web"}}))
	})

	it("means the app of a name, in the directory of -p", func() {
		Expect(one("other").Name).To(Equal("other"))
		Expect(one("-p", "/srv/there").Name).To(Equal("there"))
		Expect(one("-p", "/srv/app.jar", "other").Path).To(Equal("/srv/app.jar"))
	})

	for _, args := range [][]string{
		{"app", "-p", "sub", "-b", "sidecar_buildpack", "-b", "go_buildpack", "-c", "./run --now", "-m", "256M", "-i", "2", "-s", "cflinuxfs5"},
		{"--path=sub", "--buildpack=sidecar_buildpack", "--buildpack=go_buildpack", "--start-command=./run --now", "--memory=256m", "--instances=2", "--stack=cflinuxfs5", "app"},
	} {
		it("reads the flags of the cf CLI, such as "+args[len(args)-1], func() {
			app := one(args...)
			Expect(app.Name).To(Equal("app"))
			Expect(app.Path).To(Equal("sub"))
			Expect(app.Stack).To(Equal("cflinuxfs5"))
			Expect(app.Buildpacks).To(Equal([]string{"sidecar_buildpack", "go_buildpack"}))
			Expect(app.Launch.Processes).To(Equal([]controller.AppProcess{{Type: "web", Command: words("./run --now"), Memory: 256, Instances: number(2)}}))
		})
	}

	it("takes no comma in a buildpack for two of them", func() {
		Expect(one("-b", "a,b").Buildpacks).To(Equal([]string{"a,b"}))
	})

	it("takes null and default for whichever buildpack accepts the app", func() {
		write(t, "manifest.yml", "applications: [{name: app, buildpacks: [go_buildpack]}]\n", 0o644)
		Expect(one("-b", "null").Buildpacks).To(BeEmpty())
		Expect(one("-b", "default").Buildpacks).To(BeEmpty())
	})

	for _, none := range []string{"null", "default", ""} {
		it("takes -c '"+none+"' for the droplet's own command", func() {
			write(t, "manifest.yml", "applications: [{name: app, command: ./run}]\n", 0o644)
			Expect(one().Launch.Processes[0].Command).To(Equal(words("./run")))
			Expect(one("-c", none).Launch.Processes[0].Command).To(Equal(words("")))
		})
	}

	it("takes no instance for an answer", func() {
		Expect(one("-i", "0").Launch.Processes[0].Instances).To(Equal(number(0)))
	})

	context("failure cases", func() {
		for _, wrong := range []struct{ flag, value, message string }{
			{"-m", "256", `-m 256: found "256"; expected a size with a unit: B, K, KB, M, MB, G, GB, T, or TB`},
			{"-m", "", `-m : found ""; expected a size with a unit: B, K, KB, M, MB, G, GB, T, or TB`},
			{"-m", "512K", "-m 512K: it must be greater than 0MB"},
			{"-m", "-1M", `-m -1M: found "-1M"; expected a size above zero`},
			{"-i", "-1", `--instances: found "-1"; expected a whole number, 0 or more`},
			{"-i", "two", `--instances: found "two"; expected a whole number, 0 or more`},
			{"-i", "99999999999999999999", `--instances: found "99999999999999999999"; expected a whole number, 0 or more`},
		} {
			it("refuses "+wrong.flag+" "+wrong.value, func() {
				_, err := applications(wrong.flag, wrong.value)
				Expect(err).To(MatchError(wrong.message))
			})
		}
	})
}

func testManifests(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		dir    string
	)

	it.Before(func() {
		dir = t.TempDir()
		t.Chdir(t.TempDir())
		write(t, filepath.Join(dir, "manifest.yml"), "applications:\n- {name: one, path: app, memory: 64M, command: ./run}\n- {name: two, stack: ((stack))}\n", 0o644)
	})

	it("finds a manifest here without being told", func() {
		t.Chdir(dir)
		found, err := applications("--var", "stack=s")
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(HaveLen(2))
		Expect(found[0].Path).To(Equal("app"))
	})

	it("takes a file or its directory with -f, and paths from there", func() {
		for _, manifest := range []string{dir, filepath.Join(dir, "manifest.yml")} {
			found, err := applications("-f", manifest, "--var", "stack=s")
			Expect(err).NotTo(HaveOccurred())
			Expect(found[0].Path).To(Equal(filepath.Join(dir, "app")))
			Expect(found[1].Path).To(Equal("."))
		}
	})

	it("finds manifest.yaml where there is no manifest.yml", func() {
		other := t.TempDir()
		write(t, filepath.Join(other, "manifest.yaml"), "applications: [{name: yaml}]\n", 0o644)
		found, err := applications("-f", other)
		Expect(err).NotTo(HaveOccurred())
		Expect(found[0].Name).To(Equal("yaml"))
	})

	it("overrides the app of the name that is given, and only what is given", func() {
		found, err := applications("one", "-f", dir, "-m", "128M", "-p", "elsewhere", "--var", "stack=s")
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(HaveLen(1))
		Expect(found[0].Path).To(Equal("elsewhere"))
		Expect(found[0].Launch.Processes).To(Equal([]controller.AppProcess{{Type: "web", Command: words("./run"), Memory: 128}}))
	})

	it("fills in variables: --var over files, a later file over an earlier", func() {
		first := write(t, "first.yml", "stack: first\n", 0o644)
		second := write(t, "second.yml", "stack: second\n", 0o644)
		stack := func(args ...string) string {
			found, err := applications(append([]string{"two", "-f", dir}, args...)...)
			Expect(err).NotTo(HaveOccurred())
			return found[0].Stack
		}
		Expect(stack("--vars-file", first, "--vars-file", second)).To(Equal("second"))
		Expect(stack("--vars-file", second, "--vars-file", first)).To(Equal("first"))
		Expect(stack("--var", "stack=a,b", "--vars-file", first)).To(Equal("a,b"))
	})

	context("failure cases", func() {
		it("says that there is no such manifest", func() {
			_, err := applications("-f", "none.yml")
			Expect(err).To(MatchError("failed to find the manifest: none.yml: there is no such file"))
		})

		it("says that there is no manifest in a directory", func() {
			empty := t.TempDir()
			_, err := applications("-f", empty)
			Expect(err).To(MatchError("there is no manifest.yml in " + empty))
		})

		it("names what is missing", func() {
			_, err := applications("-f", dir)
			Expect(err).To(MatchError(filepath.Join(dir, "manifest.yml") + ": expected to find variables: stack; give each with --var NAME=VALUE or in a --vars-file"))
			_, err = applications("three", "-f", dir, "--var", "stack=s")
			Expect(err).To(MatchError(`could not find app named "three" in manifest; it has one, two`))
			_, err = applications("-f", dir, "--vars-file", "none.yml")
			Expect(err).To(MatchError("failed to read variables: none.yml: there is no such file"))
		})

		it("overrides nothing of several apps", func() {
			_, err := applications("-f", dir, "--var", "stack=s", "-m", "64M")
			Expect(err).To(MatchError("command line flags (except -f, --var and --vars-file) cannot be applied to several apps of a manifest: name one of them"))
		})
	})
}

func number(n int) *int         { return &n }
func words(text string) *string { return &text }
