package buildpack_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func supplied(args, environ []string, stdout, stderr *bytes.Buffer) int {
	return buildpack.Supply(args, environ, stdout, stderr)
}

func testSupply(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t)
		s.write("app/sidecars.yml", "- name: config-server\n")
		s.write("programs/config-server", "the program")
	})

	it("CF-01 takes four arguments and leaves a launch.yml that works", func() {
		Expect(s.call(supplied, s.path("app"), s.path("cache"), s.path("deps"), "0")).To(Equal(0))
		Expect(os.ReadFile(s.path("deps/0/bin/config-server"))).To(Equal([]byte("the program")))
		Expect(os.ReadFile(s.path("deps/0/launch.yml"))).To(MatchYAML(`
processes:
- type: config-server
  command: '"$DEPS_DIR/0/bin/config-server"'
  limits: {memory: 32}
  platforms: {cloudfoundry: {sidecar_for: [web]}}
`))
		Expect(s.stdout.String()).To(HavePrefix("-----> Sidecar Buildpack version "))
		Expect(s.stderr.String()).To(BeEmpty())
	})

	it("CF-01 takes a cache directory that is not there", func() {
		Expect(s.call(supplied, s.path("app"), s.path("missing"), s.path("deps"), "0")).To(Equal(0))
		Expect(s.path("missing")).NotTo(BeADirectory())
	})

	it("finds the buildpack by its own path", func() {
		program := s.broken("")
		s.write("app/sidecars.yml", "")
		environ := []string{"BUILDPACK_DIR=/the/app/s/own"}
		Expect(buildpack.Supply([]string{program, s.path("app"), s.path("cache"), s.path("deps"), "0"}, environ, &s.stdout, &s.stderr)).To(Equal(0))
		Expect(os.ReadFile(s.path("deps/0/config.yml"))).To(MatchYAML("{name: mine, version: '7', config: {}}"))
	})

	// hostile would move the cursor, by C0 and by C1 controls, reverse the text after it, and forge
	// a line.
	const hostile = "1\x1b[2J\u009b1A\u202e\u200b\n-----> Done"

	it("logs what a cache and another buildpack say of themselves, and does not obey it", func() {
		quoted := strconv.QuoteToASCII(hostile) // which YAML reads in the same way
		s.write("cache/BUILDPACK_METADATA", "language: sidecar\nversion: "+quoted+"\n")
		s.write("deps/0/config.yml", "name: "+quoted+"\n")
		s.write("deps/0/launch.yml", "processes: [{type: config-server, command: x}]\n")
		s.write("deps/1/.keep", "")
		Expect(s.call(supplied, s.path("app"), s.path("cache"), s.path("deps"), "1")).To(Equal(225))
		Expect(s.stdout.String()).To(ContainSubstring("**WARNING**\x1b[0m buildpack version changed from 1\\x1b[2J\\u009b1A\\u202e\\u200b\\n       -----> Done to "))
		Expect(s.stdout.String()).To(ContainSubstring("taken by the launch.yml of \"1\\x1b[2J\\u009b1A\\u202e\\u200b\\n-----> Done\", the buildpack in position 0"))
		Expect(strings.Split(s.stdout.String(), "\n")).NotTo(ContainElement(MatchRegexp(`^ *-----> Done`)))
		Expect(strings.NewReplacer("\x1b[31;1m**ERROR**\x1b[0m", "", "\x1b[31;1m**WARNING**\x1b[0m", "").Replace(s.stdout.String())).
			NotTo(MatchRegexp(`[^\n\t\pL\pM\pN\pP\pS ]`))
	})

	context("failure cases", func() {
		for _, args := range [][]string{{}, {"a"}, {"a", "b", "c"}, {"a", "b", "c", "0", "e"}} {
			it("CF-01 says how it is called", func() {
				Expect(s.call(supplied, args...)).To(Equal(2))
				Expect(s.stderr.String()).To(Equal("usage: bin/supply BUILD_DIR CACHE_DIR DEPS_DIR IDX\n"))
				Expect(s.stdout.String()).To(BeEmpty())
			})
		}

		for _, index := range []string{"", "x", "-1", "../0", "0/..", "00000", "0\n"} {
			it("CF-03 refuses the index "+index, func() {
				Expect(s.call(supplied, s.path("app"), s.path("cache"), s.path("deps"), index)).To(Equal(225))
				Expect(s.stdout.String()).To(ContainSubstring("; expected the buildpack's number, such as 0 or 00\n"))
				Expect(os.ReadDir(s.path("deps/0"))).To(BeEmpty())
			})
		}

		it("CF-11 exits with 225 and prints every problem once", func() {
			s.write("app/sidecars.yml", "- a\n- b\n")
			Expect(s.call(supplied, s.path("app"), s.path("cache"), s.path("deps"), "0")).To(Equal(225))
			Expect(s.stdout.String()).To(HaveSuffix("**ERROR**\x1b[0m sidecars.yml:1: sidecar: found \"a\"; expected a mapping with the key name\n       sidecars.yml:2: sidecar: found \"b\"; expected a mapping with the key name\n"))
			Expect(os.ReadDir(s.path("deps/0"))).To(BeEmpty())
		})

		it("CF-11 exits with 225 without the app's or the deps directory", func() {
			Expect(s.call(supplied, s.path("x"), s.path("cache"), s.path("y"), "0")).To(Equal(225))
			Expect(s.stdout.String()).To(HaveSuffix(`BUILD_DIR: found "` + s.path("x") + "\"; expected a directory\n"))
			Expect(s.call(supplied, s.path("app"), s.path("cache"), s.path("app/sidecars.yml"), "0")).To(Equal(225))
			Expect(s.stdout.String()).To(HaveSuffix("DEPS_DIR: " + s.path("app/sidecars.yml") + ": found a regular file; expected a directory, and no link to one\n"))
		})

		for _, missing := range []struct{ file, problem string }{
			{"manifest.yml", "failed to load the buildpack's manifest.yml: "},
			{"VERSION", "failed to check the buildpack: "},
			{"buildpack.toml", "failed to read the buildpack's catalog: "},
		} {
			it("CF-11 exits with 225 where a named pipe is in the place of the buildpack's "+missing.file, func() {
				program := s.broken(missing.file)
				Expect(syscall.Mkfifo(filepath.Join(filepath.Dir(filepath.Dir(program)), missing.file), 0o600)).To(Succeed())
				Expect(buildpack.Supply([]string{program, s.path("app"), s.path("cache"), s.path("deps"), "0"}, nil, &s.stdout, &s.stderr)).To(Equal(225))
				Expect(s.stdout.String()).To(MatchRegexp("/" + missing.file + ": found a named pipe; expected a regular file of at most 1 MB"))
			})

			it("CF-11 exits with 225 where the buildpack lacks "+missing.file, func() {
				program := s.broken(missing.file)
				Expect(buildpack.Supply([]string{program, s.path("app"), s.path("cache"), s.path("deps"), "0"}, nil, &s.stdout, &s.stderr)).To(Equal(225))
				Expect(s.stdout.String()).To(ContainSubstring(missing.problem))
			})
		}
	})
}
