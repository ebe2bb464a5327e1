package integration_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testRuntimes looks at what the JVM, Node.js and Go believe they may use, as app
// and as sidecars of one container.
func testRuntimes(t *testing.T, context spec.G, it spec.S) {
	const (
		container = 1024 // MB
		forApp    = 448  // MB, what the sidecars' reservations leave
		web       = "APP/PROC/WEB/0"
	)
	var Expect = NewWithT(t).Expect

	sidecarsOfEach := []struct {
		name, command, source string
		reserved              int // MB
	}{
		{"java", "java Limits", "APP/PROC/WEB/SIDECAR/JAVA/0", 256},
		{"node", "node limits.js", "APP/PROC/WEB/SIDECAR/NODE/0", 192},
		{"go", "./limits", "APP/PROC/WEB/SIDECAR/GO/0", 128},
	}
	node, golang := sidecarsOfEach[1].source, sidecarsOfEach[2].source

	it.Before(func() {
		need(t, "java", "javac", "node")
	})

	// push starts an app with a sidecar of each runtime.
	push := func(app string, reserved bool, environment []string, args ...string) *session {
		t.Helper()
		var sidecars strings.Builder
		for _, p := range sidecarsOfEach {
			fmt.Fprintf(&sidecars, "- name: %s\n  command: exec %s\n", p.name, p.command)
			if reserved {
				fmt.Fprintf(&sidecars, "  memory: %dM\n", p.reserved)
			}
		}
		directory := runtimesApp(t, map[string]string{
			"Procfile":     "web: exec " + app,
			"sidecars.yml": sidecars.String(),
			"manifest.yml": fmt.Sprintf("applications:\n- name: limits\n  memory: %dM\n  health-check-type: process\n  env: {%s}\n", container, strings.Join(environment, ", ")),
		})
		return sidecar(t, directory, append([]string{"push"}, args...)...)
	}
	alone := []string{"-b", "sidecar_buildpack"}
	// believed is what a process says that it may use, and its MEMORY_LIMIT, in MB.
	believed := func(s *session, source string) (takes, limit int) {
		t.Helper()
		line := regexp.MustCompile(`\[` + source + `\] OUT \w+ \S+: limit (none|\d+ MB), MEMORY_LIMIT (\d+)m\n`)
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(line.String()), func() string { return s.log() + string(s.Err.Contents()) })
		match := line.FindStringSubmatch(s.log())
		return megabytes(t, match[1]), megabytes(t, match[2])
	}
	// expectWithin makes sure that app and sidecars together stay in the container.
	expectWithin := func(s *session) {
		t.Helper()
		sum, limit := believed(s, web)
		Expect(limit).To(Equal(forApp), "CF-22")
		Expect(sum).To(And(BeNumerically(">", 0), BeNumerically("<=", limit)))
		for _, p := range sidecarsOfEach {
			takes, limit := believed(s, p.source)
			Expect(limit).To(Equal(p.reserved), "%s (CF-23)", p.name)
			Expect(takes).To(And(BeNumerically(">", 0), BeNumerically("<=", limit)), p.name)
			sum += takes
		}
		Expect(sum).To(BeNumerically("<=", container))
	}

	for _, app := range []string{"java Limits", "node limits.js", "./limits"} {
		it("keeps app and sidecars within the container with the reservation: "+app, func() {
			s := push(app, true, nil, alone...)
			expectWithin(s)
			s.stop()
		})
	}

	it("keeps them there before and after another buildpack that makes use of what it supplies (CF-16)", func() {
		for _, order := range [][]string{{"-b", "sidecar_buildpack", "-b", buildpack("profile")}, {"-b", buildpack("profile"), "-b", "sidecar_buildpack"}} {
			s := push("java Limits", true, nil, order...)
			expectWithin(s)
			s.stop()
		}
	})

	it("lets them believe in more than there is without the reservation (CF-22, CF-23)", func() {
		s := push("java -XX:MaxRAMPercentage=75 Limits", false, nil, alone...)
		sum, limit := believed(s, web)
		Expect(limit).To(Equal(container), "the app's memory knows nothing of the sidecars")
		for _, p := range sidecarsOfEach {
			takes, limit := believed(s, p.source)
			Expect(limit).To(Equal(container), p.name)
			Expect(takes).To(And(BeNumerically(">", 0), BeNumerically("<=", limit)), p.name)
			sum += takes
		}
		Expect(sum).To(BeNumerically(">", container))
		s.stop()
	})

	it("changes nothing where it is switched off", func() {
		s := push("./limits", true, []string{"SIDECARS_RUNTIME_LIMITS: 'off'"}, alone...)
		for _, source := range []string{web, golang} {
			takes, _ := believed(s, source)
			Expect(takes).To(Equal(unlimited))
		}
		s.stop()
	})

	// G1's heap is what it was told to the megabyte; others keep a part back.
	for _, jvm := range []struct {
		name, options string
		heap          int // MB
	}{
		{"leaves a heap on the command line, as the Java buildpack computes it", "-XX:ReservedCodeCacheSize=64M -Xmx300M -Xss512K", 300},
		{"makes a share on the command line one of the app's own memory", "-XX:MaxRAMPercentage=75", forApp * 3 / 4},
	} {
		it(jvm.name, func() {
			s := push("java -XX:+UseG1GC "+jvm.options+" Limits", true, nil, alone...)
			takes, _ := believed(s, web)
			Expect(takes).To(Equal(jvm.heap))
			s.stop()
		})
	}

	it("leaves what the app's developer has set", func() {
		s := push("java Limits", true,
			[]string{`JAVA_TOOL_OPTIONS: "-Xmx200M -XX:+UseG1GC"`, `NODE_OPTIONS: "--max-old-space-size=300"`, `GOMEMLIMIT: 77MiB`}, alone...)
		takes, _ := believed(s, web)
		Expect(takes).To(Equal(200))
		takes, _ = believed(s, node)
		Expect(takes).To(BeNumerically("~", 350, 50), "for old objects, and some more for the young ones")
		takes, _ = believed(s, golang)
		Expect(takes).To(Equal(77))
		s.stop()
	})

	// The MB that are reserved make the script say what Node.js would find out.
	for _, size := range []int{1024, 8192, 15 << 10, 16 << 10} {
		it(fmt.Sprintf("tells Node.js what it takes by itself in a container of %d MB", size), func() {
			var takes [2]int
			for i, reserved := range []string{"", "  memory: 1M\n"} {
				directory := runtimesApp(t, map[string]string{
					"Procfile":     "web: exec node limits.js",
					"sidecars.yml": "- name: beside\n  command: sleep infinity\n" + reserved,
					"manifest.yml": fmt.Sprintf("applications:\n- name: limits\n  memory: %dM\n  health-check-type: process\n", size),
				})
				s := sidecar(t, directory, "push", "-b", "sidecar_buildpack", "--lifecycle", limitMemory(t, size).lifecycle())
				var limit int
				takes[i], limit = believed(s, web)
				Expect(limit).To(Equal(size - i))
				s.stop()
			}
			Expect(takes[1]).To(BeNumerically("~", takes[0], 4))
		})
	}

	it("measures it for the documentation", func() {
		s := start(t, built.root, nil, exec.Command(filepath.Join(built.root, "scripts", "runtime-limits.sh")))
		s.await()
		Expect(s.ExitCode()).To(Equal(0), func() string { return s.log() + string(s.Err.Contents()) })
		s.expectNothingLeft()

		rows := table(s.log())
		documented, err := os.ReadFile(filepath.Join(built.root, "docs", "memory.md"))
		Expect(err).NotTo(HaveOccurred())
		Expect(rows).To(HaveLen(2 + 3*5))
		_, measured, _ := strings.Cut(string(documented), "## Measured")
		Expect(table(measured)).To(HaveLen(len(rows)))
		Expect(table(measured)[:2]).To(Equal(rows[:2]), "the table in the documentation has other columns")
		const (
			plainLimit = 1 + iota
			plain
			reservedLimit
			switchedOff
			reserved
		)
		for i, row := range rows[2:] {
			if row[0] != "together" {
				Expect(row[plainLimit]).To(Equal("1024m"))
				Expect(megabytes(t, row[reserved])).To(BeNumerically("<=", megabytes(t, row[reservedLimit])), strings.Join(row, " "))
				continue
			}
			app := rows[2+i-4]
			Expect(megabytes(t, row[plain])).To(BeNumerically(">", container), app[0])
			Expect(row[switchedOff]).To(Equal("no limit"), app[0])
			Expect(megabytes(t, row[reserved])).To(BeNumerically("<=", container), app[0])
		}
	})
}

