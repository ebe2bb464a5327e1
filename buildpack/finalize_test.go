package buildpack_test

import (
	"bytes"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func finalized(args, environ []string, stdout, stderr *bytes.Buffer) int {
	return buildpack.Finalize(args, environ, stdout, stderr)
}

func testFinalize(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t)
	})

	it("CF-01 takes five arguments and writes to the profile directory", func() {
		s.write("deps/0/profile.d/a.sh", "")
		s.write("app/Procfile", "web: run\n")
		Expect(s.call(finalized, s.path("app"), s.path("cache"), s.path("deps"), "0", s.path("profile.d"))).To(Equal(0))
		Expect(s.path("profile.d/0_a.sh")).To(BeARegularFile())
		Expect(s.stdout.String()).To(Equal("-----> Finalizing the launch environment\n       Start command: run\n"))
		Expect(s.stderr.String()).To(BeEmpty())
	})

	context("failure cases", func() {
		it("CF-01 says how it is called", func() {
			Expect(s.call(finalized, "a", "b", "c", "0")).To(Equal(2))
			Expect(s.stderr.String()).To(Equal("usage: bin/finalize BUILD_DIR CACHE_DIR DEPS_DIR IDX PROFILE_DIR\n"))
		})

		it("CF-11 exits with 226 where it fails", func() {
			s.write("app/Procfile", "run\n")
			Expect(s.call(finalized, s.path("app"), s.path("cache"), s.path("deps"), "0", s.path("profile.d"))).To(Equal(226))
			Expect(s.stdout.String()).To(ContainSubstring("**ERROR**\x1b[0m Procfile:1: "))
		})

		it("CF-11 exits with 226 for an index that is none", func() {
			Expect(s.call(finalized, s.path("app"), s.path("cache"), s.path("deps"), "x", s.path("profile.d"))).To(Equal(226))
			Expect(s.stdout.String()).To(HaveSuffix(`IDX: found "x"; expected the buildpack's number, such as 0 or 00` + "\n"))
		})
	})
}
