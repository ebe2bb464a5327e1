package supply_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testRunnable stages artifacts that are programs, or are not.
func testRunnable(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.environ = []string{"PATH=" + s.path("path")}
	})

	// install stages a file as a sidecar's program.
	install := func(content string) error {
		t.Helper()
		s.write("released/agent", content)
		sum := sha256.Sum256([]byte(content))
		s.write("app/sidecars.yml", fmt.Sprintf("- {name: agent, memory: 1M, artifact: {uri: 'file://%s', sha256: %s}}\n", s.path("released/agent"), hex.EncodeToString(sum[:])))
		return s.run()
	}
	foreign := func() string {
		t.Helper()
		arch := "arm64"
		if runtime.GOARCH == arch {
			arch = "amd64"
		}
		s.write("go/main.go", "package main\nfunc main() {}\n")
		command := exec.Command("go", "build", "-o", "program", "main.go")
		command.Dir = s.path("go")
		command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		content, err := os.ReadFile(s.path("go/program"))
		Expect(err).NotTo(HaveOccurred())
		return string(content)
	}

	it("installs a program of this machine without a word", func() {
		own, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		content, err := os.ReadFile(own)
		Expect(err).NotTo(HaveOccurred())
		Expect(install(string(content))).To(Succeed())
		Expect(s.log.String()).NotTo(ContainSubstring("WARNING"))
	})

	it("refuses a program for another processor", func() {
		Expect(install(foreign())).To(MatchError(MatchRegexp(`^failed to install sidecar "agent": "agent" cannot run: found a program for the processor .*; expected one for .*, which the container has$`)))
	})

	for _, bad := range []struct{ content, message string }{
		{"\xcf\xfa\xed\xfe\x07\x00\x00\x01", "found a program for macOS; expected a program for Linux, or a script that begins with #! and its interpreter"},
		{"MZ\x90\x00", "found a program for Windows; expected a program for Linux, or a script that begins with #! and its interpreter"},
		{"<!DOCTYPE html><html>Login</html>", "found a page of HTML, as of a login or an error; expected a program for Linux, or a script that begins with #! and its interpreter"},
		{"#!/bin/sh\r\nexec sleep 1000\r\n", `found a script with Windows line endings, so Linux looks for the interpreter "/bin/sh\r"; expected one with line feeds alone: convert it with dos2unix, or set "* text eol=lf" in .gitattributes`},
		{"#!/usr/local/no/python2 -u\n", `found the interpreter "/usr/local/no/python2", which this stack does not have; expected a program for this stack`},
		{"#!/lib/ld-musl-none.so.1\n", `found the interpreter "/lib/ld-musl-none.so.1", which this stack does not have; expected a program for this stack, such as its release for glibc: this one is for Alpine Linux (musl)`},
	} {
		it("refuses what can never run: "+bad.message, func() {
			Expect(install(bad.content)).To(MatchError(`failed to install sidecar "agent": "agent" cannot run: ` + bad.message))
		})
	}

	for _, kind := range []struct{ content, found string }{
		{"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n", "found a Debian package"},
		{"\xed\xab\xee\xdb\x03\x00", "found an RPM package"},
		{"\x28\xb5\x2f\xfd\x00\x00\x00\x00", "failed to unpack: "},
		{"7z\xbc\xaf\x27\x1c\x00\x04", "found a 7z archive"},
	} {
		it("refuses what is not a program and is not unpacked: "+kind.found, func() {
			Expect(install(kind.content)).To(MatchError(And(HavePrefix(`failed to install sidecar "agent": failed to install file://`), ContainSubstring(kind.found))))
		})
	}

	it("warns of what the shell may make something of", func() {
		Expect(install("exec sleep 1000\n")).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("The program agent may not run: found text without #! and an interpreter in its first line; expected a first line such as #!/bin/sh"))
	})

	it("warns of an interpreter that is not on PATH, unless a buildpack follows that may bring it", func() {
		Expect(install("#!/usr/bin/env node\n")).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("The script agent may not run: found no program node on PATH, which its first line asks for; expected one of the stack or of a buildpack"))
		Expect(os.MkdirAll(s.path("deps/1"), 0o755)).To(Succeed())
		Expect(install("#!/usr/bin/env node\n")).To(Succeed())
		Expect(s.log.String()).NotTo(ContainSubstring("may not run"))
	})

	it("takes an interpreter that will be there at the start", func() {
		Expect(install("#!/home/vcap/deps/1/bin/python3\n")).To(Succeed())
		Expect(s.log.String()).NotTo(ContainSubstring("may not run"))
	})
}
