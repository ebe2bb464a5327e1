package integration_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// authoring is what an author's machine has: the command line tool on PATH, the module as it is
// here from a proxy, all others from this machine's cache, and a cache of modules of its own.
type authoring struct {
	directory string // where the author works
	proxy     string // the directory that serves this module
	modules   string // the author's cache
	environ   []string
}

// newAuthoring is an author who gets the module from this checkout, in the version of VERSION.
func newAuthoring(t *testing.T) authoring {
	t.Helper()
	need(t, "git", "zip", "unzip")
	Expect := NewWithT(t).Expect
	version, err := os.ReadFile(filepath.Join(built.root, "VERSION"))
	Expect(err).NotTo(HaveOccurred())
	proxy := t.TempDir()
	serveModule(t, built.root, proxy, "v"+strings.TrimSpace(string(version)))
	output, err := exec.Command("go", "env", "GOMODCACHE", "GOPROXY").Output()
	Expect(err).NotTo(HaveOccurred())
	own := strings.Fields(string(output))
	fileURL := func(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }
	a := authoring{directory: t.TempDir(), proxy: proxy, modules: filepath.Join(t.TempDir(), "modules")}
	a.environ = append(os.Environ(), "PATH="+filepath.Dir(built.sidecar)+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"GOPROXY="+strings.Join(append([]string{fileURL(proxy), fileURL(filepath.Join(own[0], "cache", "download"))}, own[1:]...), ","),
		"GOMODCACHE="+a.modules, "GONOSUMDB="+module, "GOFLAGS=-modcacherw -trimpath", "GOWORK=off")
	return a
}

// serveModule makes a module proxy of a checkout.
func serveModule(t *testing.T, checkout, proxy, version string) {
	t.Helper()
	serve := exec.Command("go", "run", "scripts/moduleproxy.go", proxy, version)
	serve.Dir = checkout
	output, err := serve.CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(output))
}

// run runs commands of bash in a directory below the author's, and returns what they say.
func (a authoring) run(t *testing.T, directory, commands string) string {
	t.Helper()
	command := exec.Command("bash", "-euo", "pipefail", "-c", commands)
	command.Dir, command.Env = filepath.Join(a.directory, directory), a.environ
	output, err := command.CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(output))
	return string(output)
}

// exampleBuildpack is the directory of a built buildpack of examples/buildpacks: its page is
// followed literally, but that what it downloads is on this machine, in archives.
func exampleBuildpack(t *testing.T, a authoring, name, archives string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(built.root, "examples", "buildpacks", name, "README.md"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	block := regexp.MustCompile("(?s)```shell\n(.*?)```").FindSubmatch(page)
	NewWithT(t).Expect(block).To(HaveLen(2))
	const release = "https://github.com/cloudfoundry-community/sidecar-buildpack/releases/download/v0.1.0/"
	NewWithT(t).Expect(string(block[1])).To(ContainSubstring(release))
	checkout := filepath.Join(a.directory, "sidecar-buildpack")
	if _, err := os.Lstat(checkout); err != nil {
		NewWithT(t).Expect(os.Symlink(built.root, checkout)).To(Succeed())
	}
	a.run(t, "", strings.ReplaceAll(string(block[1]), release, archives+"/"))
	a.run(t, name, "scripts/build.sh ../built-"+name)
	return filepath.Join(a.directory, "built-"+name)
}

func testAuthors(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("has a page that can be followed literally, from an empty directory", func() {
		need(t, "git")
		follow := exec.Command(filepath.Join(built.root, "scripts", "authors.sh"))
		output, err := follow.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		Expect(string(output)).To(And(ContainSubstring("Passed: the sidecar watcher runs with the example"), MatchRegexp(`OK: nothing found in \S*watcher_buildpack-v0\.1\.0\.zip`)))
		Expect(string(output)).To(MatchRegexp(`watcher +running +0 +\S+ of 64M`), "the page's hook has reserved more for the app with an archive")
	})

	it("upgrades a buildpack to the next version, with another protocol of the supervisor, by go get alone", func() {
		author := newAuthoring(t)
		author.run(t, "", "sidecar new mine")
		author.run(t, "mine", "echo 'restart = \"always\"' >>buildpack.toml; scripts/build.sh ../before")
		serveModule(t, nextVersion(t), author.proxy, "v1.99.0")
		author.run(t, "mine", "go get "+module+"@v1.99.0; go mod tidy; scripts/build.sh ../after")
		Expect(author.run(t, "mine", "scripts/test.sh")).To(ContainSubstring("Passed: the sidecar mine runs with the example"))

		before, after := filepath.Join(author.directory, "before"), filepath.Join(author.directory, "after")
		example := filepath.Join(author.directory, "mine", "example")
		for version, buildpack := range map[string]string{"1": before, "2": after} {
			Expect(stage(t, example, "-b", buildpack).file(t, "deps/0/supervise.conf")).To(HavePrefix(`version "` + version + `"`))
		}
		for _, order := range [][]string{{before, after}, {after, before}} {
			s := sidecar(t, example, "push", "-b", order[0], "-b", order[1])
			s.expectLine("APP/PROC/WEB/SIDECAR/MINE/0", "mine runs")
			s.stop()
		}
	})
}
