package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
)

// testBump is about the commands for an author's dependencies: checksum and bump.
func testBump(t *testing.T, context spec.G, it spec.S) {
	const (
		oldProgram = "#!/bin/sh\necho 1.2.3\n"
		newProgram = "#!/bin/sh\necho 1.3.0\n"
		oldSum     = "5213da802eb62693f02262e6191514e4474bbfd4d7915049617946012bdaf1de"
	)
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
		server         *httptest.Server
		manifest       string
	)

	it.Before(func() {
		t.Chdir(t.TempDir())
		t.Setenv("TMPDIR", t.TempDir())
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/them/agent/releases/download/v1.2.3/agent-1.2.3":
				_, _ = w.Write([]byte(oldProgram))
			case "/them/agent/releases/download/v1.3.0/agent-1.3.0":
				_, _ = w.Write([]byte(newProgram))
			case "/them/agent/releases/latest":
				http.Redirect(w, r, "/them/agent/releases/tag/v1.3.0", http.StatusFound)
			default:
				http.NotFound(w, r)
			}
		}))
		manifest = "language: mine\ndefault_versions:\n- name: agent\n  version: 1.2.x # tested\ndependencies:\n- name: agent\n  version: 1.2.3\n  uri: " +
			server.URL + "/them/agent/releases/download/v1.2.3/agent-1.2.3\n  sha256: " + oldSum + "\n  cf_stacks: [cflinuxfs4, cflinuxfs5]\n"
		write(t, "manifest.yml", manifest, 0o640)
		write(t, "buildpack.toml", "[[metadata.sidecars]]\nname = \"agent\"\ndependency = \"agent\"\nexecutable = \"agent\"\nmemory = \"32M\"\n", 0o644)
	})
	it.After(func() {
		server.Close()
		Expect(os.ReadDir(os.TempDir())).To(BeEmpty(), "what is left in TMPDIR")
	})
	run := func(args ...string) int {
		stdout.Reset()
		stderr.Reset()
		return Main(carriedForTests, append([]string{"sidecar"}, args...), nil, &stdout, &stderr)
	}
	unchanged := func() {
		t.Helper()
		Expect(os.ReadFile("manifest.yml")).To(BeEquivalentTo(manifest))
		names, err := filepath.Glob("*")
		Expect(err).NotTo(HaveOccurred())
		Expect(names).To(Equal([]string{"buildpack.toml", "manifest.yml"}))
	}

	it("prints checksum, size and programs of a file, without what may be a secret", func() {
		uri := strings.Replace(server.URL, "//", "//marie:s3cret@", 1) + "/them/agent/releases/download/v1.3.0/agent-1.3.0?token=s3cret"
		Expect(run("checksum", uri)).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(Equal("uri:       " + server.URL + "/them/agent/releases/download/v1.3.0/agent-1.3.0\n" +
			"sha256:    d73f25bbac65875c48fcd605a2edf82257231f3779d706b2c10985daf1a6d983\n" +
			"size:      21 B, 21 bytes\ncontent:   no archive\nprograms:\n  agent-1.3.0  a script for /bin/sh\n"))
		Expect(stderr.String()).To(And(HavePrefix("       Fetched 21 B in "), Not(ContainSubstring("s3cret"))))
		Expect(run("checksum", uri, "--output", "json")).To(Equal(0), stderr.String)
		var file published.File
		Expect(json.Unmarshal(stdout.Bytes(), &file)).To(Succeed())
		Expect(file.Executables).To(Equal([]published.Executable{{Path: "agent-1.3.0", Kind: "a script for /bin/sh"}}))
	})

	it("puts a new version into manifest.yml, which keeps its permissions", func() {
		Expect(run("bump", "agent", "1.3.0")).To(Equal(0), stderr.String)
		changed, err := os.ReadFile("manifest.yml")
		Expect(err).NotTo(HaveOccurred())
		Expect(string(changed)).To(And(ContainSubstring("  version: 1.3.x # tested\n"), ContainSubstring("  version: 1.3.0\n"), ContainSubstring("/download/v1.3.0/agent-1.3.0\n"), Not(ContainSubstring(oldSum))))
		Expect(stdout.String()).To(HavePrefix("agent 1.2.3 -> 1.3.0\n  manifest.yml:4: version: 1.3.x\n  manifest.yml:7: version: 1.3.0\n  manifest.yml:8: uri: " + server.URL))
		info, err := os.Stat("manifest.yml")
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode().Perm()).To(Equal(os.FileMode(0o640)))
	})

	it("takes the newest release where no version is named, of the buildpack in another directory", func() {
		Expect(os.Mkdir("mine", 0o755)).To(Succeed())
		for _, name := range []string{"manifest.yml", "buildpack.toml"} {
			Expect(os.Rename(name, filepath.Join("mine", name))).To(Succeed())
		}
		Expect(run("bump", "agent", "--path", "mine")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(HavePrefix("agent 1.2.3 -> 1.3.0\n"))
		Expect(run("bump", "agent", "--path", "mine")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(Equal("agent is at its newest release\n"))
	})

	it("completes the names of dependencies", func() {
		Expect(run("__complete", "bump", "")).To(Equal(0))
		Expect(stdout.String()).To(HavePrefix("agent\n"))
	})

	context("failure cases", func() {
		it("writes nothing", func() {
			for _, c := range []struct {
				args    string
				status  int
				problem string
			}{
				{"bump agent 1.4.0", 1, "FAILED\nfailed to fetch " + server.URL + "/them/agent/releases/download/v1.4.0/agent-1.4.0: the server answers 404 Not Found\n"},
				{"bump agnt 1.3.0", 1, "FAILED\nmanifest.yml has no dependency \"agnt\"; did you mean agent? It has agent\n"},
				{"bump agent --path nowhere", 1, "FAILED\nfound no manifest.yml in nowhere; expected the directory of a buildpack (--path)\n"},
				{"bump", 2, "Incorrect usage: found 0 arguments; expected the name of a dependency, and perhaps its new version\nSee 'sidecar bump --help'.\n"},
				{"bump agent --uri https://example.com/agent", 2, "Incorrect usage: --uri needs the version that is published there: sidecar bump NAME VERSION\nSee 'sidecar bump --help'.\n"},
				{"bump agent 1 --uri agent", 2, "Incorrect usage: --uri: found \"agent\"; expected a URL of http, https or file\nSee 'sidecar bump --help'.\n"},
				{"checksum", 2, "Incorrect usage: found 0 arguments; expected one, the file's URL\nSee 'sidecar checksum --help'.\n"},
				{"checksum ftp://example.com/x", 2, "Incorrect usage: found \"ftp://example.com/x\"; expected a URL of http, https or file\nSee 'sidecar checksum --help'.\n"},
				{"checksum " + server.URL + "/nowhere", 1, "FAILED\nfailed to fetch " + server.URL + "/nowhere: the server answers 404 Not Found\n"},
			} {
				Expect(run(strings.Fields(c.args)...)).To(Equal(c.status), c.args)
				Expect(stderr.String()).To(Equal(c.problem), c.args)
				Expect(stdout.String()).To(BeEmpty(), c.args)
				unchanged()
			}
		})

		it("says how the URL of a file that is here begins", func() {
			Expect(run("checksum", "manifest.yml")).To(Equal(2))
			here, err := filepath.Abs("manifest.yml")
			Expect(err).NotTo(HaveOccurred())
			Expect(stderr.String()).To(HavePrefix("Incorrect usage: found the path \"manifest.yml\"; expected a URL: file://" + here + "\n"))
		})

		it("refuses a program that the catalog could not run", func() {
			Expect(os.WriteFile("buildpack.toml", []byte("[[metadata.sidecars]]\nname = \"agent\"\ndependency = \"agent\"\n"), 0o644)).To(Succeed())
			Expect(run("bump", "agent", "1.3.0")).To(Equal(1))
			Expect(stderr.String()).To(HavePrefix("FAILED\nbuildpack.toml"))
			unchanged()
		})
	})
}
