package gitsource_test

import (
	stdcontext "context"
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

func testLabels(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, kind := range []string{"https", "file"} {
		context("over "+kind, func() {
			var (
				server  *gitServer
				made    *gitsource.Source
				commits []string
			)
			start := func(variables map[string]string) *gitsource.Source {
				t.Helper()
				settings := server.settings(variables)
				if kind == "file" {
					settings["CONFIG_SERVER_GIT_URI"] = "file://" + server.Directory
				}
				return source(t, settings, gitsource.Limits{})
			}

			it.Before(func() {
				server = serve(t, springtest.NewRepository(t))
				for _, content := range []string{"one", "two", "three"} {
					commits = append(commits, server.Commit(map[string]string{"app.yml": "k: " + content + "\n", "sub/app.yml": "k: sub " + content + "\n"}))
				}
				server.Git("branch", "feature/x", commits[1])
				server.Git("branch", "side", commits[2])
				server.Git("tag", "v1", commits[0])
				server.Git("tag", "--annotate", "--message=m", "v2", commits[1])
				server.Git("tag", "side", commits[0])
				made = start(nil)
			})

			for _, known := range [][2]string{
				{"", "three"}, {"main", "three"}, {"feature/x", "two"}, {"v1", "one"}, {"v2", "two"}, {"HEAD", "three"},
				{"refs/heads/feature/x", "two"}, {"heads/main", "three"}, {"tags/v1", "one"},
				{"side", "three"}, // the branch, and not the tag
			} {
				label, expected := known[0], known[1]
				it("reads the label "+label, func() {
					Expect(value(made, "app", label)).To(Equal(expected))
				})
			}

			it("reads a commit that no branch or tag names, by its hash or the start of it", func() {
				server.Git("branch", "--delete", "--force", "feature/x")
				server.Git("tag", "--delete", "v1", "v2", "side")
				Expect(value(made, "app", commits[1])).To(Equal("two"))
				Expect(value(made, "app", commits[0][:9])).To(Equal("one"))
				Expect(value(made, "app", commits[1][:6])).To(Equal("two"))
				Expect(value(made, "app", "main")).To(Equal("three"))
			})

			it("requests a commit by its hash if the server allows that", func() {
				server.Git("config", "uploadpack.allowAnySHA1InWant", "true")
				server.Git("branch", "--delete", "--force", "feature/x")
				server.Git("tag", "--delete", "v1", "v2", "side")
				Expect(value(made, "app", commits[1])).To(Equal("two"))
			})

			it("reads several labels; the last wins", func() {
				answer, _, err := made.Fetch(stdcontext.Background(), request("app", "v1,feature/x"), "")
				Expect(err).NotTo(HaveOccurred())
				Expect(answer.PropertySources).To(HaveLen(2))
				Expect(answer.PropertySources[0].Source).To(Equal(map[string]any{"k": "two"}))
				Expect(answer.PropertySources[1].Source).To(Equal(map[string]any{"k": "one"}))
				Expect(*answer.Version).To(Equal(commits[0] + "," + commits[1]))
				Expect(*answer.Label).To(Equal("v1,feature/x"))
			})

			it("uses the branch master if there is no main and no label is set", func() {
				server.Git("branch", "--move", "main", "master")
				Expect(value(made, "app", "")).To(Equal("three"))
				_, err := value(start(map[string]string{"CONFIG_SERVER_GIT_LABEL": "main"}), "app", "")
				Expect(err).To(MatchError(ContainSubstring(`no branch, tag or commit "main"`)))
				Expect(value(start(map[string]string{"CONFIG_SERVER_GIT_LABEL": "v1"}), "app", "")).To(Equal("one"))
			})

			it("reads further folders, and answers like Spring's server", func() {
				answer, version, err := start(map[string]string{"CONFIG_SERVER_GIT_PATH": "sub, {application}/x"}).Fetch(stdcontext.Background(), request("app", ""), "")
				Expect(err).NotTo(HaveOccurred())
				Expect(version).To(HavePrefix(commits[2]))
				content, err := json.Marshal(answer)
				Expect(err).NotTo(HaveOccurred())
				uri := server.URL + "/repo"
				if kind == "file" {
					uri = "file://" + server.Directory
				}
				Expect(string(content)).To(MatchJSON(`{"name": "app", "profiles": ["default"], "label": null, "version": "` + commits[2] + `", "state": "", "propertySources": [
					{"name": "` + uri + `/sub/app.yml", "source": {"k": "sub three"}}, {"name": "` + uri + `/app.yml", "source": {"k": "three"}}]}`))
			})

			context("failure cases", func() {
				for _, label := range []string{"nope", "v3", "0123456", "0123456789012345678901234567890123456789", "../main", "main~1", "refs/heads", " main", "MAIN"} {
					it("does not find the label "+label, func() {
						_, err := value(made, "app", label)
						var missing *environment.NotFoundError
						Expect(err).To(BeAssignableToTypeOf(missing))
					})
				}

				it("does not find a branch in an empty repository", func() {
					server.Git("update-ref", "-d", "refs/heads/main")
					for _, name := range []string{"heads/feature/x", "heads/side", "tags/v1", "tags/v2", "tags/side"} {
						server.Git("update-ref", "-d", "refs/"+name)
					}
					_, err := value(made, "app", "")
					Expect(err).To(MatchError(ContainSubstring("no branch main and no branch master")))
				})
			})
		})
	}
}
