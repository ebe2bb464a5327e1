package check_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/dryrun"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

func testSource(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		b      buildpack
	)

	it.Before(func() {
		b = goodBuildpack(t)
		b.replace("manifest.yml", "language: agent\n", "")
	})
	zipped := func() []byte {
		t.Helper()
		var packed bytes.Buffer
		archive := zip.NewWriter(&packed)
		Expect(archive.AddFS(os.DirFS(b.directory))).To(Succeed())
		Expect(archive.Close()).To(Succeed())
		return packed.Bytes()
	}
	expectFound := func(where string) {
		t.Helper()
		all := checked(t, where, func(o *check.Options) { o.Static = true })
		Expect(all).To(HaveLen(1), "%+v", all)
		Expect(all[0].Rule.ID).To(Equal(finding.ManifestLanguage))
	}
	git := func(args ...string) {
		t.Helper()
		command := exec.Command("git", append([]string{"-C", b.directory, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
	}

	it("takes a zip, with the modes in it", func() {
		path := filepath.Join(t.TempDir(), "buildpack.zip")
		Expect(os.WriteFile(path, zipped(), 0o600)).To(Succeed())
		expectFound(path)
	})

	it("takes a zip from a server", func() {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/buildpack.zip" {
				http.NotFound(w, r)
				return
			}
			_, _ = w.Write(zipped())
		}))
		defer server.Close()
		expectFound(server.URL + "/buildpack.zip")

		_, err := check.Run(t.Context(), check.Options{Buildpack: "http://user:hidden@" + server.Listener.Addr().String() + "/none.zip", Staging: stagingOptions(t)})
		Expect(err).To(MatchError(And(ContainSubstring("found the status 404 Not Found; expected 200 OK"), Not(ContainSubstring("hidden")))))
	})

	it("takes a branch of a git repository, as it is committed", func() {
		git("init", "-q", "-b", "main")
		git("add", "-A")
		git("commit", "-q", "-m", "first")
		b.write("manifest.yml", goodManifest, 0o644)
		git("commit", "-q", "-a", "-m", "better")
		git("branch", "better")
		git("reset", "-q", "--hard", "HEAD~1")
		expectFound("file://" + b.directory)
		Expect(checked(t, "file://"+b.directory+"#better", func(o *check.Options) { o.Static = true })).To(BeEmpty())
	})

	context("failure cases", func() {
		it("says what git says, and runs no command that an address names", func() {
			file := filepath.Join(t.TempDir(), "run")
			for _, where := range []string{"file://" + t.TempDir() + "/none", "ext::touch " + file, "ext::sh -c touch% " + file} {
				_, err := check.Run(t.Context(), check.Options{Buildpack: where, Staging: stagingOptions(t)})
				Expect(err).To(HaveOccurred())
			}
			Expect(file).NotTo(BeAnExistingFile())
		})
	})
}

func stagingOptions(t *testing.T) dryrun.Options { return dryrun.Options{Stager: newStager(t)} }
