package detect_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/detect"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testRun(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		decision  detect.Context
	)

	it.Before(func() {
		directory = t.TempDir()
		decision = detect.Context{App: os.DirFS(directory)}
	})

	write := func(name, content string) {
		t.Helper()
		Expect(os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600)).To(Succeed())
	}

	it("CF-01 accepts an app with sidecars that says how it is started", func() {
		write("sidecars.yml", "- {name: a, command: b}")
		write("Procfile", "worker: x\nweb: run\n")
		Expect(detect.Run(decision)).To(Succeed())
	})

	it("accepts an app whose sidecars are named in its environment alone", func() {
		write("Procfile", "web: run\n")
		decision.Environ = []string{"SIDECARS=[{name: a}]", "SIDECAR_A_COMMAND=b"}
		Expect(detect.Run(decision)).To(Succeed())
	})

	it("accepts an app that gets its sidecars by default", func() {
		write("Procfile", "web: run\n")
		var err error
		decision.Catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte("[[metadata.sidecars]]\nname = \"a\"\ncommand = \"b\"\ndefault = true\n")})
		Expect(err).NotTo(HaveOccurred())
		Expect(detect.Run(decision)).To(Succeed())
	})

	context("failure cases", func() {
		var refusal detect.Refusal

		it("refuses an app without sidecars", func() {
			write("Procfile", "web: run\n")
			err := detect.Run(decision)
			Expect(errors.As(err, &refusal)).To(BeTrue())
			Expect(err).To(MatchError("the app names no sidecars: it has no sidecars.yml, and SIDECARS is not set"))
		})

		it("refuses an app that leaves out all of its sidecars", func() {
			write("Procfile", "web: run\n")
			write("sidecars.yml", "- {name: a, command: b, enabled: false}")
			Expect(detect.Run(decision)).To(MatchError(`the app has none of its sidecars. Sidecar "a" is left out: sidecars.yml:1 says enabled: false`))
		})

		it("refuses an app without a Procfile", func() {
			write("sidecars.yml", "- {name: a, command: b}")
			err := detect.Run(decision)
			Expect(errors.As(err, &refusal)).To(BeTrue())
			Expect(err).To(MatchError("the app has sidecars, but no Procfile with a line web: COMMAND that says how to start it: name its own buildpack behind this one"))
		})

		for _, procfile := range []string{"worker: run\n", "web:\n", ""} {
			it("CF-10 refuses an app whose Procfile starts no web process", func() {
				write("sidecars.yml", "- {name: a, command: b}")
				write("Procfile", procfile)
				err := detect.Run(decision)
				Expect(errors.As(err, &refusal)).To(BeTrue())
				Expect(err).To(MatchError("the app has sidecars, but no Procfile with a line web: COMMAND that says how to start it: name its own buildpack behind this one"))
			})
		}

		it("fails on broken sidecars, which is not a refusal", func() {
			write("sidecars.yml", "- a")
			err := detect.Run(decision)
			Expect(errors.As(err, &refusal)).To(BeFalse())
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar: found "a"; expected a mapping with the key name`))
		})

		it("fails on a path out of the app", func() {
			decision.Environ = []string{"SIDECARS_CONFIG=../x"}
			err := detect.Run(decision)
			Expect(errors.As(err, &refusal)).To(BeFalse())
			Expect(err).To(MatchError(`SIDECARS_CONFIG: path: found "../x"; expected a path below the app's root, such as config/sidecars.yml`))
		})

		it("fails on a broken Procfile", func() {
			write("sidecars.yml", "- {name: a, command: b}")
			write("Procfile", "run\n")
			err := detect.Run(decision)
			Expect(errors.As(err, &refusal)).To(BeFalse())
			Expect(err).To(MatchError(MatchRegexp("^Procfile:[0-9]+: .*found .*; expected ")))
		})

		it("fails on a Procfile that is not a file", func() {
			write("sidecars.yml", "- {name: a, command: b}")
			Expect(os.Mkdir(filepath.Join(directory, "Procfile"), 0o755)).To(Succeed())
			Expect(detect.Run(decision)).To(MatchError(HavePrefix("failed to read Procfile: ")))
		})
	})
}
