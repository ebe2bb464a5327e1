package render_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

func testDocument(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
	)

	it.Before(func() { directory = t.TempDir() })

	text := func(text string) *string { return &text }

	it("reads what it has written, which no other user can read", func() {
		written := render.Document{CredHub: "https://credhub.example.com:8844", Sidecars: []render.Spec{
			{Name: "a b\n", Memory: 128, Binding: &bindings.Selector{Any: "apm"},
				Env: []render.Variable{
					{Name: "TEXT", Value: "$PORT <&>"}, {Name: "KEY", Binding: "api_key"},
					{Name: "TOKEN", Binding: "a.token", Of: &bindings.Selector{Name: "n", Label: "l", Tag: "t"}, Default: text("")},
				},
				Files: []render.File{
					{Path: "agent.yaml", Template: text(""), At: "sidecars.yml:3"}, {Path: "b", TemplateFile: "b.tmpl"}, {Path: "rules/c", Copy: "policies/c", InBuildpack: true},
				}},
			{Name: "empty"},
		}}
		Expect(render.Write(directory, written)).To(Succeed())
		info, err := os.Stat(filepath.Join(directory, "render.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode()).To(BeEquivalentTo(0o600))
		read, err := render.Read(directory)
		Expect(err).NotTo(HaveOccurred())
		Expect(read).To(Equal(written))
		Expect(read.Find("a b\n")).To(Equal(written.Sidecars[0]))
	})

	context("failure cases", func() {
		it("says that there is no such sidecar, and which there are", func() {
			_, err := render.Document{Sidecars: []render.Spec{{Name: "a"}, {Name: "b"}}}.Find("c")
			Expect(err).To(MatchError(`found the name "c"; expected one of ["a" "b"]`))
		})

		it("says that the file is missing, no file, or not as it was written, and quotes nothing", func() {
			path := filepath.Join(directory, "render.json")
			_, err := render.Read(directory)
			Expect(err).To(MatchError("failed to read render.json: " + path + ": there is no such file"))
			Expect(syscall.Mkfifo(path, 0o600)).To(Succeed())
			_, err = render.Read(directory)
			Expect(err).To(MatchError(HavePrefix("failed to read render.json: " + path + ": found a named pipe; expected a regular file")))
			Expect(os.Remove(path)).To(Succeed())
			for _, content := range []string{"", "s3cret", `{"sidecars": "s3cret"}`, `{"sidecars": [{"name": ["s3cret"]}]}`, `{} s3cret`} {
				Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
				_, err = render.Read(directory)
				Expect(err).To(MatchError("failed to parse " + path + ": it is not as the buildpack has written it; stage the app again"))
			}
		})
	})
}
