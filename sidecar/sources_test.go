package sidecar_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

func testSources(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		app       *os.Root
	)

	it.Before(func() {
		directory = filepath.Join(t.TempDir(), "app")
		Expect(os.MkdirAll(filepath.Join(directory, "config", "deep"), 0o755)).To(Succeed())
		var err error
		app, err = os.OpenRoot(directory)
		Expect(err).NotTo(HaveOccurred())
	})

	it.After(func() {
		Expect(app.Close()).To(Succeed())
	})

	write := func(name string) {
		t.Helper()
		Expect(os.WriteFile(filepath.Join(directory, name), []byte(name), 0o600)).To(Succeed())
	}
	source := func(name, content string) sidecar.Source { return sidecar.Source{Name: name, Content: []byte(content)} }

	it("finds none where there are none", func() {
		Expect(sidecar.Sources(app.FS(), nil)).To(BeEmpty())
		Expect(sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=", "SIDECARS=", "SIDECARSX=1"})).To(BeEmpty())
	})

	it("finds sidecars.yml, and SIDECARS behind it", func() {
		write("sidecars.yml")
		Expect(sidecar.Sources(app.FS(), []string{"SIDECARS=- name: a"})).To(Equal([]sidecar.Source{
			source("sidecars.yml", "sidecars.yml"), source("SIDECARS", "- name: a"),
		}))
	})

	for _, path := range []string{"config/deep/a.yml", "./config//deep/../deep/a.yml"} {
		it("finds the file that SIDECARS_CONFIG names as "+path+" in the place of sidecars.yml", func() {
			write("sidecars.yml")
			write("config/deep/a.yml")
			Expect(sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=missing", "SIDECARS_CONFIG=" + path})).To(Equal([]sidecar.Source{
				source("config/deep/a.yml", "config/deep/a.yml"),
			}))
		})
	}

	it("follows a link inside the app", func() {
		write("config/a.yml")
		Expect(os.Symlink("config/a.yml", filepath.Join(directory, "sidecars.yml"))).To(Succeed())
		Expect(sidecar.Sources(app.FS(), nil)).To(Equal([]sidecar.Source{source("sidecars.yml", "config/a.yml")}))
	})

	it("reads no more of a large file than shows that it is too large", func() {
		Expect(os.WriteFile(filepath.Join(directory, "sidecars.yml"), make([]byte, 10_000_000), 0o600)).To(Succeed())
		sources, err := sidecar.Sources(app.FS(), nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(sources[0].Content).To(HaveLen(sidecar.MaxDocumentSize + 1))
	})

	context("failure cases", func() {
		for _, path := range []string{"../outside.yml", "config/../../outside.yml", "/etc/passwd", ".."} {
			it("PR-03 refuses the path "+path, func() {
				_, err := sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=" + path})
				Expect(err).To(MatchError(`SIDECARS_CONFIG: path: found "` + path + `"; expected a path below the app's root, such as config/sidecars.yml`))
				Expect(err).To(BeAssignableToTypeOf(sidecar.Problems{}))
			})
		}

		it("says that the file is missing", func() {
			write("sidecars.yml")
			_, err := sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=config/a.yml"})
			Expect(err).To(MatchError(`SIDECARS_CONFIG: path: found "config/a.yml", which is not in the app; expected the path of a file below the app's root`))
		})

		for _, path := range []string{"config", ".", "config/"} {
			it("refuses the directory "+path, func() {
				_, err := sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=" + path})
				Expect(err).To(MatchError("failed to read " + filepath.Clean(path) + ": it is not a regular file"))
			})
		}

		for _, target := range []string{"../outside.yml", "/etc/hostname"} {
			it("refuses a link out of the app to "+target, func() {
				Expect(os.WriteFile(filepath.Join(directory, "..", "outside.yml"), []byte("secret"), 0o600)).To(Succeed())
				Expect(os.Symlink(target, filepath.Join(directory, "sidecars.yml"))).To(Succeed())
				_, err := sidecar.Sources(app.FS(), nil)
				Expect(err).To(MatchError(And(HavePrefix("failed to read sidecars.yml: "), HaveSuffix("path escapes from parent"))))
			})
		}
	})
}
