package sidecar_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
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
	source := func(name, content string) sidecar.Source {
		return sidecar.Source{Name: name, Variable: name == "SIDECARS", Content: []byte(content)}
	}

	it("finds none where there are none", func() {
		Expect(sidecar.Sources(app.FS(), nil, nil)).To(BeEmpty())
		Expect(sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=", "SIDECARS=", "SIDECARSX=1"}, nil)).To(BeEmpty())
	})

	it("finds sidecars.yml, and SIDECARS behind it", func() {
		write("sidecars.yml")
		Expect(sidecar.Sources(app.FS(), []string{"SIDECARS=- name: a"}, nil)).To(Equal([]sidecar.Source{
			source("sidecars.yml", "sidecars.yml"), source("SIDECARS", "- name: a"),
		}))
	})

	for _, path := range []string{"config/deep/a.yml", "./config//deep/../deep/a.yml"} {
		it("finds the file that SIDECARS_CONFIG names as "+path+" in the place of sidecars.yml", func() {
			write("sidecars.yml")
			write("config/deep/a.yml")
			Expect(sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=missing", "SIDECARS_CONFIG=" + path}, nil)).To(Equal([]sidecar.Source{
				source("config/deep/a.yml", "config/deep/a.yml"),
			}))
		})
	}

	it("follows a link inside the app", func() {
		write("config/a.yml")
		Expect(os.Symlink("config/a.yml", filepath.Join(directory, "sidecars.yml"))).To(Succeed())
		Expect(sidecar.Sources(app.FS(), nil, nil)).To(Equal([]sidecar.Source{source("sidecars.yml", "config/a.yml")}))
	})

	it("reads no more of a large file than shows that it is too large", func() {
		Expect(os.WriteFile(filepath.Join(directory, "sidecars.yml"), make([]byte, 10_000_000), 0o600)).To(Succeed())
		sources, problems := sidecar.Sources(app.FS(), nil, nil)
		Expect(problems).To(BeEmpty())
		Expect(sources[0].Content).To(HaveLen(sidecar.MaxDocumentSize + 1))
	})

	context("a service that declares sidecars", func() {
		service := func(name, credentials string) bindings.Binding {
			t.Helper()
			all, err := bindings.Parse([]byte(`{"user-provided": [{"name": "` + name + `", "credentials": ` + credentials + `}]}`))
			Expect(err).NotTo(HaveOccurred())
			return all[0]
		}

		it("lies between the file and SIDECARS, as text or as JSON", func() {
			write("sidecars.yml")
			for _, credentials := range []string{`{"sidecars": "- name: a"}`, `{"sidecars": [{"name": "a"}]}`, `{"sidecars": {"sidecars": [{"name": "a"}]}}`} {
				ops := service("sidecars", credentials)
				sources, problems := sidecar.Sources(app.FS(), []string{"SIDECARS=- name: b"}, []bindings.Binding{service("other", `{"sidecars": "- name: c"}`), ops})
				Expect(problems).To(BeEmpty())
				Expect(sources).To(HaveExactElements(HaveField("Name", "sidecars.yml"), HaveField("Name", `service "sidecars"`), HaveField("Name", "SIDECARS")))
				resolved, _, err := sidecar.Resolve(sidecar.Request{Sources: sources[1:2], Environ: []string{"SIDECAR_A_COMMAND=x"}})
				Expect(err).NotTo(HaveOccurred())
				Expect(resolved).To(HaveExactElements(HaveField("Name", "a")))
			}
		})

		it("is told by its name, that of its instance or a tag", func() {
			byTag, byInstance := service("ops", `{"sidecars": "[]"}`), service("more", `{"sidecars": "[]"}`)
			byTag.Tags, byInstance.InstanceName = []string{"x", "sidecars"}, "Sidecars"
			sources, problems := sidecar.Sources(app.FS(), nil, []bindings.Binding{byInstance, byTag})
			Expect(problems).To(BeEmpty())
			Expect(sources).To(HaveExactElements(HaveField("Name", `service "more"`), HaveField("Name", `service "ops"`)))
		})

		it("has no value of its env, app-env and files in a droplet", func() {
			sources, _ := sidecar.Sources(app.FS(), nil, []bindings.Binding{service("sidecars", `{"sidecars": "- {name: a, command: x, env: {A: s}, app-env: {B: s}, files: {c: s}}"}`)})
			resolved, _, err := sidecar.Resolve(sidecar.Request{Sources: sources})
			Expect(err).NotTo(HaveOccurred())
			Expect(resolved[0]).To(And(HaveField("Supervision.EnvFrom", "service:sidecars"), HaveField("AppEnvFrom", "service:sidecars"), HaveField("FilesFrom", "service:sidecars")))
		})

		for _, wrong := range []struct{ credentials, message string }{
			{`{}`, `service "sidecars": credentials: found no key sidecars; expected the key sidecars with the YAML of a sidecars.yml, or a service that is not called sidecars and has no such tag`},
			{`{"sidecars": " "}`, `service "sidecars": credentials: found no key sidecars; expected the key sidecars with the YAML of a sidecars.yml, or a service that is not called sidecars and has no such tag`},
			{`{"credhub-ref": "/s3cret"}`, `service "sidecars": credentials: found a reference to CredHub, which is not resolved at staging where services are handed on in files; expected the key sidecars with the YAML of a sidecars.yml`},
			{`{"sidecars": 5}`, `service "sidecars":1: sidecars: found no list and no mapping; expected a list, each item starting with - name:`},
			{`{"sidecars": "s3cret"}`, `service "sidecars":1: sidecars: found no list and no mapping; expected a list, each item starting with - name:`},
			{`{"sidecars": "- name: a\n  env: {A: *s3cret}"}`, `service "sidecars":2: syntax: `},
			{`{"sidecars": {"sidecar": []}}`, `service "sidecars":1: document: found the key "sidecar"; did you mean sidecars?`},
			{`{"sidecars": "- {name: a, command: x, env: {K: [s3cret]}}"}`, `service "sidecars":1: sidecar "a": env: K: found a list; expected text`},
		} {
			it("names itself where it has "+wrong.credentials, func() {
				_, err := sidecar.ResolveApp(app.FS(), sidecar.Request{Services: sidecar.Services{Known: true, Bound: []bindings.Binding{service("sidecars", wrong.credentials)}}})
				Expect(err).To(MatchError(HavePrefix(wrong.message)))
				Expect(err.Error()).NotTo(ContainSubstring("s3cret"))
			})
		}
	})

	context("failure cases", func() {
		for _, path := range []string{"../outside.yml", "config/../../outside.yml", "/etc/passwd", ".."} {
			it("CF-03 refuses the path "+path, func() {
				_, err := sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=" + path}, nil)
				Expect(err).To(MatchError(`SIDECARS_CONFIG: path: found "` + path + `"; expected a path below the app's root, such as config/sidecars.yml`))
			})
		}

		it("says that the file is missing", func() {
			write("sidecars.yml")
			_, err := sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=config/a.yml"}, nil)
			Expect(err).To(MatchError(`SIDECARS_CONFIG: path: found "config/a.yml", which is not in the app; expected the path of a file below the app's root`))
		})

		for _, path := range []string{"config", ".", "config/"} {
			it("refuses the directory "+path, func() {
				_, err := sidecar.Sources(app.FS(), []string{"SIDECARS_CONFIG=" + path}, nil)
				Expect(err).To(MatchError(filepath.Clean(path) + ": file: found something other than a regular file; expected a file in the app, or a relative link to one"))
			})
		}

		for _, target := range []string{"../outside.yml", "/etc/hostname"} {
			it("refuses a link out of the app to "+target, func() {
				Expect(os.WriteFile(filepath.Join(directory, "..", "outside.yml"), []byte("secret"), 0o600)).To(Succeed())
				Expect(os.Symlink(target, filepath.Join(directory, "sidecars.yml"))).To(Succeed())
				_, err := sidecar.Sources(app.FS(), nil, nil)
				Expect(err).To(MatchError(And(HavePrefix("sidecars.yml: file: found what cannot be read ("), HaveSuffix("path escapes from parent); expected a file in the app, or a relative link to one"))))
			})
		}

		it("refuses a link to nothing", func() {
			Expect(os.Symlink("missing.yml", filepath.Join(directory, "sidecars.yml"))).To(Succeed())
			_, err := sidecar.Sources(app.FS(), nil, nil)
			Expect(err).To(MatchError(HavePrefix("sidecars.yml: file: found what cannot be read (")))
		})

		it("refuses a file that is called almost right, unless there is the right one", func() {
			write("sidecars.yaml")
			_, err := sidecar.Sources(app.FS(), nil, nil)
			Expect(err).To(MatchError("sidecars.yaml: name: found sidecars.yaml; expected sidecars.yml"))

			write("sidecars.yml")
			Expect(sidecar.Sources(app.FS(), nil, nil)).To(Equal([]sidecar.Source{source("sidecars.yml", "sidecars.yml")}))
		})

		it("reports the problems of all sources together", func() {
			_, err := sidecar.ResolveApp(app.FS(), sidecar.Request{Environ: []string{"SIDECARS_CONFIG=missing", "SIDECARS=[1]"}})
			Expect(err).To(MatchError("SIDECARS_CONFIG: path: found \"missing\", which is not in the app; expected the path of a file below the app's root\n" +
				"SIDECARS:1: sidecar: found no list and no mapping; expected a mapping with the key name"))
			Expect(err).To(BeAssignableToTypeOf(sidecar.Problems{}))
		})
	})
}
