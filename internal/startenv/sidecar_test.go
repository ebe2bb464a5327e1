package startenv_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
)

func testSidecar(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
		deps           string
	)

	it.Before(func() {
		stderr.Reset()
		deps = t.TempDir()
	})
	write := func(index, content string) {
		t.Helper()
		Expect(os.MkdirAll(filepath.Join(deps, index), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(deps, index, "launch.yml"), []byte(content), 0o600)).To(Succeed())
	}
	is := func(command string, environ ...string) int {
		return startenv.Main([]string{"sidecar-env", "is-sidecar", deps, "0", command}, environ, &stdout, &stderr)
	}
	const web, worker = `VCAP_APPLICATION={"process_type":"web"}`, `VCAP_APPLICATION={"process_type":"worker"}`

	it("tells a sidecar of this process type, whichever buildpack declares it, from the app", func() {
		write("0", "processes:\n- {type: own, command: run own, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n")
		write("1", "processes:\n- type: later\n  command: |\n    run 'it'\n    later\n  platforms: {cloudfoundry: {sidecar_for: [web]}}\n- {type: web, command: serve}\n")
		Expect(is("run own", web)).To(Equal(0))
		Expect(is("run 'it'\nlater\n", web)).To(Equal(0))
		Expect(is("run 'it'\nlater\n", worker)).To(Equal(1), "it runs with web alone")
		Expect(is("run own")).To(Equal(0), "where nothing tells the process type")
		Expect(is("run own", "VCAP_APPLICATION={")).To(Equal(0))
		Expect(is("serve", web)).To(Equal(1))
		Expect(stderr.String()).To(BeEmpty())
	})

	it("CF-07 says in the app's process which sidecar of the buildpack a later one has replaced", func() {
		write("0", "processes:\n- {type: agent, command: ours, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n")
		write("1", "processes:\n- {type: agent, command: theirs, platforms: {cloudfoundry: {sidecar_for: [web]}}}\n")
		Expect(is("theirs", web)).To(Equal(0))
		Expect(stderr.String()).To(BeEmpty())
		Expect(is("serve", web)).To(Equal(1))
		Expect(stderr.String()).To(Equal(`[sidecar-env] sidecar "agent" of the buildpack in position 0 does not run: ` +
			"the buildpack in position 1 declares a sidecar of the same name, and the platform runs only the later one\n"))
	})

	context("failure cases", func() {
		it("takes a process for the app where a file cannot be read, and says so on one line", func() {
			write("0", "processes: [")
			Expect(is("serve", web)).To(Equal(1))
			Expect(stderr.String()).To(MatchRegexp(`^\[sidecar-env\] it is not known which sidecars the buildpacks declare: failed to parse .*/0/launch.yml: [^\n]*\n$`))
		})

		it("says how it is called", func() {
			Expect(startenv.Main([]string{"sidecar-env", "is-sidecar", deps, "x", "serve"}, nil, &stdout, &stderr)).To(Equal(2))
			Expect(stderr.String()).To(ContainSubstring("sidecar-env is-sidecar DEPS_DIR POSITION COMMAND"))
		})
	})
}
