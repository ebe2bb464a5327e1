package gitsource_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

// testIgnored expects a line in the log for each committed file that is not read. Without it, the app would start
// with an empty configuration, and nothing would say why.
func testIgnored(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *gitServer
		logged []string
		made   *gitsource.Source
	)

	it.Before(func() {
		server = serve(t, springtest.NewRepository(t))
		settings, err := gitsource.FromEnvironment(func(name string) string {
			return server.settings(map[string]string{"CONFIG_SERVER_GIT_PATH": "conf,{application}"})[name]
		}, nil)
		Expect(err).NotTo(HaveOccurred())
		logged = nil
		made, err = gitsource.New(*settings, gitsource.Options{Directory: t.TempDir(), Logf: func(format string, arguments ...any) {
			logged = append(logged, fmt.Sprintf(format, arguments...))
		}})
		Expect(err).NotTo(HaveOccurred())
	})
	it.After(func() { Expect(made.Close()).To(Succeed()) })

	link := func(name, target string) {
		t.Helper()
		Expect(os.Symlink(target, filepath.Join(server.Directory, name))).To(Succeed())
	}

	it("logs once per commit which items are ignored, and why", func() {
		link("app.yml", "/etc/hostname")
		link("app.yaml", "sub")
		link("app-default.yml", "app-default.yml")
		link("read.yml", "sub/x")
		link("conf", "../elsewhere")
		server.Commit(map[string]string{"application.yml/x": "", "sub/x": "k: 1\n", "app": "no directory"})
		server.Git("update-index", "--add", "--cacheinfo", "160000,0123456789012345678901234567890123456789,app.properties")
		server.Git("commit", "--quiet", "--message=module")
		commit := server.Git("rev-parse", "HEAD")
		line := func(name, reason string) string {
			return fmt.Sprintf("The source %q ignores %q in the commit %s: it is %s of the repository.", "git", name, commit, reason)
		}
		_, err := value(made, "app", "")
		Expect(err).To(MatchError("no property source"))
		Expect(logged).To(ConsistOf(
			line("application.yml", "a directory; expected a file"),
			line("app.yaml", "a link to a directory; expected a file"),
			line("app.yml", "a link to something that is not in the repository; expected a file"),
			line("app-default.yml", "a link to something that is not in the repository; expected a file"),
			line("app.properties", "a submodule; expected a file"),
			line("conf", "a link to something that is not in the repository; expected a directory"),
			line("app", "a file; expected a directory"),
		))

		logged = nil
		Expect(value(made, "read", "")).To(BeEquivalentTo("1"), "a link inside of the repository")
		_, err = value(made, "app", "main")
		Expect(err).To(HaveOccurred())
		Expect(logged).To(BeEmpty(), "the same commit")

		Expect(os.RemoveAll(filepath.Join(server.Directory, "application.yml"))).To(Succeed())
		commit = server.Commit(map[string]string{"application.yml": "k: 2\n"})
		Expect(value(made, "app", "")).To(BeEquivalentTo("2"))
		Expect(logged).To(ContainElement(line("app.yaml", "a link to a directory; expected a file")), "another commit")
		Expect(logged).NotTo(ContainElement(ContainSubstring("application.yml")))
	})
}
