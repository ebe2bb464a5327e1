package integration_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testAuthorsWithoutGo makes a buildpack of data alone, with the programs of a package of this
// one as a release has it.
func testAuthorsWithoutGo(t *testing.T, _ spec.G, it spec.S) {
	it("stages, runs, packages and checks a buildpack of data alone, with the programs of a release", func() {
		need(t, "curl", "git", "unzip", "zip")
		Expect := NewWithT(t).Expect
		release, err := packaged()
		Expect(err).NotTo(HaveOccurred())
		author := newAuthoring(t)
		author.directory = filepath.Join(author.directory, "my bücher")
		agent := filepath.Join(author.directory, "agent-1.2.3")
		Expect(os.Mkdir(author.directory, 0o755)).To(Succeed())
		Expect(os.WriteFile(agent, []byte("#!/bin/sh\nexec sleep 1000\n"), 0o755)).To(Succeed()) //nolint:gosec // a program
		fileURL := func(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }
		// A name that YAML takes for no value, unless it is quoted.
		author.run(t, "", "sidecar new null --without-go --from '"+fileURL(agent)+"' --programs '"+fileURL(release)+"'")
		Expect(filepath.Join(author.directory, "null", "go.mod")).NotTo(BeAnExistingFile())

		author.environ = append(author.environ, "GOPROXY=off", "GOFLAGS=-mod=none") // nothing of it is built
		Expect(author.run(t, "null", "scripts/test.sh")).To(ContainSubstring("Passed: the sidecar null runs with the example"))
		Expect(author.run(t, "null", "sidecar check .")).To(And(
			ContainSubstring("note: it is not staged, as its programs are built when it is packaged: found bin/supply, which scripts/build.sh makes"),
			ContainSubstring("0 errors, 1 warning and 1 note in .")), "the warning is of the agent's address")

		author.run(t, "null", "scripts/package.sh")
		example := filepath.Join(author.directory, "null", "example")
		zip := filepath.Join(author.directory, "null", ".build", "null_buildpack-v0.1.0.zip")
		Expect(stage(t, example, "-b", zip).Sidecars).To(ConsistOf(HaveField("Name", "null")))

		author.run(t, "null", "scripts/package.sh --cached")
		Expect(os.Remove(agent)).To(Succeed())
		cached := filepath.Join(author.directory, "null", ".build", "null_buildpack-cached-v0.1.0.zip")
		Expect(stage(t, example, "-b", cached).Sidecars).To(ConsistOf(HaveField("Name", "null")))
		Expect(author.run(t, "null", "if scripts/package.sh --cached; then exit 1; fi")).To(ContainSubstring(
			"The dependency null of manifest.yml could not be downloaded from "+fileURL(agent)), "the file is gone")
		Expect(author.run(t, "null", "sidecar check --trust --fail-on note '"+cached+"'")).To(ContainSubstring("OK: nothing found in"))
	})

	it("writes a test that fails for a sidecar that ends, since the instance ends with it (CF-17)", func() {
		need(t, "curl", "git", "unzip", "zip")
		Expect := NewWithT(t).Expect
		release, err := packaged()
		Expect(err).NotTo(HaveOccurred())
		author := newAuthoring(t)
		fileURL := func(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }
		for name, program := range map[string]string{"failing": "#!/bin/sh\nexit 7\n", "ending": "#!/bin/sh\nexec true\n", "later": "#!/bin/sh\nsleep 1\nexit 7\n"} {
			path := filepath.Join(author.directory, name+"-1.2.3")
			Expect(os.WriteFile(path, []byte(program), 0o755)).To(Succeed()) //nolint:gosec // a program
			author.run(t, "", "sidecar new "+name+" --without-go --from '"+fileURL(path)+"' --programs '"+fileURL(release)+"'")
			output := author.run(t, name, "if scripts/test.sh; then exit 1; fi")
			Expect(output).To(ContainSubstring("-----> Failed: the app or the sidecar " + name + " has ended"))
			Expect(output).NotTo(ContainSubstring("Passed"))
		}

		// A machine can be so slow that sidecar push gives up before the test asks it for the first time.
		blind := filepath.Join(author.directory, "blind")
		Expect(os.WriteFile(blind, []byte("#!/bin/sh\n[ \"$1\" = ps ] || exec sidecar \"$@\"\n"), 0o755)).To(Succeed()) //nolint:gosec // a program
		output := author.run(t, "ending", "if SIDECAR='"+blind+"' scripts/test.sh; then exit 1; fi")
		Expect(output).To(And(ContainSubstring("start unsuccessful: "), ContainSubstring("-----> Failed: the app or the sidecar ending has ended")))
	})
}
