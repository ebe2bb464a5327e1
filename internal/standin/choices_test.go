package standin

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testChoices(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		root   string
	)

	write := func(name, content string) string {
		t.Helper()
		path := filepath.Join(root, name)
		Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(content), 0o644)).To(Succeed())
		return path
	}

	it.Before(func() {
		root = t.TempDir()
		write("ruby/bin/supply", "")
		write("app/Gemfile", "")
	})

	it("reads the file of the app, or of its repository", func() {
		choices, err := FindChoices(filepath.Join(root, "app"))
		Expect(err).NotTo(HaveOccurred())
		Expect(choices).To(Equal(Choices{}))

		file := write(FileName, "buildpacks:\n  ruby_buildpack: ruby\n  go_buildpack: https://example.com/go.git#v1\nstrict: true\n")
		choices, err = FindChoices(filepath.Join(root, "app"))
		Expect(err).NotTo(HaveOccurred())
		Expect(choices).To(Equal(Choices{}), "above the app, in no repository")

		write(".git/HEAD", "")
		choices, err = FindChoices(filepath.Join(root, "app", "Gemfile"))
		Expect(err).NotTo(HaveOccurred())
		Expect(choices).To(Equal(Choices{Strict: true, Buildpacks: map[string]Choice{
			"ruby_buildpack": {Buildpack: filepath.Join(root, "ruby"), Source: file + ":2"},
			"go_buildpack":   {Buildpack: "https://example.com/go.git#v1", Source: file + ":3"},
		}}))

		write("app/"+FileName, "\n")
		choices, err = FindChoices(filepath.Join(root, "app"))
		Expect(err).NotTo(HaveOccurred())
		Expect(choices.Strict).To(BeFalse(), "the nearest one counts")
	})

	context("failure cases", func() {
		it("names each problem with its line", func() {
			file := write("app/"+FileName, "strict: maybe\nbuildpack: {}\nbuildpacks:\n  ruby_buildpack: missing\n  go_buildpack: [x]\n  php_buildpack: 'hhttps://me:a s3cret@x'\n")
			_, err := FindChoices(filepath.Join(root, "app"))
			Expect(err).To(MatchError(
				file + ":1: strict: found \"maybe\"; expected true or false\n" +
					file + ":2: unknown key \"buildpack\"; did you mean buildpacks? Expected buildpacks or strict\n" +
					file + ":4: ruby_buildpack: found \"missing\"; expected the directory or the zip of a buildpack, or a git URL\n" +
					file + ":5: go_buildpack: found \"\"; expected the directory or the zip of a buildpack, or a git URL\n" +
					file + ":6: php_buildpack: found \"hhttps://…@x\"; expected the directory or the zip of a buildpack, or a git URL"))

			write("app/"+FileName, "- x\n")
			_, err = FindChoices(filepath.Join(root, "app"))
			Expect(err).To(MatchError(file + ":1: found no mapping; expected the keys buildpacks and strict"))

			write("app/"+FileName, "a: [\n")
			_, err = FindChoices(filepath.Join(root, "app"))
			Expect(err).To(MatchError(MatchRegexp(`\.sidecar\.yml:1: .*found .*; expected `)))
		})
	})
}