// table is the first table of a Markdown document, by rows and cells.
func table(document string) [][]string {
	var rows [][]string
	for _, line := range strings.Split(document, "\n") {
		if !strings.HasPrefix(line, "|") {
			if rows != nil {
				break
			}
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

// unlimited is what a runtime believes that knows no limit.
const unlimited = -1

// megabytes reads a size in MB, such as 448m or 448 MB, or none.
func megabytes(t *testing.T, text string) int {
	t.Helper()
	if text == "none" {
		return unlimited
	}
	value, err := strconv.Atoi(strings.TrimRight(text, " mMB"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return value
}

// runtimePrograms compiles the programs of testdata/runtimes, once for all specs,
// into a directory that goes with the suite.
var runtimePrograms = sync.OnceValues(func() (string, error) {
	directory := filepath.Join(filepath.Dir(built.sidecar), "runtimes")
	if err := os.Mkdir(directory, 0o755); err != nil {
		return "", err
	}
	source := filepath.Join(built.root, "integration", "testdata", "runtimes")
	for _, command := range [][]string{
		{"go", "build", "-buildvcs=false", "-o", filepath.Join(directory, "limits"), "./integration/testdata/runtimes/go"},
		{"javac", "-d", directory, filepath.Join(source, "java", "Limits.java")},
		{"cp", filepath.Join(source, "node", "limits.js"), directory},
	} {
		build := exec.Command(command[0], command[1:]...)
		build.Dir = built.root
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("failed to run %s: %w: %s", command[0], err, output)
		}
	}
	return directory, nil
})

// runtimesApp writes an app whose directory holds the programs limits, Limits and
// limits.js.
func runtimesApp(t *testing.T, files map[string]string) string {
	t.Helper()
	programs, err := runtimePrograms()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	directory := app(t, files)
	NewWithT(t).Expect(os.CopyFS(directory, os.DirFS(programs))).To(Succeed())
	return directory
}
