package published_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

// An entry is one of an archive.
type entry struct {
	name, content string
	mode          int64
	link          string // where a symbolic link leads
}

const script = "#!/usr/bin/env -S bash -e\necho hello\n"

func testLook(t *testing.T, context_ spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		installer *install.Installer
		files     map[string][]byte
		server    *httptest.Server
		temporary string
	)

	it.Before(func() {
		installer = &install.Installer{
			Fetcher: install.Fetcher{Retry: install.RetryPolicy{Connect: time.Minute, Answer: time.Minute, Stall: time.Minute, Attempts: 1}},
			Limits:  install.Limits{Entries: 10, Bytes: 1 << 20},
			Logf:    t.Logf,
		}
		files = map[string][]byte{}
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			content, ok := files[r.URL.Path]
			if !ok {
				http.NotFound(w, r)
				return
			}
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		}))
		temporary = t.TempDir()
		t.Setenv("TMPDIR", temporary)
	})
	it.After(func() {
		server.Close()
		Expect(os.ReadDir(temporary)).To(BeEmpty(), "what is left in TMPDIR")
	})
	archive := func(entries ...entry) []byte {
		var content bytes.Buffer
		compressed := gzip.NewWriter(&content)
		packed := tar.NewWriter(compressed)
		for _, e := range entries {
			header := tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content))}
			if e.link != "" {
				header.Typeflag, header.Linkname = tar.TypeSymlink, e.link
			}
			Expect(packed.WriteHeader(&header)).To(Succeed())
			_, err := packed.Write([]byte(e.content))
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(packed.Close()).To(Succeed())
		Expect(compressed.Close()).To(Succeed())
		return content.Bytes()
	}
	lookWith := func(path string, strip int) (published.File, error) {
		return published.Look(t.Context(), installer, strings.Replace(server.URL, "//", "//marie:s3cret@", 1)+path+"?token=s3cret", strip)
	}
	look := func(path string) (published.File, error) { return lookWith(path, 0) }
	sum := func(content []byte) string {
		computed := sha256.Sum256(content)
		return hex.EncodeToString(computed[:])
	}

	it("tells checksum, size and programs of an archive", func() {
		content := archive(
			entry{"agent-1.2.3/README.md", "# agent", 0o644, ""},
			entry{"agent-1.2.3/bin/agent", script, 0o755, ""},
			entry{"agent-1.2.3/bin/agent.exe", "MZ" + strings.Repeat("x", 100), 0o644, ""},
			entry{"agent-1.2.3/etc/odd.conf", "a: b\n", 0o755, ""},
		)
		files["/releases/agent-1.2.3.tgz"] = content
		file, err := look("/releases/agent-1.2.3.tgz")
		Expect(err).NotTo(HaveOccurred())
		Expect(file.URI).To(Equal(server.URL + "/releases/agent-1.2.3.tgz"))
		Expect(file.SHA256).To(Equal(sum(content)))
		Expect(file.Size).To(BeEquivalentTo(len(content)))
		Expect(file.Archive).To(BeTrue())
		Expect(file.Files).To(Equal(4))
		Expect(file.Directory).To(Equal("agent-1.2.3"))
		Expect(file.Executables).To(Equal([]published.Executable{
			{Path: "agent-1.2.3/bin/agent", Kind: "a script for /usr/bin/env bash"},
			{Path: "agent-1.2.3/bin/agent.exe", Kind: "a program for Windows", Problem: "expected a program for Linux, or a script that begins with #! and its interpreter"},
			{Path: "agent-1.2.3/etc/odd.conf", Kind: "text without #! and an interpreter in its first line", Problem: "expected a first line such as #!/bin/sh"},
		}))
		Expect(file.Has("./agent-1.2.3/bin/agent")).To(BeTrue())
		Expect(file.Has("bin/agent")).To(BeFalse())
		Expect(published.Checksum(t.Context(), installer, server.URL+"/releases/agent-1.2.3.tgz")).To(Equal(sum(content)))
	})

	it("drops leading parts of paths as staging does, by itself if all is below one directory", func() {
		files["/a.tgz"] = archive(entry{name: "a-1/bin/agent", content: script, mode: 0o755}, entry{name: "a-1/README", content: "x", mode: 0o644})
		for _, strip := range []int{1, published.Automatic} {
			file, err := lookWith("/a.tgz", strip)
			Expect(err).NotTo(HaveOccurred())
			Expect(file.Strip).To(Equal(1))
			Expect(file.Paths()).To(Equal([]string{"README", "bin/agent"}))
			Expect(file.Has("bin/agent")).To(BeTrue())
			Expect(file.HasDirectory("bin")).To(BeTrue())
			Expect(file.HasDirectory("README")).To(BeFalse())
		}
		file, err := lookWith("/a.tgz", 2)
		Expect(err).NotTo(HaveOccurred())
		Expect(file.Paths()).To(Equal([]string{"agent"}))
		file, err = lookWith("/a.tgz", 3)
		Expect(err).NotTo(HaveOccurred())
		Expect(file.Paths()).To(BeEmpty())
		Expect(file.Has("agent")).To(BeFalse())
		files["/b.tgz"] = archive(entry{name: "bin/agent", content: script, mode: 0o755}, entry{name: "README", content: "x", mode: 0o644})
		file, err = lookWith("/b.tgz", published.Automatic)
		Expect(err).NotTo(HaveOccurred())
		Expect(file.Strip).To(BeZero())
		Expect(file.Paths()).To(Equal([]string{"README", "bin/agent"}))
	})

	it("finds programs through links, as staging does", func() {
		files["/a.tgz"] = archive(
			entry{name: "opt/v1/bin/real", content: script, mode: 0o755},
			entry{name: "current", link: "opt/v1"}, entry{name: "agent", link: "current/bin/real"}, entry{name: "opt/v1/up", link: "../../agent"},
			entry{name: "missing", link: "opt/none"}, entry{name: "circle", link: "circle"},
		)
		file, err := look("/a.tgz")
		Expect(err).NotTo(HaveOccurred())
		for _, name := range []string{"agent", "opt/v1/bin/real", "current/bin/real", "current/up", "./agent"} {
			Expect(file.Has(name)).To(BeTrue(), name)
			found, ok := file.Program(name)
			Expect(ok).To(BeTrue(), name)
			Expect(found).To(Equal(published.Executable{Path: "opt/v1/bin/real", Kind: "a script for /usr/bin/env bash"}), name)
		}
		for _, name := range []string{"missing", "circle", "current", "current/agent"} {
			Expect(file.Has(name)).To(BeFalse(), name)
		}
		Expect(file.HasDirectory("current/bin")).To(BeTrue())
	})

	it("has no directory where an archive has several, or files at its top", func() {
		for _, entries := range [][]entry{{{"a/x", "1", 0o644, ""}, {"b/y", "2", 0o644, ""}}, {{"a/x", "1", 0o644, ""}, {"y", "2", 0o644, ""}}, {{"a", script, 0o755, ""}, {"b", "", 0o644, ""}}} {
			files["/a.tgz"] = archive(entries...)
			file, err := look("/a.tgz")
			Expect(err).NotTo(HaveOccurred())
			Expect(file.Directory).To(BeEmpty())
		}
	})

	it("takes a bare program, which has every name, for one that it is, whatever machine looks", func() {
		elf := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00\x3e\x00" + strings.Repeat("\x00", 100)
		files["/agent-linux-amd64"] = []byte(elf)
		file, err := look("/agent-linux-amd64")
		Expect(err).NotTo(HaveOccurred())
		Expect(file.Archive).To(BeFalse())
		Expect(file.Executables).To(Equal([]published.Executable{{Path: "agent-linux-amd64", Kind: "a program for linux/amd64, statically linked"}}))
		Expect(file.Has("any-name")).To(BeTrue())
		Expect(file.Has("any/name")).To(BeFalse(), "staging installs no directory of it")
		for _, strip := range []int{1, published.Automatic} {
			Expect(lookWith("/agent-linux-amd64", strip)).To(Equal(file), "staging ignores strip")
		}

		files["/agent-linux-arm64"] = []byte(strings.Replace(elf, "\x3e\x00", "\xb7\x00", 1))
		file, err = look("/agent-linux-arm64")
		Expect(err).NotTo(HaveOccurred())
		Expect(file.Executables[0].Kind + "; " + file.Executables[0].Problem).To(HavePrefix("a program for the processor arm64 (aarch64); expected one for amd64"))
	})

	context_("failure cases", func() {
		it("refuses what staging refuses, and names no credentials and no directory of its own", func() {
			files["/evil.tgz"] = archive(entry{"../evil", "1", 0o755, ""})
			files["/leaving.tgz"] = archive(entry{name: "a/bin/real", content: script, mode: 0o755}, entry{name: "a/lib/agent", link: "../bin/real"})
			_, err := lookWith("/leaving.tgz", 2)
			Expect(err).To(MatchError("failed to unpack " + server.URL + `/leaving.tgz with strip 2: entry "a/lib/agent" of the archive: found a symbolic link to "../bin/real"; expected one that stays in the archive`))
			files["/large.tgz"] = archive(entry{"large", strings.Repeat("x", 2<<20), 0o755, ""})
			files["/large"] = bytes.Repeat([]byte("x"), 2<<20)
			files["/empty"] = nil
			files["/page.deb"] = []byte("!<arch>\ndebian-binary   ")
			for path, why := range map[string]string{
				"/evil.tgz":  `failed to unpack URL/evil.tgz: entry "../evil" of the archive: found a path that leads out of the archive; expected a path below the archive's root`,
				"/large.tgz": `failed to unpack URL/large.tgz: entry "large" of the archive: found more than 1 MB to unpack`,
				"/large":     `failed to fetch URL/large: found a file of 2 MB; expected at most 1 MB`,
				"/empty":     `failed to fetch URL/empty: the file is empty`,
				"/page.deb":  `failed to unpack URL/page.deb: found a Debian package; expected the program itself`,
				"/missing":   `failed to fetch URL/missing: the server answers 404 Not Found`,
				"/":          `found the URI URL/ without a path; expected that of a file`,
			} {
				_, err := look(path)
				Expect(err).To(MatchError(HavePrefix(strings.ReplaceAll(why, "URL", server.URL))), path)
				Expect(err.Error()).NotTo(Or(ContainSubstring("s3cret"), ContainSubstring(temporary)))
			}
		})

		it("ends when it is stopped", func() {
			ctx, stop := context.WithCancel(t.Context())
			stop()
			path := filepath.Join(t.TempDir(), "file")
			Expect(os.WriteFile(path, []byte(script), 0o644)).To(Succeed())
			_, err := published.Look(ctx, installer, "file://"+path, 0)
			Expect(err).To(MatchError(context.Canceled))
		})
	})
}
