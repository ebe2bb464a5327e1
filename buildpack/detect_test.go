package buildpack_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

func detected(args, environ []string, stdout, stderr *bytes.Buffer) int {
	return buildpack.Detect(args, environ, stdout, stderr)
}

func testDetect(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t)
		s.write("app/sidecars.yml", "- name: config-server\n")
		s.write("app/Procfile", "web: run\n")
	})

	it("CF-01 takes the app's directory and prints name and version", func() {
		Expect(s.call(detected, s.path("app"))).To(Equal(0))
		Expect(s.stdout.String()).To(Equal("sidecar 0.1.0\n"))
		Expect(s.stderr.String()).To(Equal("-----> Looking for an app that Sidecar Buildpack can run alone\n"))
	})

	it("finds the repository's own name, version and catalog, whatever they are", func() {
		description, err := os.ReadFile(filepath.Join(repository, family.DescriptionFile))
		Expect(err).NotTo(HaveOccurred())
		identity, err := family.ReadIdentity(description, "")
		Expect(err).NotTo(HaveOccurred())
		version, err := os.ReadFile(filepath.Join(repository, "VERSION"))
		Expect(err).NotTo(HaveOccurred())
		Expect(detected([]string{filepath.Join(repository, "bin", "detect"), s.path("app")}, nil, &s.stdout, &s.stderr)).To(Equal(0), s.stderr.String)
		Expect(s.stdout.String()).To(Equal(identity.ID + " " + strings.TrimSpace(string(version)) + "\n"))
	})

	context("failure cases", func() {
		it("CF-01 says how it is called", func() {
			Expect(s.call(detected)).To(Equal(2))
			Expect(s.stderr.String()).To(Equal("usage: bin/detect BUILD_DIR\n"))
		})

		it("exits with 1 where the app is not for it, and says why", func() {
			Expect(os.Remove(s.path("app/Procfile"))).To(Succeed())
			Expect(s.call(detected, s.path("app"))).To(Equal(1))
			Expect(s.stdout.String()).To(BeEmpty())
			Expect(s.stderr.String()).To(HaveSuffix("       No: the app has sidecars, but no Procfile with a line web: COMMAND that says how to start it: name its own buildpack behind this one\n"))
		})

		it("CF-11 exits with 222 where it fails", func() {
			s.write("app/sidecars.yml", "- a")
			Expect(s.call(detected, s.path("app"))).To(Equal(222))
			Expect(s.stdout.String()).To(BeEmpty())
			Expect(s.stderr.String()).To(HaveSuffix("**ERROR**\x1b[0m sidecars.yml:1: sidecar: found \"a\"; expected a mapping with the key name\n"))

			Expect(s.call(detected, s.path("missing"))).To(Equal(222))
			Expect(s.stderr.String()).To(ContainSubstring("**ERROR**\x1b[0m failed to open the app: "))
		})

		for _, missing := range []struct{ file, problem string }{
			{"manifest.yml", "failed to load the buildpack's manifest.yml: "},
			{"VERSION", "failed to read the buildpack's version: "},
			{"buildpack.toml", "failed to read the buildpack's catalog: "},
		} {
			it("CF-11 exits with 222 where the buildpack lacks "+missing.file, func() {
				Expect(buildpack.Detect([]string{s.broken(missing.file), s.path("app")}, nil, &s.stdout, &s.stderr)).To(Equal(222))
				Expect(s.stderr.String()).To(ContainSubstring(missing.problem))
				Expect(s.stdout.String()).To(BeEmpty())
			})
		}
	})
}
