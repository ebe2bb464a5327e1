package install_test

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

// FuzzUnpack installs anything as an archive, with the checksum that it has: what
// comes of it is in the directory, within the limits, or an error.
func FuzzUnpack(f *testing.F) {
	good := entry{name: "d/good", content: "good", mode: 0o755}
	for _, entries := range [][]entry{
		{}, {good},
		{good, {name: "d/e/up", link: "../..", kind: tar.TypeSymlink}, {name: "link", link: "d/e/up/x", kind: tar.TypeSymlink}},
		{{name: "l", link: ".", kind: tar.TypeSymlink}, {name: "l/x", content: "x"}},
		{good, {name: "hard", link: "d/good", kind: tar.TypeLink}, good},
		{{name: "../x", content: "x"}}, {{name: "/x", content: "x"}}, {{name: strings.Repeat("n", 120), content: "x"}},
		{good, {name: "d/l", link: "good", kind: tar.TypeSymlink}, {name: "d/l", link: "d/good", kind: tar.TypeLink}, {name: "e/"}, {name: "e", link: "d", kind: tar.TypeSymlink}},
		{{name: `a\b`, content: "x"}, {name: `a\..\..\x`, content: "x"}}, {{name: "fifo", kind: tar.TypeFifo}}, {{name: "setuid", mode: 0o4755}},
	} {
		f.Add(tarOf(entries...))
		f.Add(gzipOf(tarOf(entries...)))
		f.Add(zipOf(entries...))
	}
	for _, seed := range []string{"", "#!/bin/sh\n", "\xfd7zXZ\x00", "BZh91AY&SY", "\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00xxxxxxxx", "PK\x05\x06" + strings.Repeat("\x00", 18)} {
		f.Add([]byte(seed))
	}

	limits := install.Limits{Entries: 50, Bytes: 1 << 20}
	f.Fuzz(func(t *testing.T, content []byte) {
		base := t.TempDir()
		parent := filepath.Join(base, "parent")
		source := filepath.Join(base, "artifact")
		for _, canary := range []string{filepath.Join(base, "x"), filepath.Join(parent, "x")} {
			must(os.MkdirAll(filepath.Dir(canary), 0o755))
			must(os.WriteFile(canary, []byte("alive"), 0o644))
		}
		must(os.WriteFile(source, content, 0o600))
		before := strings.Join(list(t, base), "\n")

		directory := filepath.Join(parent, "installed")
		installer := install.Installer{Limits: limits, Logf: func(string, ...any) {}}
		err := installer.Install(t.Context(), artifact.Artifact{URI: "file://" + source, Checksum: sumOf(content).String(), Name: "program"}, directory)
		if err != nil && strings.Contains(err.Error(), "panic") {
			t.Fatal(err)
		}
		if err == nil {
			checkTree(t, directory, limits)
			must(os.RemoveAll(directory))
		}
		if after := strings.Join(list(t, base), "\n"); after != before {
			t.Fatalf("found\n%s\nexpected\n%s", after, before)
		}
	})
}

// checkTree makes sure that a directory is within the limits, that its links stay
// in it and that it holds nothing but what a tree may.
func checkTree(t *testing.T, directory string, limits install.Limits) {
	root, err := os.OpenRoot(directory)
	must(err)
	defer root.Close()
	bytes := int64(0)
	must(filepath.WalkDir(directory, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == directory {
			return err
		}
		name, err := filepath.Rel(directory, path)
		must(err)
		info, err := entry.Info()
		must(err)
		switch {
		case info.Mode().IsRegular() && info.Mode().Perm()&0o022 == 0 && info.Mode()&(os.ModeSetuid|os.ModeSetgid) == 0:
			bytes += info.Size()
		case info.IsDir():
		case info.Mode()&os.ModeSymlink != 0:
			if _, err := root.Stat(name); err != nil && strings.Contains(err.Error(), "escapes") {
				t.Fatalf("%s leads out of the tree", name)
			}
		default:
			t.Fatalf("found %s with the mode %s", name, info.Mode())
		}
		return nil
	}))
	// A hard link is counted as often as it has names.
	if maxBytes := limits.Bytes * int64(limits.Entries); bytes > maxBytes {
		t.Fatalf("found %d bytes; expected at most %d", bytes, maxBytes)
	}
}

// FuzzParseChecksum makes sure that what is read is printed in a form that reads
// the same.
func FuzzParseChecksum(f *testing.F) {
	digits := strings.Repeat("0123456789abcDEF", 4)
	for _, seed := range []string{digits, digits + digits, "sha256:" + digits, "SHA512:" + digits + digits, "", ":", "md5:" + digits, digits + "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sum, err := install.ParseChecksum(text)
		if err != nil {
			if sum != (install.Checksum{}) {
				t.Fatalf("found %v with the error %v", sum, err)
			}
			return
		}
		if again, err := install.ParseChecksum(sum.String()); err != nil || again != sum {
			t.Fatalf("%q reads as %v, and that as %v with %v", text, sum, again, err)
		}
		if !strings.HasSuffix(strings.ToLower(text), sum.String()[len("sha256:"):]) {
			t.Fatalf("%q reads as %v", text, sum)
		}
	})
}
