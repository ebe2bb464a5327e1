package supply_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testProfileContainer compares the limits with those of the container and of real runtimes.
func testProfileContainer(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *process
	)

	it.Before(func() {
		p = start(t)
	})

	context("the container", func() {
		const half = "-XX:MaxRAMPercentage=12.5000" // of 1024 MB, for the JVM that takes a quarter of 512m

		it.Before(func() {
			p.machine(16384)
			p.environ["MEMORY_LIMIT"] = "512m"
		})

		for _, container := range []struct{ membership, path, limit string }{
			{"0::/\n", "sys/fs/cgroup/memory.max", "1073741824\n"},
			{"", "sys/fs/cgroup/memory.max", "1073741824"},
			{"0::/a b/c\n", "sys/fs/cgroup/a b/c/memory.max", "1073741824\n"},
			{"0::/a/b/c\n", "sys/fs/cgroup/a/memory.max", "1073741824\n"},
			{"5:cpu:/x\n4:memory:/garden/x\n", "sys/fs/cgroup/memory/garden/x/memory.limit_in_bytes", "1073741824\n"},
			{"4:memory:/garden/x\n0::/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n"},
		} {
			it(fmt.Sprintf("has a limit: %q in %s", container.membership, container.path), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.write("machine/proc/self/cgroup", container.membership)
					p.write("machine/"+container.path, container.limit)
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", half))
				}
			})
		}

		for _, limit := range []string{"max\n", "", "\n", "-1", "0", "9223372036854771712\n", "9223372036854775807\n", "99999999999999999999999999\n", "1e9", "17179869185"} {
			it(fmt.Sprintf("has no limit that is one: %q", limit), func() {
				for _, shell := range shells {
					p.shell(shell)
					p.write("machine/proc/self/cgroup", "0::/x\n")
					p.write("machine/sys/fs/cgroup/x/memory.max", limit)
					Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=0.7812"))
				}
			})
		}

		it("has the lowest of several limits", func() {
			p.write("machine/proc/self/cgroup", "0::/a/b\n")
			p.write("machine/sys/fs/cgroup/memory.max", "8589934592")
			p.write("machine/sys/fs/cgroup/a/memory.max", "1073741824")
			p.write("machine/sys/fs/cgroup/a/b/memory.max", "2147483648")
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", half))
		})

		for _, limit := range []string{"1g", "1025m", "64g", "9999999g"} {
			it("has no more to give than it has itself: "+limit, func() {
				for _, shell := range shells {
					p.shell(shell)
					p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
					p.machine(1024)
					p.environ["MEMORY_LIMIT"] = limit
					Expect(p.run().changed()).To(Equal(map[string]string{
						"JAVA_TOOL_OPTIONS": "-XX:MaxRAM=1024m", "GOMEMLIMIT": "943718KiB", "DOTNET_GCHeapHardLimit": "0x30000000",
					}))
				}
			})
		}

		it("is a large one", func() {
			for _, shell := range shells {
				p.shell(shell)
				p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
				p.machine(1 << 34)
				for _, limit := range []struct{ limit, jvm, node, golang, dotnet string }{
					{"4095m", "4095", "2047", "3773952", "bff40000"},
					{"8192m", "8192", "2048", "7549747", "180000000"},
					{"15871m", "15871", "2048", "14626713", "2e7f40000"},
					{"15872m", "15872", "4096", "14627635", "2e8000000"},
					{"16g", "16384", "4096", "15099494", "300000000"},
					{"9999999m", "9999999", "4096", "9215999078", "7270df40000"},
					{"9999999g", "10239998976", "4096", "9437183056281", "1c9c37d0000000"},
				} {
					p.environ["MEMORY_LIMIT"] = limit.limit
					Expect(p.run().changed()).To(Equal(map[string]string{
						"JAVA_TOOL_OPTIONS": "-XX:MaxRAM=" + limit.jvm + "m", "NODE_OPTIONS": "--max-old-space-size=" + limit.node,
						"GOMEMLIMIT": limit.golang + "KiB", "DOTNET_GCHeapHardLimit": "0x" + limit.dotnet,
					}))
				}
			}
		})

		it("has no more than MEMORY_LIMIT: a JVM that is told a share, and Node.js, see that much themselves", func() {
			p.machine(512)
			Expect(p.run().changed()).To(SatisfyAll(HaveLen(2), Not(HaveKey("JAVA_TOOL_OPTIONS")), Not(HaveKey("NODE_OPTIONS"))))
			p.machine(513)
			Expect(p.run().changed()).To(HaveLen(4))
		})

		it("is unknown: a JVM is told what needs no knowledge of it", func() {
			Expect(os.RemoveAll(p.path("machine/proc"))).To(Succeed())
			Expect(p.run().changed()).To(SatisfyAll(HaveLen(3), Not(HaveKey("JAVA_TOOL_OPTIONS"))))
			p.jvm("deps/1/jre", `JAVA_VERSION="17.0.9"`)
			Expect(p.run().changed()).To(HaveKeyWithValue("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=512m"))
		})
	})

	// There is no .NET in this context: what it does with the variable is not shown
	// here, only what the variable is.

	context("real runtimes", func() {
		for _, home := range javaHomes() {
			release, _ := os.ReadFile(filepath.Join(home, "release"))
			version := regexp.MustCompile(`JAVA_VERSION="[^"]*"`).FindString(string(release))

			context("java with "+version, func() {
				// The heap that the JVM takes with these options on its command line.
				heap := func(options ...string) int {
					p.output = append([]string{filepath.Join(home, "bin/java"), "-XX:+PrintFlagsFinal"}, append(options, "-version")...)
					flag := regexp.MustCompile(`(?m)^ *size_t +MaxHeapSize += ([0-9]+) `).FindStringSubmatch(p.run().printed)
					Expect(flag).To(HaveLen(2))
					bytes, err := strconv.Atoi(flag[1])
					Expect(err).NotTo(HaveOccurred())
					return bytes
				}
				known := func() { p.environ["JAVA_HOME"] = home }
				hidden := func() { delete(p.environ, "JAVA_HOME") }
				const mb = 1 << 20

				for _, size := range []struct {
					limit string
					heap  int
				}{{"64m", 32 * mb}, {"128m", 64 * mb}, {"200m", 100 * mb}, {"248m", 124 * mb}, {"768m", 192 * mb}, {"1g", 256 * mb}} {
					it("takes what it would take in a container of "+size.limit+", found or not", func() {
						p.environ["MEMORY_LIMIT"] = size.limit
						known()
						Expect(heap()).To(Equal(size.heap))
						hidden()
						Expect(heap()).To(Equal(size.heap))
					})
				}

				it("takes the same, found or not, at the bound between little memory and much", func() {
					for _, limit := range []string{"249m", "250m", "400m", "499m", "500m", "501m"} {
						p.environ["MEMORY_LIMIT"] = limit
						known()
						found := heap()
						hidden()
						Expect(heap()).To(Equal(found), limit)
						Expect(found).To(BeNumerically("~", 124.8*mb, 2*mb), limit)
					}
				})

				it("never takes more than it would by itself, and starts, whatever the limit", func() {
					p.environ["SIDECARS_RUNTIME_LIMITS"] = "off"
					own := heap()
					delete(p.environ, "SIDECARS_RUNTIME_LIMITS")
					for _, limit := range []string{"1m", "4m", "8m", "2g", "16g", "1000g", "9999999g"} {
						p.environ["MEMORY_LIMIT"] = limit
						known()
						Expect(heap()).To(BeNumerically("<=", own), limit)
						hidden()
						Expect(heap()).To(BeNumerically("<=", own), limit)
					}
				})

				it("takes the heap that the Java buildpack or the user states on the command line", func() {
					for _, find := range []func(){known, hidden} {
						find()
						Expect(heap("-Xmx300m")).To(Equal(300 * mb))
						Expect(heap("-XX:MaxHeapSize=300m")).To(Equal(300 * mb))
						Expect(heap("-Xms400m")).To(Equal(400 * mb))
						Expect(heap("-Xms100m")).To(Equal(192 * mb))
						p.environ["JAVA_TOOL_OPTIONS"] = "-Xmx300m"
						Expect(heap()).To(Equal(300 * mb))
						Expect(heap("-Xmx200m")).To(Equal(200 * mb))
						delete(p.environ, "JAVA_TOOL_OPTIONS")
						p.environ["_JAVA_OPTIONS"] = "-Xmx300m"
						Expect(heap("-Xmx200m")).To(Equal(300 * mb))
						delete(p.environ, "_JAVA_OPTIONS")
					}
				})

				it("starts with a soft maximum that is above the heap it would be given", func() {
					for _, find := range []func(){known, hidden} {
						find()
						p.command = "java -XX:SoftMaxHeapSize=300m -jar app.jar"
						Expect(heap("-XX:SoftMaxHeapSize=300m")).To(BeNumerically(">=", 300*mb))
						p.environ["JAVA_TOOL_OPTIONS"] = "-XX:SoftMaxHeapSize=300m"
						Expect(heap()).To(BeNumerically(">=", 300*mb))
						delete(p.environ, "JAVA_TOOL_OPTIONS")
					}
				})

				it("takes the share that the user states, found: of MEMORY_LIMIT; not found: of what it sees", func() {
					p.environ["SIDECARS_RUNTIME_LIMITS"] = "off"
					own := heap("-XX:MaxRAMPercentage=20")
					delete(p.environ, "SIDECARS_RUNTIME_LIMITS")
					hidden()
					Expect(heap("-XX:MaxRAMPercentage=20")).To(Equal(own)) // on a command line that the script does not see
					p.environ["JAVA_TOOL_OPTIONS"] = "-XX:MaxRAMPercentage=20"
					Expect(heap()).To(Equal(own))

					if major, err := strconv.Atoi(regexp.MustCompile(`[0-9]+`).FindString(version)); err == nil && major <= 25 {
						known()
						Expect(heap()).To(BeNumerically("~", 768*mb/5, 2*mb))
						delete(p.environ, "JAVA_TOOL_OPTIONS")
						Expect(heap("-XX:MaxRAMPercentage=50")).To(Equal(384 * mb))
					}
				})
			})
		}

		it("are there: a JVM, at least where CI is true", func() {
			if len(javaHomes()) == 0 {
				Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs a JVM")
				t.Skip("no JVM on this machine")
			}
		})

		// The Node.js of this machine.
		lookNode := func() string {
			node, err := exec.LookPath("node")
			if err != nil {
				Expect(os.Getenv("CI")).NotTo(Equal("true"), "CI needs Node.js")
				t.Skip("no Node.js on this machine")
			}
			return node
		}

		for _, app := range []struct{ limit, live string }{{"100m", "25"}, {"128m", "40"}, {"160m", "55"}} {
			it("Node.js holds "+app.live+" MB of its own in "+app.limit, func() {
				p.write("app/hold.js", `
const numbers = Array.from({ length: 2048 }, (_, i) => i + 0.5); // 16 KB
const held = Array.from({ length: process.argv[2] * 64 }, () => numbers.slice());
for (let i = 0; i < 20000; i++) held[i % held.length] = numbers.slice();
`)
				p.environ["MEMORY_LIMIT"] = app.limit
				p.output = []string{lookNode(), p.path("app/hold.js"), app.live}
				Expect(p.run().changed()).To(HaveKey("NODE_OPTIONS")) // run expects it to end with 0
			})
		}

		it("Node.js takes half", func() {
			node := lookNode()
			// The heap in MB that Node.js takes with this command.
			heap := func(options ...string) float64 {
				p.output = append(append([]string{node}, options...), "-p", "v8.getHeapStatistics().heap_size_limit / 1048576")
				p.command = strings.Join(p.output, " ")
				mb, err := strconv.ParseFloat(strings.TrimSpace(p.run().printed), 64)
				Expect(err).NotTo(HaveOccurred())
				return mb
			}
			const young = 128 // the most that it has in addition to old objects
			between := func(old float64) OmegaMatcher {
				return SatisfyAll(BeNumerically(">=", old), BeNumerically("<=", old+young))
			}
			Expect(heap()).To(between(384))
			p.environ["MEMORY_LIMIT"] = "1g"
			Expect(heap()).To(between(512))
			Expect(heap("--max-old-space-size=200")).To(between(200))
			Expect(heap("--max_old_space_size=900")).To(between(900))
			Expect(heap("--max-heap-size=300")).To(BeNumerically("~", 300, 1))
			p.environ["NODE_OPTIONS"] = "--no-warnings"
			Expect(heap()).To(between(512))
			p.environ["NODE_OPTIONS"] = "--max-old-space-size=200"
			Expect(heap()).To(between(200))
		})

		it("a Go program takes nine tenths", func() {
			p.write("limit/main.go", "package main\n\nimport \"runtime/debug\"\n\nfunc main() { print(debug.SetMemoryLimit(-1)) }\n")
			p.write("limit/go.mod", "module limit\n")
			build := exec.Command("go", "build", "-buildvcs=false", "-o", "limit", ".")
			build.Dir = p.path("limit")
			build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
			Expect(build.CombinedOutput()).To(BeEmpty())

			p.output = []string{p.path("limit/limit")}
			Expect(p.run().printed).To(Equal(strconv.Itoa(768 * 9 * 1024 / 10 * 1024)))
			p.environ["GOMEMLIMIT"] = "100MiB"
			Expect(p.run().printed).To(Equal(strconv.Itoa(100 << 20)))
			p.environ["GOMEMLIMIT"] = "off"
			Expect(p.run().printed).To(Equal(strconv.Itoa(1<<63 - 1)))
		})
	})
}
