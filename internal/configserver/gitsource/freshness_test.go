package gitsource_test

import (
	stdcontext "context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

func testFreshness(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *gitServer
		made   *gitsource.Source
	)

	it.Before(func() {
		server = serve(t, springtest.NewRepository(t))
		server.Commit(map[string]string{"app.yml": "k: 1\n", "other.yml": "k: other\n"})
		made = source(t, server.settings(nil), gitsource.Limits{Packs: 3})
	})

	const list, fetch = "GET /info/refs", "POST /git-upload-pack"

	it("fetches nothing while the commit is the same", func() {
		_, version, err := made.Fetch(stdcontext.Background(), request("app", ""), "")
		Expect(err).NotTo(HaveOccurred())
		lists, fetches := server.count(list), server.count(fetch)
		for range 3 {
			_, same, err := made.Fetch(stdcontext.Background(), request("app", ""), version)
			Expect(err).To(MatchError(environment.ErrUnchanged))
			Expect(same).To(Equal(version))
		}
		Expect(server.count(list)).To(Equal(lists + 3))
		Expect(value(made, "other", "main")).To(Equal("other"), "another application, of the same commit")
		Expect(server.count(fetch)).To(Equal(fetches))

		server.Git("branch", "again")
		_, _, err = made.Fetch(stdcontext.Background(), request("app", "again"), version)
		Expect(err).To(MatchError(environment.ErrUnchanged), "another branch of the same commit")
	})

	it("follows commits, and fetches everything again from time to time", func() {
		for i := range 8 {
			server.Commit(map[string]string{"app.yml": fmt.Sprintf("k: %d\n", i)})
			Expect(value(made, "app", "")).To(BeEquivalentTo(fmt.Sprint(i)))
			Expect(value(made, "other", "")).To(Equal("other"), "a file that has not changed since")
		}
	})

	it("follows branches that are rolled back, rewritten, deleted and renamed, and tags that move", func() {
		first := server.Git("rev-parse", "HEAD")
		server.Git("tag", "stable")
		server.Git("branch", "old")
		server.Commit(map[string]string{"app.yml": "k: 2\n"})
		Expect(value(made, "app", "")).To(BeEquivalentTo("2"))
		Expect(value(made, "app", "stable")).To(BeEquivalentTo("1"))

		server.Git("reset", "--quiet", "--hard", first)
		Expect(value(made, "app", "")).To(BeEquivalentTo("1"), "rolled back")

		server.Git("checkout", "--quiet", "--orphan", "rewritten")
		rewritten := server.Commit(map[string]string{"app.yml": "k: 3\n"})
		server.Git("branch", "--force", "main", rewritten)
		Expect(value(made, "app", "")).To(BeEquivalentTo("3"), "force-pushed")
		Expect(value(made, "other", "")).To(Equal("other"))

		server.Git("tag", "--force", "stable", rewritten)
		Expect(value(made, "app", "stable")).To(BeEquivalentTo("3"), "a tag that moved")

		server.Git("branch", "--delete", "--force", "old")
		_, err := value(made, "app", "old")
		Expect(err).To(BeAssignableToTypeOf(&environment.NotFoundError{}))
		server.Git("branch", "--move", "rewritten", "new")
		_, err = value(made, "app", "rewritten")
		Expect(err).To(BeAssignableToTypeOf(&environment.NotFoundError{}))
		Expect(value(made, "app", "new")).To(BeEquivalentTo("3"))
	})

	it("fetches everything again if the server has deleted the previous commit", func() {
		Expect(value(made, "app", "")).To(BeEquivalentTo("1"))
		server.Git("checkout", "--quiet", "--orphan", "rewritten")
		rewritten := server.Commit(map[string]string{"app.yml": "k: 2\n"})
		server.Git("branch", "--force", "main", rewritten)
		server.Git("reflog", "expire", "--expire=now", "--all")
		server.Git("gc", "--quiet", "--prune=now")
		Expect(value(made, "app", "")).To(BeEquivalentTo("2"))
		Expect(value(made, "other", "")).To(Equal("other"))
	})

	it("reads objects that are stored as deltas of others", func() {
		content := ""
		for i := range 2_000 {
			content += fmt.Sprintf("key-%d: value of %d\n", i, i*i*i)
		}
		for i := range 30 {
			server.Commit(map[string]string{"app.yml": fmt.Sprintf("%sk: %d\n", content, i), fmt.Sprintf("copy-%d.yml", i): fmt.Sprintf("k: %d\n%s", i, content)})
		}
		server.Git("repack", "-a", "-d", "-f", "--depth=50", "--window=50", "--quiet")
		Expect(value(made, "app", "")).To(BeEquivalentTo("29"))
		for i := range 30 {
			Expect(value(made, fmt.Sprintf("copy-%d", i), "")).To(BeEquivalentTo(fmt.Sprint(i)))
		}
		Expect(value(made, "copy-3", server.Git("rev-parse", "HEAD~20")[:10])).To(BeEquivalentTo("3"), "with the whole history")
	})

	it("leaves no named file behind", func() {
		directory := t.TempDir()
		settings, err := gitsource.FromEnvironment(func(name string) string { return server.settings(nil)[name] }, nil)
		Expect(err).NotTo(HaveOccurred())
		named, err := gitsource.New(*settings, gitsource.Options{Directory: directory})
		Expect(err).NotTo(HaveOccurred())
		Expect(value(named, "app", "")).To(BeEquivalentTo("1"))
		Expect(os.ReadDir(directory)).To(BeEmpty())
		Expect(named.Close()).To(Succeed())
		Expect(value(named, "app", "")).To(BeEquivalentTo("1"), "and starts anew")
		Expect(named.Close()).To(Succeed())
	})

	it("follows only links inside of the repository, and no submodules", func() {
		for name, target := range map[string]string{
			"link.yml": "app.yml", "folder": "sub", "sub/up.yml": "../app.yml", "out.yml": "../../../../../../etc/hostname",
			"absolute.yml": filepath.Join(server.Directory, "app.yml"), "loop.yml": "loop.yml", "turn": "turn/turn", "dir.yml": "sub",
		} {
			server.Commit(map[string]string{"sub/x.yml": "k: sub\n"})
			Expect(os.Symlink(target, filepath.Join(server.Directory, name))).To(Succeed())
		}
		server.Git("update-index", "--add", "--cacheinfo", "160000,0123456789012345678901234567890123456789,module.yml")
		server.Git("add", "--all", ":!module.yml")
		server.Git("commit", "--quiet", "--message=links")
		for application, expected := range map[string]any{
			"link": "1", "folder/x": "sub", "sub/up": "1", "folder/up": "1",
		} {
			Expect(value(made, application, "")).To(BeEquivalentTo(expected), application)
		}
		for _, application := range []string{"out", "absolute", "loop", "turn/x", "dir", "module", "../app", "sub/../../app"} {
			answer, _, err := made.Fetch(stdcontext.Background(), request(application, ""), "")
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.PropertySources).To(BeEmpty(), application)
		}
	})

	it("reads a repository on this machine while git repacks it", func() {
		local := source(t, map[string]string{"CONFIG_SERVER_GIT_URI": server.Directory}, gitsource.Limits{})
		for i := range 5 {
			server.Commit(map[string]string{"app.yml": fmt.Sprintf("k: %d\n", i)})
			server.Git("gc", "--quiet", "--prune=now")
			Expect(value(local, "app", "")).To(BeEquivalentTo(fmt.Sprint(i)))
		}
		Expect(value(local, "app", server.Git("rev-parse", "HEAD")[:7])).To(BeEquivalentTo("4"))
		Expect(server.Git("status", "--porcelain")).To(BeEmpty())
	})
}
