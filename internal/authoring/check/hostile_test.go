package check_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// testHostile checks buildpacks whose makers mean harm.
func testHostile(t *testing.T, _ spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	pack := func(entries ...zip.FileHeader) string {
		t.Helper()
		var packed bytes.Buffer
		archive := zip.NewWriter(&packed)
		for _, header := range entries {
			content := header.Comment
			header.Comment = ""
			to, err := archive.CreateHeader(&header)
			Expect(err).NotTo(HaveOccurred())
			_, err = io.WriteString(to, content)
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(archive.Close()).To(Succeed())
		path := filepath.Join(t.TempDir(), "buildpack.zip")
		Expect(os.WriteFile(path, packed.Bytes(), 0o600)).To(Succeed())
		return path
	}
	expectUnsafe := func(path, found string) {
		t.Helper()
		all := checked(t, path, nil)
		Expect(all).To(HaveLen(1))
		Expect(all[0].Rule.ID).To(Equal(finding.ArchiveUnsafe))
		Expect(all[0].Found).To(ContainSubstring(found))
	}

	it("unpacks nothing outside, by name or by link", func() {
		outside := filepath.Join(os.TempDir(), "sidecar-check-outside")
		expectUnsafe(pack(zip.FileHeader{Name: "../sidecar-check-outside", Comment: "x"}), "../sidecar-check-outside")
		link := zip.FileHeader{Name: "bin", Comment: os.TempDir()}
		link.SetMode(fs.ModeSymlink | 0o777)
		expectUnsafe(pack(link, zip.FileHeader{Name: "bin/sidecar-check-outside", Comment: "x"}), "bin/sidecar-check-outside")
		Expect(outside).NotTo(BeAnExistingFile())
	})

	it("does not unpack what states more than fits into a container", func() {
		path := pack(zip.FileHeader{Name: "bin/supply", Comment: "#!/bin/sh\n"})
		content, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		// The size of the one entry in the list at the end of the archive.
		at := bytes.LastIndex(content, []byte("PK\x01\x02")) + 24
		copy(content[at:], []byte{0xfe, 0xff, 0xff, 0xff})
		Expect(os.WriteFile(path, content, 0o600)).To(Succeed())
		all := checked(t, path, nil)
		Expect(all).To(HaveLen(1), "%+v", all)
		Expect(all[0].Rule.ID).To(Equal(finding.ArchiveUnsafe))
	})

	it("refuses an archive that is none", func() {
		path := filepath.Join(t.TempDir(), "buildpack.zip")
		Expect(os.WriteFile(path, []byte("no zip"), 0o600)).To(Succeed())
		expectUnsafe(path, "neither a directory nor a zip archive")
		Expect(checked(t, path, nil)[0].Found).To(Equal("neither a directory nor a zip archive"), "a report says: found")
	})

	it("refuses entries that the platform would not unpack as they are meant", func() {
		expectUnsafe(pack(zip.FileHeader{Name: "bin/supply", Comment: "one"}, zip.FileHeader{Name: "bin/supply", Comment: "two"}), `"bin/supply": another entry has the same name`)
		expectUnsafe(pack(zip.FileHeader{Name: `bin\supply`, Comment: "one"}), "a backslash in its name")
		expectUnsafe(pack(zip.FileHeader{Name: "bin/supply", Comment: "one", Flags: 1}), "it is encrypted")
	})

	it("does not wait for named pipes, nor follow links to endless files", func() {
		b := goodBuildpack(t)
		b.remove("manifest.yml")
		b.link("/dev/zero", "manifest.yml")
		b.remove("buildpack.toml")
		Expect(exec.Command("mkfifo", b.path("buildpack.toml")).Run()).To(Succeed())
		var rules []string
		for _, f := range checked(t, b.directory, func(o *check.Options) { o.Static = true }) {
			rules = append(rules, f.Rule.ID)
		}
		Expect(rules).To(ConsistOf(finding.LinkOutside, finding.SpecialFile, finding.ManifestSyntax))
	})

	it("refuses YAML that expands to very much", func() {
		b := goodBuildpack(t)
		bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
		for _, name := range []string{"b", "c", "d", "e", "f", "g"} {
			before := string(name[0] - 1)
			bomb += name + ": &" + name + " [*" + before + ", *" + before + ", *" + before + ", *" + before + ", *" + before + ", *" + before + ", *" + before + "]\n"
		}
		b.write("manifest.yml", bomb, 0o644)
		all := checked(t, b.directory, func(o *check.Options) { o.Static = true })
		Expect(all).To(HaveLen(1))
		Expect(all[0].Rule.ID).To(Equal(finding.ManifestSyntax))
	})

	it("does not follow all calls of functions that call themselves in several places", func() {
		b := goodBuildpack(t)
		b.write("profile.d/x.sh", "f() { f; f; f; f; exit 1; }\nf\n", 0o644)
		all := checked(t, b.directory, func(o *check.Options) { o.Static = true })
		Expect(all).To(HaveLen(1))
		Expect(all[0].Rule.ID).To(Equal(finding.ProfileExit))
	})

	it("ends endless output, and what ignores signals and leaves daemons", func() {
		b := goodBuildpack(t)
		b.supply("trap '' TERM INT; (setsid sleep 100000 &) ; yes sidecar-check-output")
		all := checked(t, b.directory, func(o *check.Options) { o.Staging.Timeout = time.Minute })
		Expect(all).To(HaveLen(1))
		Expect(all[0].Rule.ID).To(Or(Equal(finding.StagingExcess), Equal(finding.StagingTimeout)))
	})

	it("lets scripts neither signal others nor write to the machine, nor change what is staged later", func() {
		needIsolation(t)
		victim := exec.Command("sleep", "1000")
		Expect(victim.Start()).To(Succeed())
		defer func() { _ = victim.Wait() }()
		defer func() { _ = victim.Process.Kill() }()
		target := filepath.Join(t.TempDir(), "file")
		b := goodBuildpack(t)
		b.supply("kill -9 -- -1 2>/dev/null; kill -9 " + strconv.Itoa(victim.Process.Pid) + " 2>/dev/null; echo x 2>/dev/null > " + target + " || true")
		checked(t, b.directory, func(o *check.Options) { o.Staging.Quick = true; o.Staging.Trust = false })
		Expect(victim.Process.Signal(syscall.Signal(0))).To(Succeed(), "the other process has been killed")
		Expect(target).NotTo(BeAnExistingFile())
	})

	it("runs nothing where the scripts cannot be isolated, unless they are trusted", func() {
		if isolates(t) {
			t.Skip("this machine isolates them, which the other specs show")
		}
		all := checked(t, goodBuildpack(t).directory, func(o *check.Options) { o.Staging.Trust = false })
		Expect(all).To(HaveLen(1))
		Expect(all[0].Rule.ID).To(Equal(finding.NotIsolated))
	})
}
