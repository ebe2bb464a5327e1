package supply_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// testNode is about the memory of small Node.js processes.
func testNode(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *process
	)

	it.Before(func() {
		p = start(t)
		p.machine(16384)
		p.environ["MEMORY_LIMIT"] = "100m"
		p.command = "node app.js"
	})

	// node leaves a program that answers as node does, and says when it was asked.
	node := func(path, version string) {
		t.Helper()
		p.program(path)
		p.write(path, fmt.Sprintf("#!/bin/sh\nif [ \"$*\" = --version ] && [ -z \"${NODE_OPTIONS-}\" ]; then echo >>'%s' && echo '%s'; else exit 9; fi\n", p.path("asked"), version))
		Expect(os.Chmod(p.path(path), 0o755)).To(Succeed())
	}
	options := func() string {
		t.Helper()
		return p.run().changed()["NODE_OPTIONS"]
	}

	context("limits semi-spaces where NODE_OPTIONS may, since an older Node.js does not start with the option", func() {
		for version, expected := range testtable.Sorted(map[string]string{
			"v8.17.0": "--max-old-space-size=44", "v16.20.2": "--max-old-space-size=44", "v18.9.1": "--max-old-space-size=44", "v18.12.1": "--max-old-space-size=44",
			"v19.1.0": "--max-old-space-size=44", "": "--max-old-space-size=44", "20.1.0": "--max-old-space-size=44", "Node 20": "--max-old-space-size=44",
			"v18.13.0": "--max-old-space-size=44 --max-semi-space-size=1", "v18.20.8": "--max-old-space-size=44 --max-semi-space-size=1",
			"v19.2.0": "--max-old-space-size=44 --max-semi-space-size=1", "v20.0.0": "--max-old-space-size=44 --max-semi-space-size=1",
			"v21.7.3": "--max-old-space-size=44 --max-semi-space-size=1", "v22.0.0": "--max-old-space-size=36 --max-semi-space-size=1",
			"v24.22.3": "--max-old-space-size=36 --max-semi-space-size=1", "v30.0.0-pre": "--max-old-space-size=36 --max-semi-space-size=1",
		}) {
			it(fmt.Sprintf("version %q", version), func() {
				for _, shell := range shells {
					p.shell(shell)
					node("tools/node", version)
					Expect(options()).To(Equal(expected))
					p.environ["NODE_OPTIONS"] = "--require ./agent.js"
					Expect(options()).To(Equal(expected + " --require ./agent.js"))
					delete(p.environ, "NODE_OPTIONS")
				}
			})
		}
	})

	it("gives semi-spaces less than a large container would, and leaves room for them from 512 MB on", func() {
		node("tools/node", "v20.20.2")
		for limit, expected := range map[string]string{
			"16m": "--max-old-space-size=16 --max-semi-space-size=1", "64m": "--max-old-space-size=16 --max-semi-space-size=1", "191m": "--max-old-space-size=95 --max-semi-space-size=1",
			"192m": "--max-old-space-size=96 --max-semi-space-size=4", "512m": "--max-old-space-size=256 --max-semi-space-size=4", "513m": "--max-old-space-size=256",
		} {
			p.environ["MEMORY_LIMIT"] = limit
			Expect(options()).To(Equal(expected), limit)
		}
		p.machine(512)
		p.environ["MEMORY_LIMIT"] = "384m"
		Expect(options()).To(Equal("--max-old-space-size=192"), "by itself it takes no more in this container")
	})

	for _, before := range []string{"set -eu", "set -f", "set -C", "set -a", "IFS=", "IFS=n", "IFS=/", "trap 'exit 1' EXIT; trap - EXIT", "alias node=false", "node() { return 1; }"} {
		it("finds the command's node, whatever an earlier script has set: "+before, func() {
			node("tools/node", "v22.1.0")
			node("deps/1/node/bin/node", "v20.1.0")
			for _, shell := range shells {
				p.shell(shell)
				p.before = before
				Expect(options()).To(Equal("--max-old-space-size=36 --max-semi-space-size=1"), shell)
			}
		})
	}

	it("asks no program where nothing depends on its version", func() {
		node("tools/node", "v24.22.3")
		p.environ["MEMORY_LIMIT"] = "768m"
		Expect(options()).To(Equal("--max-old-space-size=384"))
		p.environ["MEMORY_LIMIT"], p.command = "100m", "./agent"
		Expect(options()).To(Equal("--max-old-space-size=44"), "an agent may have an old one built in")
		Expect(p.path("asked")).NotTo(BeAnExistingFile())
	})

	for _, place := range []struct{ path, command string }{
		{"deps/1/bin/node", "npm start"}, {"deps/1/node/bin/node", "exec node app.js"}, {"app/node_modules/node/bin/node", "npm start"},
		{"app/.nvm/versions/node/v20/bin/node", "yarn start"}, {"app/own/node", "$HOME/own/node app.js"}, {"app/own/node", `"$DEPS_DIR/0/bin/supervise" a -- bash -c 'cd x; "${HOME}/own/node" app.js'`},
		{"deps/0/packages/a/node", `"$DEPS_DIR/0/packages/a/node" app.js`}, {"own dir/node", "(cd x && ../node/bin/node app.js)"},
	} {
		it("finds the node of "+place.command+" in "+place.path, func() {
			for _, shell := range shells {
				p.shell(shell)
				p.command = place.command
				node("tools/node", "v18.20.8")
				node(place.path, "v22.1.0")
				expected := "--max-old-space-size=36 --max-semi-space-size=1"
				if strings.Contains(place.path, " ") {
					expected = "--max-old-space-size=44 --max-semi-space-size=1" // not looked for
				}
				Expect(options()).To(Equal(expected))
				node(place.path, "v18.12.1")
				if !strings.Contains(place.path, " ") {
					Expect(options()).To(Equal("--max-old-space-size=44"), "one of the two would not start")
				}
			}
		})
	}

	for path, script := range testtable.Sorted(map[string]string{
		"app/agent": "#!/usr/bin/env node\nconsole.log(1)\n", "app/start.sh": "cd x\nexec node app.js\n", "app/run": "#!/bin/sh\n\"$HOME/bin/node\" app.js\n",
		"app/npm-start": "#!/bin/bash\nset -e\nnpm start\n", "deps/0/bin/tool": "#!/opt/node/bin/node\n",
	}) {
		it("sees that the script "+path+" starts a node", func() {
			node("tools/node", "v20.20.2")
			for _, shell := range shells {
				p.shell(shell)
				p.write(path, script)
				p.command = "./" + filepath.Base(path)
				if strings.HasPrefix(path, "deps") {
					p.command = `"$DEPS_DIR/0/bin/tool" --flag`
				} else {
					p.command = "exec $HOME/" + filepath.Base(path)
				}
				Expect(options()).To(Equal("--max-old-space-size=44 --max-semi-space-size=1"), shell)
			}
		})
	}

	it("leaves a size of semi-spaces that the user has set, and takes back nothing but its own", func() {
		node("tools/node", "v22.1.0")
		p.write("lift.sh", "_sidecars_limits=lift\n")
		for _, shell := range shells {
			p.shell(shell)
			p.before = ""
			p.environ["NODE_OPTIONS"] = "--max-semi-space-size=1"
			Expect(options()).To(Equal("--max-old-space-size=36 --max-semi-space-size=1"))
			p.before = p.source() + "\n. '" + p.path("lift.sh") + "'"
			for _, limit := range []string{"64m", "100m", "200m"} {
				p.environ["MEMORY_LIMIT"], p.environ["NODE_OPTIONS"] = limit, "--no-warnings"
				Expect(options()).To(Equal("--no-warnings"))
				delete(p.environ, "NODE_OPTIONS")
				Expect(options()).To(Equal("unset"))
			}
			p.environ["MEMORY_LIMIT"] = "100m"
		}
	})

	it("keeps a real Node.js that serves requests within its reservation, in a large container", func() {
		program, err := exec.LookPath("node")
		if err != nil {
			Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs Node.js")
			t.Skip("no Node.js on this machine")
		}
		version, err := exec.Command(program, "--version").Output()
		Expect(err).NotTo(HaveOccurred())
		var major, minor, limit int
		_, err = fmt.Sscanf(string(version), "v%d.%d", &major, &minor)
		Expect(err).NotTo(HaveOccurred())
		if limit = 64; major >= 22 {
			limit = 80
		}
		if major < 18 || major == 18 && minor < 13 || major == 19 && minor < 2 {
			t.Skip("this Node.js takes no size of semi-spaces in NODE_OPTIONS")
		}
		busy, err := filepath.Abs("../integration/testdata/runtimes/node/busy.js")
		Expect(err).NotTo(HaveOccurred())
		p.environ["MEMORY_LIMIT"] = strconv.Itoa(limit) + "m"
		p.environ["PATH"] += ":" + filepath.Dir(program)
		p.output = []string{program, busy, "2000", "2"}
		p.command = "node busy.js"
		printed := p.run().printed
		var resident, heap int
		_, err = fmt.Sscanf(printed, "node "+strings.TrimSpace(string(version))+": resident %d MB, heap limit %d MB", &resident, &heap)
		Expect(err).NotTo(HaveOccurred(), printed)
		Expect(heap).To(Equal(16 + 3))
		Expect(resident).To(BeNumerically("<=", limit))
	})

	context("at staging", func() {
		var s *staging

		it.Before(func() {
			s = stage(t, "0")
			s.write("buildpack/bin/supervise", "the program")
		})

		warnings := func(sidecars string) string {
			t.Helper()
			s.write("app/sidecars.yml", sidecars)
			s.write("app/script", "#!/usr/bin/env node\n")
			Expect(os.Chmod(s.path("app/script"), 0o755)).To(Succeed())
			Expect(s.run()).To(Succeed())
			return s.log.String()
		}

		it("warns of a reservation that no Node.js keeps to", func() {
			for _, command := range []string{"node app.js", "exec /usr/bin/node app.js", "cd x && npm start", `bash -c "node app.js"`, "./script --flag", "A=b npx tool"} {
				Expect(warnings(fmt.Sprintf("- {name: agent, command: %q, memory: 63M}\n", command))).To(
					ContainSubstring("Sidecar agent runs Node.js and reserves 63M: Node.js stays within 64M and more, version 22 and newer within 80M and more; reserve that much\n"), command)
			}
		})

		it("warns of one that newer versions do not keep to, and of what comes of it", func() {
			Expect(warnings("- {name: agent, command: node a.js, memory: 64M, enforce-memory: true}\n")).To(
				ContainSubstring("Sidecar agent runs Node.js and reserves 64M: version 22 and newer of Node.js stay within 80M and more; with one of these, reserve that much, or enforce-memory ends it again and again\n"))
		})

		it("warns of nothing where there is room, nothing is reserved, or something else runs", func() {
			for _, sidecars := range []string{
				"- {name: agent, command: node a.js, memory: 80M}", "- {name: agent, command: node a.js}", "- {name: agent, command: ./agent --name node, memory: 8M}",
				"- {name: agent, command: ./node-exporter, memory: 8M}", "- {name: agent, command: echo node, memory: 8M}",
			} {
				Expect(warnings(sidecars)).NotTo(ContainSubstring("Node.js"), sidecars)
			}
		})
	})
}
