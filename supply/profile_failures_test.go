package supply_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testProfileFailures checks what the script does if it cannot read or find something.
func testProfileFailures(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *process
	)

	it.Before(func() {
		p = start(t)
	})

	context("failure cases", func() {
		for _, limit := range []string{
			"", "abc", "m", "g", "0m", "0g", "-5m", "+5m", "007m", "1.5g", "1,5g", "99999999999999999999m", "10000000m", "768", "768mb", "768MiB", "768k", "768t",
			" 768m", "768m ", "768 m", "768m\n", "768\nm", "7٦8m", "٧m", "７６８m", "²m", "1e3m", "0x10m", "$((1))m", "`exit`m", "*m", "?m", "[0-9]m", "a[0]m", "m768m", "\\768m", "'768'm",
		} {
			it(fmt.Sprintf("leaves the environment as it was: MEMORY_LIMIT=%q", limit), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.environ["MEMORY_LIMIT"] = limit
					Expect(p.run().changed()).To(BeEmpty())
				}
			})
		}

		it("leaves the environment as it was without MEMORY_LIMIT", func() {
			for _, shell := range shells {
				p.shell(shell)
				delete(p.environ, "MEMORY_LIMIT")
				p.before = "set -eu"
				Expect(p.run().changed()).To(BeEmpty())
			}
		})

		it("has only HOME, or nothing at all, to go by", func() {
			for _, shell := range shells {
				p.shell(shell)
				p.before = "set -eu"
				p.environ = map[string]string{"MEMORY_LIMIT": "768m", "HOME": "/"}
				Expect(p.run().changed()).To(HaveLen(4))
				p.environ = map[string]string{"MEMORY_LIMIT": "768m", "HOME": "", "DEPS_DIR": "", "JAVA_HOME": "", "PATH": ""}
				Expect(p.run().changed()).To(HaveLen(4))
				p.environ = map[string]string{"MEMORY_LIMIT": "768m"}
				Expect(p.run().changed()).To(HaveLen(4))
			}
		})

		it("does not wait for what is not a file", func() {
			for _, name := range []string{"deps/1/fifo", "deps/1/directory"} {
				p.program(name + "/bin/java")
			}
			Expect(syscall.Mkfifo(p.path("deps/1/fifo/release"), 0o600)).To(Succeed())
			Expect(os.Mkdir(p.path("deps/1/directory/release"), 0o755)).To(Succeed())
			Expect(syscall.Mkfifo(p.path("app/.profile"), 0o600)).To(Succeed())
			Expect(syscall.Mkfifo(p.path("app/app.runtimeconfig.json"), 0o600)).To(Succeed())
			Expect(os.Mkdir(p.path("app/package.json"), 0o755)).To(Succeed())
			for _, shell := range shells {
				p.shell(shell)
				Expect(p.run().changed()).To(HaveLen(4))
			}
		})

		it("reads nothing that it may not", func() {
			var unprivileged []string
			if os.Geteuid() == 0 { // root may read everything, unless it gives that up
				if _, err := exec.LookPath("setpriv"); err != nil {
					Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs setpriv")
					t.Skip("no setpriv on this machine")
				}
				unprivileged = []string{"setpriv", "--bounding-set=-dac_override,-dac_read_search"}
			}
			p.machine(16384)
			p.jvm("deps/1/jre", `JAVA_VERSION="17"`)
			p.write("app/.profile", "export GOMEMLIMIT=${GOMEMLIMIT:-200MiB}")
			for _, file := range []string{"deps/1/jre/release", "app/.profile"} {
				Expect(os.Chmod(p.path(file), 0)).To(Succeed())
			}
			for _, shell := range shells {
				p.shell(shell)
				program, err := exec.LookPath(p.argv[0])
				Expect(err).NotTo(HaveOccurred())
				p.argv = slices.Concat(unprivileged, []string{program}, p.argv[1:])
				Expect(p.run().changed()).To(SatisfyAll(HaveLen(4), HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=1.1718")))
			}
		})

		it("reads no large program that is called release", func() {
			p.write("app/bin/release", "")
			Expect(os.Truncate(p.path("app/bin/release"), 1<<36)).To(Succeed()) // more than can be read before the test gives up
			Expect(p.run().changed()).To(HaveLen(4))
		})

		it("bears the longest PATH there can be", func() {
			p.jvm("elsewhere", `JAVA_VERSION="17.0.9"`)
			p.environ["PATH"] += strings.Repeat(":/there/is/no/such/directory", 4500) + ":" + p.path("elsewhere/bin")
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=768m"))
		})

		it("does without readlink", func() {
			p.machine(16384)
			p.jvm("elsewhere", `JAVA_VERSION="17.0.9"`)
			Expect(os.Remove(p.path("tools/readlink"))).To(Succeed())
			Expect(os.Symlink("../elsewhere/bin/java", p.path("tools/java"))).To(Succeed())
			for _, shell := range shells {
				p.shell(shell)
				p.before = "set -eu"
				Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=1.1718"))
			}
		})
	})
}
