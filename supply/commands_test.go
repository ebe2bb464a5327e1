package supply_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// testCommands stages sidecars that run programs of the app's own.
func testCommands(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
		path   string
	)

	program := func(name, content string, mode os.FileMode) {
		t.Helper()
		s.write(name, content)
		Expect(os.Chmod(s.path(name), mode)).To(Succeed())
	}

	it.Before(func() {
		s = stage(t, "1")
		Expect(os.MkdirAll(s.path("deps/0/bin"), 0o755)).To(Succeed())
		path = s.path("path")
		program("path/tool", "#!/bin/sh\n", 0o755)
		program("path/data", "", 0o644)
		program("deps/0/bin/earlier", "#!/bin/sh\n", 0o755)
		s.environ = []string{"PATH=/nothing:" + path}
		program("app/good.sh", "#!/bin/sh\n", 0o755)
		program("app/lib/good.sh", "#!/bin/sh\n", 0o755)
		program("app/closed.sh", "#!/bin/sh\n", 0o644)
		program("app/windows.sh", "#!/bin/sh\r\necho\r\n", 0o755)
		program("app/text", "echo text\n", 0o755)
		program("app/page", "<!DOCTYPE html><html></html>", 0o755)
		program("app/python", "#!/usr/lib/no such/python2\n", 0o755)
		program("app/env", "#!/usr/bin/env nowhere\n", 0o755)
		program("app/known", "#!/usr/bin/env tool\n", 0o755)
		program("app/later", "#!/home/vcap/deps/1/bin/python\n", 0o755)
	})

	// warned is what staging says of a sidecar's command.
	warned := func(command string, more ...string) string {
		t.Helper()
		s.write("app/sidecars.yml", fmt.Sprintf("- {name: agent, memory: 1M, command: %q%s}\n", command, strings.Join(more, "")))
		Expect(s.run()).To(Succeed())
		var warnings []string
		for line := range strings.SplitSeq(s.log.String(), "\n") {
			if strings.Contains(line, "The command of sidecar") {
				warnings = append(warnings, strings.TrimPrefix(line[strings.Index(line, "The command"):], "The command of sidecar agent may not run: "))
			}
		}
		return strings.Join(warnings, "\n")
	}

	for _, command := range []string{
		"./good.sh", "good.sh/../good.sh", "lib/good.sh --x", "$HOME/good.sh", "${HOME}/lib/good.sh", "~/good.sh", "/home/vcap/app/good.sh",
		`"./good.sh" x`, "'./good.sh'", "exec ./good.sh", "A=b C= exec ./good.sh", "./good.sh; ./none", "./good.sh&&./none",
		"tool", "tool --config=none", "earlier", "exec tool >/dev/null", "sh closed.sh", "bash ./closed.sh", ". ./text", "source text; x", "sh text",
		"while true; do none; done", "cd lib && ./good.sh", "[ -e x ] && none", "$PROGRAM x", "${A:-none} x", "$(none)", "`none`", "no\\ ne",
		"$DEPS_DIR/1/bin/none", "../none", "/home/vcap/none", "/tmp/none", "{ none; }", "(none)", "sh -c 'none'", "./known", "./later",
		"/bin/sh -c true", "no*ne", "",
	} {
		if command == "" {
			continue
		}
		it("says nothing of a command that may well run: "+command, func() {
			program("path/sh", "#!/bin/sh\n", 0o755)
			program("path/bash", "#!/bin/sh\n", 0o755)
			Expect(warned(command)).To(BeEmpty())
		})
	}

	for _, bad := range []struct{ command, warning string }{
		{"nowhere --x", "found no program nowhere on PATH; expected one of the stack, of a buildpack of the push or, with its path, of the app"},
		{"java -jar x", "found no program java on PATH; expected one of the stack, of a buildpack of the push or, with its path, of the app"},
		{"data", "found no program data on PATH; expected one of the stack, of a buildpack of the push or, with its path, of the app"},
		{"A=b exec good.sh", "found a file good.sh in the app, and no program of this name on PATH; expected ./good.sh"},
		{"./none", "found no file ./none in the app; expected the program there, unless a buildpack that follows makes it"},
		{"bin/none", "found no file bin/none in the app; expected the program there, unless a buildpack that follows makes it"},
		{"/opt/none/agent", "found no file /opt/none/agent; expected a program of the stack"},
		{"./lib", "found a directory ./lib; expected a program"},
		{"./closed.sh", "found ./closed.sh without permission to execute it; expected chmod +x, or the interpreter in the command"},
		{"./windows.sh", `./windows.sh: found a script with Windows line endings, so Linux looks for the interpreter "/bin/sh\r"; expected one with line feeds alone: convert it with dos2unix, or set "* text eol=lf" in .gitattributes`},
		{"sh windows.sh", `windows.sh: found a script with Windows line endings, so Linux looks for the interpreter "/bin/sh\r"; expected one with line feeds alone: convert it with dos2unix, or set "* text eol=lf" in .gitattributes`},
		{"./page", "./page: found a page of HTML, as of a login or an error; expected a program for Linux, or a script that begins with #! and its interpreter"},
		{"./text", "./text: found text without #! and an interpreter in its first line; expected a first line such as #!/bin/sh"},
		{"./python", `./python: found the interpreter "/usr/lib/no", which is not here; expected one of the stack`},
		{"./env", "./env: found no program nowhere on PATH, which its first line asks for; expected one of the stack or of a buildpack"},
	} {
		it("warns of "+bad.command, func() { Expect(warned(bad.command)).To(Equal(bad.warning)) })
	}

	it("looks where the command runs", func() {
		s.write("buildpack/bin/"+launch.SupervisorProgram, "the supervisor")
		Expect(warned("./good.sh", ", work-dir: lib")).To(BeEmpty())
		Expect(warned("./text", ", work-dir: lib")).To(HavePrefix("found no file ./text in the app"))
	})

	it("knows programs that other sidecars bring", func() {
		s.write("app/sidecars.yml", "- {name: config-server}\n- {name: agent, memory: 1M, command: config-server --x}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).NotTo(ContainSubstring("may not run"))
	})

	it("leaves the place of a file alone that is none", func() {
		Expect(syscall.Mkfifo(s.path("app/pipe"), 0o600)).To(Succeed())
		Expect(os.Symlink("/outside", s.path("app/link"))).To(Succeed())
		Expect(warned("./pipe")).To(BeEmpty())
		Expect(warned("./link")).To(BeEmpty())
	})

	context("when another buildpack follows", func() {
		it.Before(func() { Expect(os.MkdirAll(filepath.Dir(s.path("deps/2/x")), 0o755)).To(Succeed()) })

		it("does not warn of what language buildpacks bring", func() {
			for _, command := range []string{"java -jar x", "node x.js", "bundle exec x", "node_modules/.bin/x", "bin/built"} {
				Expect(warned(command)).To(BeEmpty(), command)
			}
		})

		it("warns of what none is known to bring", func() {
			Expect(warned("nowhere")).To(HavePrefix("found no program nowhere on PATH"))
			Expect(warned("./none")).To(HavePrefix("found no file ./none in the app"))
		})
	})

	it("looks for no program where there is no PATH", func() {
		s.environ = nil
		Expect(warned("nowhere")).To(BeEmpty())
	})
}
