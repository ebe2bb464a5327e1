package cli

import (
	"bytes"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testOrder tests warnings about the order of the buildpacks, the last of which makes the start
// command.
func testOrder(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		t.Chdir(t.TempDir())
		write(t, "sidecars.yml", "- {name: monitor, command: ./watch, memory: 96M}\n", 0o644)
		write(t, "watch", "#!/bin/sh\n", 0o755)
		write(t, "manifest.yml", "applications:\n- name: my-app\n", 0o644)
	})
	// said returns the output of a command on one line.
	said := func(expected int, args ...string) string {
		t.Helper()
		stdout.Reset()
		stderr.Reset()
		Expect(Main(carriedForTests, append([]string{"sidecar"}, args...), nil, &stdout, &stderr)).To(Equal(expected), func() string { return stdout.String() + stderr.String() })
		return strings.Join(strings.Fields(stdout.String()), " ")
	}

	for _, command := range []string{"plan", "validate"} {
		context(command, func() {
			for _, name := range []string{"java_buildpack", "https://github.com/cloudfoundry/nodejs-buildpack.git", "mine"} {
				it("says that a language buildpack has to be the last, where "+name+" is the first", func() {
					write(t, "mine/manifest.yml", "language: ruby\n", 0o644)
					expected := "No start command is known: the platform asks the last buildpack of a push for it, and " + name + ", which has one, is not. " +
						"Name it last, as in -b sidecar_buildpack -b " + name + "."
					Expect(said(0, command, "-b", name, "-b", "sidecar_buildpack")).To(ContainSubstring(expected))
					Expect(said(0, command, "-b", name, "-b", "datadog_buildpack", "-b", "sidecar_buildpack")).To(ContainSubstring(expected))

					Expect(said(0, command, "-b", "sidecar_buildpack", "-b", name)).NotTo(ContainSubstring("Name it last"))
					Expect(said(0, command, "-b", name, "-b", "sidecar_buildpack", "-c", "./start")).NotTo(ContainSubstring("Name it last"))
					write(t, "Procfile", "web: ./start\n", 0o644)
					Expect(said(0, command, "-b", name, "-b", "sidecar_buildpack")).NotTo(ContainSubstring("Name it last"))
				})
			}

			it("says nothing of the order where no language buildpack is in the push", func() {
				Expect(said(0, command, "-b", "datadog_buildpack", "-b", "sidecar_buildpack")).NotTo(ContainSubstring("Name it last"))
			})

			it("CF-01 leaves the start command to detection where no buildpack is named", func() {
				said(1, command)
				Expect(stdout.String() + stderr.String()).To(And(
					ContainSubstring("no buildpack is named, and none of the platform's accepts this app"),
					Not(ContainSubstring("Start command not specified"))))
				write(t, "Procfile", "web: ./start\n", 0o644)
				Expect(said(0, command)).To(ContainSubstring("No buildpack is named, so the platform asks its own in turn, and one before may take the app and give it a start command."))
			})

			it("CF-10 refuses an app without one where this buildpack alone is named", func() {
				said(1, command, "-b", "sidecar_buildpack")
				Expect(stdout.String() + stderr.String()).To(ContainSubstring("Start command not specified"))
			})
		})
	}
}
