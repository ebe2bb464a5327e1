package executable_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/executable"
)

func testInspect(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// build makes a program for a system by Go's compiler.
	build := func(system, arch string) []byte {
		t.Helper()
		directory := t.TempDir()
		Expect(os.WriteFile(filepath.Join(directory, "main.go"), []byte("package main\nfunc main() {}\n"), 0o600)).To(Succeed())
		command := exec.Command("go", "build", "-o", "program", "main.go")
		command.Dir = directory
		command.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		program, err := os.ReadFile(filepath.Join(directory, "program"))
		Expect(err).NotTo(HaveOccurred())
		return program
	}
	inspect := func(content []byte, arch string) (executable.Info, error) {
		return executable.Inspect(bytes.NewReader(content), arch)
	}

	context("programs that Linux runs", func() {
		it("knows this test program, and the linker that it needs or not", func() {
			path, err := os.Executable()
			Expect(err).NotTo(HaveOccurred())
			file, err := os.Open(path)
			Expect(err).NotTo(HaveOccurred())
			defer file.Close()
			program, err := executable.Inspect(file, runtime.GOARCH)
			Expect(err).NotTo(HaveOccurred())
			if program.Interpreter != "" {
				Expect(program.Interpreter).To(BeAnExistingFile())
			}
		})

		it("knows the linker of a program that has one", func() {
			shell, err := filepath.EvalSymlinks("/bin/sh")
			Expect(err).NotTo(HaveOccurred())
			content, err := os.ReadFile(shell)
			Expect(err).NotTo(HaveOccurred())
			program, err := inspect(content, runtime.GOARCH)
			Expect(err).NotTo(HaveOccurred())
			Expect(program.Interpreter).To(And(HavePrefix("/"), BeAnExistingFile()))
		})

		it("takes a program for 32 bits on a processor that runs it, too", func() {
			Expect(inspect([]byte(elfHeader(1, 0, 2, 3)), "amd64")).To(Equal(executable.Info{}))
		})

		for _, script := range []struct {
			content string
			program executable.Info
		}{
			{"#!/bin/sh\n", executable.Info{Interpreter: "/bin/sh"}},
			{"#!/bin/sh", executable.Info{Interpreter: "/bin/sh"}},
			{"#! /usr/bin/python3 -u\nprint()\r\n", executable.Info{Interpreter: "/usr/bin/python3"}},
			{"#!/usr/bin/env node\n", executable.Info{Interpreter: "/usr/bin/env", Lookup: "node"}},
			{"#!/usr/bin/env -S A=b node --x\n", executable.Info{Interpreter: "/usr/bin/env", Lookup: "node"}},
		} {
			it("reads "+script.content, func() {
				Expect(inspect([]byte(script.content), "amd64")).To(Equal(script.program))
			})
		}
	})

	context("programs that Linux does not run", func() {
		for _, other := range []struct{ system, arch, found string }{
			{"linux", "arm64", "a program for the processor arm64 (aarch64)"},
			{"darwin", "amd64", "a program for macOS"},
			{"windows", "amd64", "a program for Windows"},
		} {
			it("says what it is: "+other.system+" "+other.arch, func() {
				_, err := inspect(build(other.system, other.arch), "amd64")
				Expect(err).To(MatchError(HavePrefix("found " + other.found + "; expected ")))
			})
		}

		it("says which processor is needed", func() {
			_, err := inspect([]byte(elfHeader(2, 0, 2, 62)), "arm64")
			Expect(err).To(MatchError("found a program for the processor amd64 (x86-64); expected one for arm64 (aarch64), which the container has"))
		})

		for _, other := range []struct{ content, found string }{
			{"", "an empty file"},
			{"\x7fELF\x02\x01", "the beginning of a program, and no more"},
			{elfHeader(2, 9, 2, 62), "a program for FreeBSD"},
			{elfHeader(2, 0, 2, 243), "a program for the processor riscv"},
			{elfHeader(2, 0, 2, 250), "a program for the processor number 250 of ELF"},
			{"\x7fELF\x02\x02\x01" + strings.Repeat("\x00", 9) + "\x00\x02\x00\x16", "a program for the processor s390x"},
			{"\x00asm\x01\x00\x00\x00", "a WebAssembly module"},
			{elfHeader(2, 0, 1, 62), "an object file, which is not linked yet"},
			{elfHeader(2, 0, 4, 62), "the core dump of a program"},
			{"\xca\xfe\xba\xbe\x00\x00\x00\x02\x01\x00\x00\x07", "a program for macOS"},
			{"\xca\xfe\xba\xbe\x00\x00\x00\x41\x00\x1d\x0a\x00", "a class of Java"},
			{"PK\x03\x04", "a zip archive or a jar"},
			{"\x28\xb5\x2f\xfd", "a file compressed with zstd"},
			{"!<arch>\ndebian-binary   0", "a Debian package"},
			{"\xed\xab\xee\xdb", "an RPM package"},
			{"version https://git-lfs.github.com/spec/v1\noid", "a pointer of Git LFS"},
			{"\n <!DOCTYPE html><html>Login</html>", "a page of HTML, as of a login or an error"},
			{"\xef\xbb\xbf<HTML>", "a page of HTML, as of a login or an error"},
			{"<?xml version='1.0'?><Error/>", "a document of XML"},
			{"\xef\xbb\xbf#!/bin/sh\n", "a script with a byte order mark in front of its #!"},
			{"\xff\xfe#\x00!\x00", "text in UTF-16"},
			{"#!\n", "a script without an interpreter behind its #!"},
			{"#!/bin/sh -e\r\necho\r\n", `a script with Windows line endings, so Linux looks for the interpreter "/bin/sh -e\r"`},
			{"#!/usr/bin/env python3\r\n", `a script with Windows line endings, so Linux looks for the interpreter "/usr/bin/env python3\r"`},
		} {
			it("says what it is: "+other.found, func() {
				_, err := inspect([]byte(other.content), "amd64")
				var found *executable.Error
				Expect(errors.As(err, &found)).To(BeTrue())
				Expect(found.Found).To(Equal(other.found))
				Expect(found.Want).NotTo(BeEmpty())
				Expect(found.Uncertain).To(BeFalse())
			})
		}

		for _, other := range []struct{ content, found string }{
			{"echo ok\nsleep 1000\n", "text without #! and an interpreter in its first line"},
			{strings.Repeat("ü", 5000) + "x", "text without #! and an interpreter in its first line"},
			{"\x01\x02\x03\x04", "data of an unknown kind"},
		} {
			it("is not certain of "+other.found, func() {
				_, err := inspect([]byte(other.content), "amd64")
				var found *executable.Error
				Expect(errors.As(err, &found)).To(BeTrue())
				Expect(found.Found).To(Equal(other.found))
				Expect(found.Uncertain).To(BeTrue())
			})
		}

		it("returns why a file cannot be read", func() {
			_, err := executable.Inspect(unreadable{}, "amd64")
			Expect(err).To(MatchError("unreadable"))
		})
	})
}

// elfHeader is what all ELF files of small numbers begin with: 1 or 2 for 32 or 64
// bits, the system, the type of file and the processor.
func elfHeader(class, system, kind, machine byte) string {
	return "\x7fELF" + string([]byte{class, 1, 1, system}) + strings.Repeat("\x00", 8) + string([]byte{kind, 0}) + string([]byte{machine, 0})
}

type unreadable struct{}

func (unreadable) ReadAt([]byte, int64) (int, error) { return 0, errors.New("unreadable") }

// inspectAnything makes sure that whatever a file holds, the answer is clear.
func inspectAnything(t *testing.T, content []byte) {
	program, err := executable.Inspect(bytes.NewReader(content), "amd64")
	var found *executable.Error
	if err != nil && (!errors.As(err, &found) || found.Found == "" || found.Want == "") {
		t.Fatal(err)
	}
	if err != nil && program != (executable.Info{}) {
		t.Fatal("both a program and an error")
	}
}
