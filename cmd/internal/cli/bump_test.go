package cli

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
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

// testBump tests the commands for an author's dependencies: checksum and bump.
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
		original       string            // the manifest before the bump
		uploads        map[string][]byte // by path
	)

	it.Before(func() {
		t.Chdir(t.TempDir())
		t.Setenv("TMPDIR", t.TempDir())
		uploads = map[string][]byte{}
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if content, ok := uploads[r.URL.Path]; ok {
				_, _ = w.Write(content)
				return
			}
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
		original = manifest
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

	it("says that a version is lower than the version it replaces", func() {
		uploads["/them/agent/releases/download/v1.2.0/agent-1.2.0"] = []byte(newProgram)
		Expect(run("bump", "agent", "1.2.0")).To(Equal(0), stderr.String)
		Expect(stdout.String()).To(HavePrefix("agent 1.2.3 -> 1.2.0\n  1.2.0 is lower than 1.2.3, which it replaces\n  manifest.yml:7: version: 1.2.0\n"))
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

		it("refuses what no container can run, and writes nothing", func() {
			arm := []byte("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00\xb7\x00" + strings.Repeat("\x00", 100))
			page := []byte("<!DOCTYPE html>\n<title>Log in</title>\n")
			const bare, archived = "agent-1.3.0", "agent-1.3.0.tgz"
			for _, c := range []struct {
				file, executable string
				content          []byte
				problem          string
			}{
				{bare, "agent", arm, `the sidecar "agent" of buildpack.toml runs "agent" of agent, which is a program for the processor arm64 (aarch64) in `},
				{bare, "agent", page, "found a page of HTML, as of a login or an error at "},
				{archived, "bin/agent", page, "found a page of HTML, as of a login or an error at "},
				{archived, "bin/agent", tarball(t, "bin/agent", arm, 0o755), `runs "bin/agent" of agent, which is a program for the processor arm64 (aarch64) in `},
				{archived, "bin/agent", tarball(t, "bin/agent", page, 0o755), `runs "bin/agent" of agent, which is a page of HTML, as of a login or an error in `},
				{archived, "bin/agent", tarball(t, "bin/agent", page, 0o644), `runs "bin/agent" of agent, which is a page of HTML, as of a login or an error in `},
				{archived, "bin/agent", tarball(t, "README", page, 0o644), "agent-1.3.0.tgz: no program, but README; expected that program, or another `executable` in buildpack.toml"},
			} {
				uploads["/them/agent/releases/download/v1.3.0/"+c.file] = c.content
				manifest = strings.Replace(original, "agent-1.2.3\n", strings.Replace(c.file, "1.3.0", "1.2.3", 1)+"\n", 1)
				write(t, "manifest.yml", manifest, 0o640)
				write(t, "buildpack.toml", "[[metadata.sidecars]]\nname = \"agent\"\ndependency = \"agent\"\nexecutable = \""+c.executable+"\"\nmemory = \"32M\"\n", 0o644)
				Expect(run("bump", "agent", "1.3.0")).To(Equal(1), stdout.String)
				Expect(stderr.String()).To(And(ContainSubstring("FAILED\n"), ContainSubstring(c.problem)))
				Expect(stdout.String()).To(BeEmpty())
				unchanged()
			}
		})

		it("exits with 1 for a file whose programs no container can run", func() {
			page := []byte("<!DOCTYPE html>\n<title>Log in</title>\n")
			uploads["/agent"], uploads["/agent.tgz"] = page, tarball(t, "agent", page, 0o755)
			for path, content := range map[string]string{"/agent": "no archive\n", "/agent.tgz": "an archive of 1 file, "} {
				Expect(run("checksum", server.URL+path)).To(Equal(1))
				Expect(stdout.String()).To(And(ContainSubstring("sha256: "), ContainSubstring("content:   "+content)))
				Expect(stderr.String()).To(HaveSuffix("FAILED\nfound no program that a container can run\n"))
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

// tarball makes a compressed archive with one file.
func tarball(t *testing.T, name string, content []byte, mode int64) []byte {
	t.Helper()
	var archive bytes.Buffer
	compressed := gzip.NewWriter(&archive)
	packed := tar.NewWriter(compressed)
	err := packed.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(content))})
	_, written := packed.Write(content)
	if err := errors.Join(err, written, packed.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}
