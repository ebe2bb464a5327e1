package bump_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/bump"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
)

func testNewest(t *testing.T, context spec.G, it spec.S) {
	const (
		released = "https://git.example.com/them/agent/releases"
		entry    = "dependencies:\n- name: agent\n  version: 1.2.3\n  uri: URI\n  sha256: 1111\n"
	)
	var (
		Expect = NewWithT(t).Expect
		from   *source
	)

	it.Before(func() {
		from = &source{redirects: map[string]string{}, files: map[string]published.File{
			released + "/download/v1.3.0/agent-1.3.0.tgz": {SHA256: sum("3")},
		}}
	})
	bumped := func(uri string) (bump.Result, error) {
		return bump.Manifest(t.Context(), []byte(strings.Replace(entry, "URI", uri, 1)), bump.Request{Name: "agent"}, from)
	}
	const uri = released + "/download/v1.2.3/agent-1.2.3.tgz"

	it("takes the release that the repository calls the newest, whatever the repository is called now", func() {
		from.redirects[released+"/latest"] = "https://git.example.com/others/agent/releases/latest"
		from.redirects["https://git.example.com/others/agent/releases/latest"] = "https://git.example.com/others/agent/releases/tag/v1.3.0"
		result, err := bumped(uri)
		Expect(err).NotTo(HaveOccurred())
		Expect(result.To).To(Equal("1.3.0"))
		Expect(string(result.Content)).To(ContainSubstring("uri: " + released + "/download/v1.3.0/agent-1.3.0.tgz\n"))
	})

	context("failure cases", func() {
		it("says that there is no newer one", func() {
			from.redirects[released+"/latest"] = released + "/tag/v1.2.3"
			_, err := bumped(uri)
			Expect(err).To(MatchError(bump.ErrNewest))
		})

		it("asks for the version where the newest one is not known", func() {
			const failed = "failed to find the newest version of agent: "
			for _, c := range []struct{ uri, redirect, problem string }{
				{"https://example.com/agent-1.2.3.tgz?token=s3cret", "", "found no GitHub release at https://example.com/agent-1.2.3.tgz; state the version"},
				{released + "/download/v9/agent-1.2.3.tgz", "", `found the tag "v9", of which 1.2.3 is not part; state the version`},
				{released + "/download/v11.2.3/agent-1.2.3.tgz", "", `found the tag "v11.2.3", of which 1.2.3 is not part; state the version`},
				{uri, released + "/tag/nightly", `found the tag "nightly" of the newest release; expected one such as "v1.2.3"; state the version`},
				{uri, released, released + "/latest redirects to " + released + ", and not to a release"},
				{uri, released + "/latest", released + "/latest redirects more than 5 times"},
				{uri, "", released + "/latest: the server answers 404 Not Found, without an address to redirect to"},
			} {
				from.redirects = map[string]string{}
				if c.redirect != "" {
					from.redirects[released+"/latest"] = c.redirect
				}
				_, err := bumped(c.uri)
				Expect(err).To(MatchError(failed + c.problem))
			}
		})
	})
}
