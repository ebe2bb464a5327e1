package sidecar_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// testSecrets puts a secret where a user may by mistake, and looks for it in what is
// said of that.
func testSecrets(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	context("failure cases", func() {
		for _, wrong := range []struct{ what, document, variable, found string }{
			{"in an env with an equals sign", "", "SIDECAR_A_ENV={TOKEN=s3cret}", `the name "TOKEN…"`},
			{"in an env without a blank", "", "SIDECAR_A_ENV={TOKEN:s3cret}", `the name "TOKEN…"`},
			{"in an env that is none", "", "SIDECAR_A_ENV=TOKEN=s3cret", "no mapping"},
			{"in an app-env that is a list", "", "SIDECAR_A_APP_ENV=[TOKEN=s3cret]", "no mapping"},
			{"as an alias", "- {name: a, command: x, env: {TOKEN: *s3cret}}", "", "unknown anchor '…' referenced"},
			{"as a tag", "- {name: a, command: x, restart: !s3cret x}", "", "a value with a tag"},
			{"as what is merged", "- {name: a, command: x, env: {<<: s3cret}}", "", "no mapping"},
			{"as a key with a password", "- {name: a, command: x, 'https://me:s3cret@example.com': x}", "", `the key "https…"`},
			{"as a key of the document", "https://me:s3cret@example.com: x", "", `the key "https…"`},
			{"as a key that is there twice", "- {name: a, 'TOKEN=s3cret': x, 'TOKEN=s3cret': y}", "", `the key "TOKEN…"`},
			{"as a key of an artifact", "- {name: a, artifact: {'uri=https://me:s3cret@example.com': x}}", "", `the key "uri…"`},
			{"in the name of a sidecar", "- {name: 'https://me:s3cret@example.com'}", "", `"https://…@example.com"`},
			{"in place of a number", "- {name: a, command: x, memory: 'https://me:s3cret@example.com'}", "", `"https://…@example.com"`},
			{"in place of a word", "- {name: a, command: x, restart: TOKEN=s3cret}", "", `"TOKEN=…"`},
			{"in place of a port", "- {name: a, command: x, port: '--token s3cret'}", "", `"--token …"`},
			{"in place of the path of a program", "- {name: a, command: x, dependency: d, executable: '/https://me:s3cret@example.com/a'}", "", "executable"},
			{"in place of a sidecar", "- TOKEN=s3cret", "", `"TOKEN=…"`},
			{"in place of an SHA-256", "- {name: a, artifact: {uri: 'https://example.com/a', sha256: s3cret}}", "", "6 characters"},
			{"in place of all sidecars, in the variable of another name", "SIDECARS: s3cret", "", "no list and no mapping"},
			{"as a command that cannot be run", "- {name: a, command: \"TOKEN=s3cret ./x\\0\"}", "", `"TOKEN=… ./x`},
			{"as what a sidecar depends on", "- {name: a, command: x, depends-on: ['TOKEN=s3cret']}", "", `"TOKEN=…"`},
		} {
			it("does not quote text "+wrong.what, func() {
				request := sidecar.Request{Environ: []string{wrong.variable}}
				sources := []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- {name: a, command: x}")}}
				if wrong.document != "" {
					sources[0].Content = []byte(wrong.document)
				}
				if wrong.document == "SIDECARS: s3cret" {
					sources[0] = sidecar.Source{Name: "SIDECARS", Variable: true, Content: []byte("s3cret")}
				}
				request.Sources = sources
				_, warnings, err := sidecar.Resolve(request)
				Expect(err).To(MatchError(And(ContainSubstring(wrong.found), Not(ContainSubstring("s3cret")))))
				Expect(warnings).NotTo(ContainElement(ContainSubstring("s3cret")))
			})
		}

		it("does not quote what a catalog has in the wrong place", func() {
			for _, content := range []string{
				"[[metadata.sidecars]]\nname = \"a\"\nexecutable = \"a\"\n\"TOKEN=s3cret\" = 1\n",
				"[[metadata.sidecars]]\nname = \"a\"\nmemory = s3cret\n",
				"[[metadata.sidecars]]\nname = \"a\"\nexecutable = \"a\"\nenv = {\"TOKEN=s3cret\" = \"\"}\n",
			} {
				_, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte(content)})
				Expect(err).To(MatchError(Not(ContainSubstring("s3cret"))), content)
			}
		})
	})
}
